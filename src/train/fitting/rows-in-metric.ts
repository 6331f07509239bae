import { TARGET_BYTES, TARGET_OFFSETS, TARGET_OUT } from "../../../build/structs.ts";
import { PANEL_WIDTH } from "../../abi.ts";
import { BLOCK_ROWS } from "../rows/row-source.ts";
import type { Arena } from "../runtime/arena.ts";
import type { TrainKernels } from "../runtime/kernels.ts";
import { type Metric, type MetricShape, metricRows } from "./metric.ts";
import { packVectors } from "./packed-vectors.ts";

/** Returns a function that maps up to BLOCK_ROWS rows, f32 (count, dim), from `fromPtr` into the metric, to `toPtr`. */
export function planIntoMetric(
  kernels: TrainKernels,
  arena: Arena,
  metric: Metric,
  shape: MetricShape,
): (fromPtr: number, count: number, toPtr: number) => void {
  const { dim } = shape;
  const width = Math.ceil(dim / PANEL_WIDTH) * PANEL_WIDTH;
  const panelsPtr = packVectors(kernels, arena, metricRows(metric, shape), dim, dim);
  const zerosPtr = arena.take(BLOCK_ROWS * 4);
  const widePtr = arena.take(BLOCK_ROWS * width * 4);
  const targetPtr = arena.struct(TARGET_BYTES, { [TARGET_OUT]: widePtr, [TARGET_OFFSETS]: zerosPtr });
  arena.f32(zerosPtr, BLOCK_ROWS).fill(0);
  return (fromPtr, count, toPtr) => {
    kernels.panelProducts(fromPtr, panelsPtr, count, dim, dim, targetPtr);
    const wide = arena.f32(widePtr, count * width);
    const rows = arena.f32(toPtr, count * dim);
    for (let i = 0; i < count; i++) rows.set(wide.subarray(i * width, i * width + dim), i * dim);
  };
}
