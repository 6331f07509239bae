import { TARGET_BYTES, TARGET_OFFSETS, TARGET_OUT } from "../../../build/structs.ts";
import { BLOCK_ROWS } from "../rows/row-source.ts";
import type { FitTools } from "./held-classes.ts";
import { packVectors } from "./packed-vectors.ts";

/** Logits of queries with a block of classes. */
export interface LogitBlock {
  /** The block's first class, and how many it has. */
  readonly first: number;
  readonly count: number;
  /** f32 (count, width). */
  readonly logitsPtr: number;
}

/** All classes in order, for queries f32 (width, dim), width a multiple of 8. What comes next overwrites a block. */
export function* logitBlocks(
  { kernels, arena, classes }: FitTools,
  queries: Float32Array,
  width: number,
): Generator<LogitBlock> {
  const { itemCount, dim, rowsPtr, biasesPtr } = classes;
  const own = arena.nest();
  const panelsPtr = packVectors(kernels, own, queries, width, dim);
  const logitsPtr = own.take(BLOCK_ROWS * width * 4);
  const targetPtr = own.struct(TARGET_BYTES, { [TARGET_OUT]: logitsPtr });
  for (let first = 0; first < itemCount; first += BLOCK_ROWS) {
    const count = Math.min(BLOCK_ROWS, itemCount - first);
    own.set(targetPtr, { [TARGET_OFFSETS]: biasesPtr + first * 4 });
    kernels.panelProducts(rowsPtr + first * dim * 4, panelsPtr, count, width, dim, targetPtr);
    yield { first, count, logitsPtr };
  }
}
