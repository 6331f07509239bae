import { PANEL_LINE_BYTES, PANEL_WIDTH } from "../../abi.ts";
import type { Arena } from "../runtime/arena.ts";
import type { TrainKernels } from "../runtime/kernels.ts";

/** Packs vectors, f32 (count, dim), into panels for `panelProducts` and returns their address. */
export function packVectors(
  kernels: TrainKernels,
  arena: Arena,
  vectors: Float32Array,
  count: number,
  dim: number,
): number {
  const panelsPtr = arena.take(Math.ceil(count / PANEL_WIDTH) * (dim + 1) * PANEL_LINE_BYTES);
  const vectorsPtr = arena.nest().take(vectors.byteLength);
  arena.f32(vectorsPtr, vectors.length).set(vectors);
  kernels.packPanels(vectorsPtr, count, dim, panelsPtr);
  return panelsPtr;
}
