import { MAX_LENGTH } from "../../format/encoder.ts";
import type { ModelKernels } from "../model/kernels.ts";
import type { ModelShape } from "../model/shape.ts";
import type { Table, Tables } from "../model/tables.ts";
import { PURPOSE } from "../random/uniforms.ts";
import type { Arena } from "../runtime/arena.ts";
import { type BackRoom, type BlockBatch, type BlockParts, type BlockRoom, planBlock } from "./attention-block.ts";
import { planLayers } from "./attention-layer.ts";
import { planAttentionWindows } from "./attention-windows.ts";
import { planDropout } from "./dropout.ts";
import { type EncoderLayer, itemsOf, type Learning } from "./encoder-layer.ts";
import { spansOf } from "./loss.ts";
import type { BatchLimits } from "./windows.ts";

/** The places of the positions of any window. */
const ASCENDING = Int32Array.from({ length: MAX_LENGTH }, (_, place) => place);

/** Plans blocks of causal self-attention over the items and their positions. All rows are in the order of windows. */
export function planAttention(
  kernels: ModelKernels,
  arena: Arena,
  { dim, blocks = 1, heads = 1, length = 1 }: ModelShape,
  tables: Tables,
  { positions }: BatchLimits,
  learning?: Learning,
): EncoderLayer {
  const items = itemsOf(tables);
  const vectors = tables["attention.positions"] as Table;
  const ids = (): number => arena.take(positions * 4);
  const rows = (width = dim): number => arena.take((positions * width + 8) * 4);
  const [itemIds, targets, places] = [ids(), ids(), ids()];
  const [queries, gradients, added] = [rows(), learning ? rows() : 0, rows()];
  const drop = planDropout(kernels, arena, learning?.dropout ?? 0, learning?.seed ?? 0n);
  const layers = planLayers(kernels, arena, tables, { dim, blocks }, learning);
  const windows = planAttentionWindows(kernels, arena, { dim, heads }, Math.min(length, positions), learning);
  const back: BackRoom = learning
    ? { outer: rows(), inner: rows(), attended: rows(), products: rows(3 * dim) }
    : { outer: 0, inner: 0, attended: 0, products: 0 };
  const shared = { kernels, arena, layers, windows, drop, dim, back };
  // Without a backward pass the blocks take turns in the same room.
  const [inputs, planned] = learning ? planRooms(blocks) : planRooms(1);
  const last = layers.norm(2 * blocks, positions);
  const inputOf = (block: number): number => inputs[block % inputs.length] as number;

  function planRooms(count: number): [number[], BlockRoom[]] {
    const one = (): BlockRoom => ({
      ...{ queries: rows(), products: rows(3 * dim), attended: rows(), mixed: rows(), normed: rows(), inner: rows() },
    });
    return [Array.from({ length: count + 1 }, () => rows()), Array.from({ length: count }, one)];
  }

  const all = Array.from({ length: blocks }, (_, block) => {
    const parts: BlockParts = { ...shared, room: planned[block % planned.length] as BlockRoom };
    return planBlock(parts, block, positions);
  });

  /** Sets the inputs of the first block to the vectors of the items and of their positions. */
  const embed = (count: number, step: number | undefined): void => {
    kernels.gatherRows(items.values, itemIds, count, dim, inputOf(0));
    kernels.gatherRows(vectors.values, places, count, dim, added);
    kernels.addValues(inputOf(0), added, count * dim);
    if (step !== undefined) drop(inputOf(0), count * dim, PURPOSE.inputDropout, step);
  };

  return {
    ...{ queries, gradients, itemIds, targets, itemGradients: gradients },
    reset() {}, // no state goes from a window to the next
    carry() {},
    forward(packed, step) {
      const { length: count } = packed.inputs;
      const spans = spansOf(packed);
      arena.i32(itemIds, count).set(packed.byWindow.map((place) => packed.inputs[place] as number));
      arena.i32(targets, count).set(packed.targets);
      for (const { first, length: size } of spans) arena.i32(places + first * 4, size).set(ASCENDING.subarray(0, size));
      embed(count, step);
      const batch: BlockBatch = { spans, rows: count, step };
      for (const [block, { forward }] of all.entries()) forward(inputOf(block), inputOf(block + 1), batch);
      last.forward(inputOf(blocks), queries, count);
      if (learning) arena.f32(gradients, count * dim).fill(0);
    },
    backward(packed, step) {
      const { length: count } = packed.inputs;
      const batch: BlockBatch = { spans: spansOf(packed), rows: count, step };
      last.backward(inputOf(blocks), gradients, count);
      for (const [block, { backward }] of [...all.entries()].reverse()) backward(inputOf(block), gradients, batch);
      drop(gradients, count * dim, PURPOSE.inputDropout, step);
      kernels.scatterRows(learning?.gradientOf(vectors) ?? 0, places, count, dim, gradients);
    },
  };
}
