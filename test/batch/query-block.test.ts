import { expect, test } from "vitest";
import { SEARCH_BYTES, SEARCH_TOP_COUNT } from "../../build/structs.ts";
import { BLOCK_SCORES, QUERY_BLOCK } from "../../src/abi.ts";
import { BLOCK_ROWS } from "../../src/answers/row-blocks.ts";
import { type BlockInstance, instantiateBatch } from "../../src/batch/block-instance.ts";
import { anyQuery, biases, INDEX_CASES, LARGE_LOGIT_CASES } from "../fixtures/index-cases.ts";
import { describeBuilds, type OpenedTiny } from "../fixtures/opened.ts";
import { openExact } from "../fixtures/opened-exact.ts";
import { tinyIndex } from "../fixtures/tiny-index.ts";
import { reference } from "../reference/index.ts";
import type { PreparedQuery } from "../reference/query.ts";
import type { Remainder } from "../reference/remainder.ts";
import type { Scored } from "../reference/topk.ts";
import { inTurn } from "../run/turns.ts";

// The kernels for a block of queries, beside plain code that takes one query after the other.

const WIDE = (["f32", "f16", "i8"] as const).map(
  (rows) =>
    [`4096 values, ${rows}`, tinyIndex({ itemCount: 9, dim: 4096, bits: 1, rows, bias: biases(9, 4) })] as const,
);
const CASES = [...INDEX_CASES, ...LARGE_LOGIT_CASES, ...WIDE];
const SIZES = [1, 2, 3, 4, 5, 8, 13, QUERY_BLOCK];
const KS = [0, 1, 5, 64];

describeBuilds("a block of queries", (modules) => {
  const instanceIn = ({ opened }: OpenedTiny) => instantiateBatch(modules.batch as WebAssembly.Module, opened);

  test.each(CASES)("is scored and merged as its queries alone are, bit for bit: %s", async (_, index) => {
    const temperature = inTurn([1, 0.3, 3.7], 1)[0] as number;
    const opened = await openExact(modules, index, { temperature });
    const made = instanceIn(opened);
    for (const [turn, size] of inTurn([...SIZES.entries()], 4, "sizes")) {
      const k = Math.min(KS[turn % KS.length] as number, index.facts.itemCount);
      const block = packAll(opened, made, size, turn);
      startHeaps(opened, made);
      let kept: Scored[][] = [];
      for (const positions of pieces(index.facts.itemCount, turn)) {
        opened.write("drawPositions", positions);
        made.batch.scoreBlock(made.address, opened.address("drawPositions"), positions.length, size);
        const scores = reference.scoreBlock(index, block.queries, positions);
        expect(scoresIn(opened, made, size, positions.length)).toEqual(scores);
        const merged = reference.mergeBlock(opened.index, kept, positions, scores, k);
        merge(opened, made, positions.length, size, k);
        expect(readBlock(opened, made, Float64Array, "logMasses", size)).toEqual(merged.logMasses);
        kept = merged.kept;
        expect(heapsIn(opened, made, size, k).map((heap) => reference.topSort(heap))).toEqual(kept);
        if (!index.rowScales) continue;
        made.batch.addBlockRemainders(made.address, opened.address("drawPositions"), positions.length, size);
        const whole = reference.addBlockRemainders(index, block.remainders, positions, scores);
        expect(scoresIn(opened, made, size, positions.length)).toEqual(whole);
        merge(opened, made, positions.length, size, 0);
        expect(readBlock(opened, made, Float64Array, "logMasses", size)).toEqual(
          reference.mergeBlock(opened.index, [], positions, whole, 0).logMasses,
        );
      }
      expect(opened.strayWrites()).toEqual([]);
    }
  });

  test.each(INDEX_CASES)("keeps what predict leaves for an answer: %s", async (_, index) => {
    const opened = await openExact(modules, index);
    const made = instanceIn(opened);
    const { kernels, layout } = opened;
    const k = Math.min(5, index.facts.itemCount);
    const left = () => ({
      search: opened.read(Uint8Array, "search", SEARCH_BYTES),
      ids: opened.read(Int32Array, "topIds", opened.search(SEARCH_TOP_COUNT)),
      scores: opened.read(Float32Array, "topScores", opened.search(SEARCH_TOP_COUNT)),
    });
    let block: ReturnType<typeof left>[] = [];
    for (let slot = 0; slot < QUERY_BLOCK; slot++) {
      opened.ask(anyQuery(index, slot, [1, 40][slot % 2]));
      made.batch.keepPrediction(made.address, slot, k, 8, 7, 3n);
      const kept = left();
      kernels.predict(layout, k, 8, 7, 3n);
      expect(left()).toEqual(kept);
      block = reference.keepPrediction(block, slot, kept) as typeof block;
    }
    for (let slot = QUERY_BLOCK - 1; slot >= 0; slot--) {
      made.batch.restorePrediction(made.address, slot, k);
      expect(left()).toEqual(reference.restorePrediction(block, slot));
    }
    expect(opened.strayWrites()).toEqual([]);
  });

  test("keeps the best of many blocks of rows, where a block after the first few has none of them", async () => {
    const index = tinyIndex({ itemCount: 900, dim: 5, bits: 3, rows: "i8", bias: biases(900, 6) });
    const opened = await openExact(modules, index);
    const made = instanceIn(opened);
    const { queries } = packAll(opened, made, QUERY_BLOCK, 1);
    startHeaps(opened, made);
    let kept: Scored[][] = [];
    for (let first = 0; first < 900; first += 31) {
      const positions = Int32Array.from({ length: Math.min(31, 900 - first) }, (_, i) => first + i);
      opened.write("drawPositions", positions);
      made.batch.scoreBlock(made.address, opened.address("drawPositions"), positions.length, QUERY_BLOCK);
      kept = reference.mergeBlock(
        opened.index,
        kept,
        positions,
        reference.scoreBlock(index, queries, positions),
        3,
      ).kept;
      merge(opened, made, positions.length, QUERY_BLOCK, 3);
      expect(heapsIn(opened, made, QUERY_BLOCK, 3).map((heap) => reference.topSort(heap))).toEqual(kept);
    }
    expect(kept.map(({ length }) => length)).toEqual(Array(QUERY_BLOCK).fill(3));
  });
});

interface Block {
  readonly queries: PreparedQuery[];
  readonly remainders: Remainder[];
}

/** Packs `size` queries of several magnitudes, and for int8 rows their remainders. */
function packAll(opened: OpenedTiny, made: BlockInstance, size: number, seed: number): Block {
  const { index, kernels, layout } = opened;
  const residuals = reference.measureResiduals(index, index.slots);
  let block: Block = { queries: [], remainders: [] };
  for (let slot = 0; slot < size; slot++) {
    const query = anyQuery(index, 100 * seed + slot, [1, 40, 1e-6, 0][slot % 4]);
    opened.ask(query);
    made.batch.packQuery(made.address, slot);
    const prepared = reference.prepareQuery(index, query);
    block = { ...block, queries: reference.packQuery(block.queries, slot, prepared) };
    if (!index.rowScales) continue;
    kernels.prepareBounds(layout);
    kernels.prepareRemainder(layout);
    made.batch.packRemainder(made.address, slot);
    const bounds = reference.prepareBounds(index, prepared, residuals);
    const remainder = reference.prepareRemainder(index, prepared, bounds, residuals);
    block = { ...block, remainders: reference.packRemainder(block.remainders, slot, remainder) };
  }
  return block;
}

/** No positions, the last ones in descending order, and then a whole block or all there are. */
function pieces(itemCount: number, turn: number): Int32Array[] {
  const few = Math.min(itemCount, turn + 1);
  return [
    new Int32Array(0),
    Int32Array.from({ length: few }, (_, i) => itemCount - 1 - i),
    Int32Array.from({ length: Math.min(BLOCK_ROWS, Math.max(0, itemCount - few)) }, (_, i) => i),
  ];
}

const startHeaps = ({ kernels }: OpenedTiny, { regions }: BlockInstance): void => {
  new Int32Array(kernels.memory.buffer, regions.topCounts, QUERY_BLOCK).fill(0);
};

function merge(opened: OpenedTiny, made: BlockInstance, count: number, size: number, k: number): void {
  made.batch.mergeBlock(made.address, opened.address("drawPositions"), count, size, k, true);
}

/** Returns a copy of the first `count` values of a region of the block. */
function readBlock<T extends Float32Array | Float64Array | Int32Array>(
  { kernels }: OpenedTiny,
  { regions }: BlockInstance,
  type: { new (buffer: ArrayBuffer): T; readonly BYTES_PER_ELEMENT: number },
  region: keyof BlockInstance["regions"],
  count: number,
): T {
  const begin = regions[region];
  return new type(kernels.memory.buffer.slice(begin, begin + count * type.BYTES_PER_ELEMENT));
}

/** The scores of the first `size` queries. */
const scoresIn = (opened: OpenedTiny, made: BlockInstance, size: number, count: number): Float32Array[] => {
  const all = readBlock(opened, made, Float32Array, "scores", QUERY_BLOCK * BLOCK_SCORES);
  return Array.from({ length: size }, (_, q) => all.slice(q * BLOCK_SCORES, q * BLOCK_SCORES + count));
};

/** The heaps of the first `size` queries. */
function heapsIn(opened: OpenedTiny, made: BlockInstance, size: number, k: number): Scored[][] {
  const counts = readBlock(opened, made, Int32Array, "topCounts", size);
  const ids = readBlock(opened, made, Int32Array, "topIds", size * k);
  const scores = readBlock(opened, made, Float32Array, "topScores", size * k);
  return Array.from(counts, (count, q) =>
    Array.from({ length: count }, (_, i) => ({ id: ids[q * k + i] as number, score: scores[q * k + i] as number })),
  );
}
