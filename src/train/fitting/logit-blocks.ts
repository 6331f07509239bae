import * as structs from "../../../build/structs.ts";
import { BLOCK_ROWS } from "../rows/row-source.ts";
import { packVectors } from "./packed-vectors.ts";
import type { FitTools } from "./resident-classes.ts";

/** Logits of a block of classes for a group of queries. */
export interface LogitBlock {
  /** The first class of the block and the number of its classes. */
  readonly first: number;
  readonly count: number;
  /** f32 (count, width). */
  readonly logitsPtr: number;
  /** The address of the Logits struct. */
  readonly address: number;
}

/** Yields the logits of all classes, in order, for queries f32 (width, dim). The next block overwrites the last. */
export function* logitBlocks(
  { kernels, arena, classes }: FitTools,
  queries: Float32Array,
  width: number,
): Generator<LogitBlock> {
  const { itemCount, dim, rowsPtr, biasesPtr } = classes;
  const nested = arena.nest();
  const panelsPtr = packVectors(kernels, nested, queries, width, dim);
  const logitsPtr = nested.take(BLOCK_ROWS * width * 4);
  const targetPtr = nested.struct(structs.TARGET_BYTES, { [structs.TARGET_OUT]: logitsPtr });
  const address = nested.struct(structs.LOGITS_BYTES, {
    [structs.LOGITS_VALUES]: logitsPtr,
    [structs.LOGITS_WIDTH]: width,
  });
  for (let first = 0; first < itemCount; first += BLOCK_ROWS) {
    const count = Math.min(BLOCK_ROWS, itemCount - first);
    nested.set(targetPtr, { [structs.TARGET_OFFSETS]: biasesPtr + first * 4 });
    kernels.panelProducts(rowsPtr + first * dim * 4, panelsPtr, count, width, dim, targetPtr);
    nested.set(address, { [structs.LOGITS_FIRST]: first, [structs.LOGITS_COUNT]: count });
    yield { first, count, logitsPtr, address };
  }
}
