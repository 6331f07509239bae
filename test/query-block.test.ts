import { expect, test } from "vitest";
import { BLOCK_ROWS, BLOCK_SCORES, QUERY_BLOCK } from "../src/abi.ts";
import { anyQuery, biases, INDEX_CASES, LARGE_LOGIT_CASES } from "./index-cases.ts";
import { describeBuilds, type OpenedTiny } from "./opened.ts";
import { openExact } from "./opened-exact.ts";
import type { PreparedQuery } from "./reference/query.ts";
import type { Remainder } from "./reference/remainder.ts";
import type { Scored } from "./reference/topk.ts";
import { reference } from "./reference.ts";
import { tinyIndex } from "./tiny-index.ts";
import { inTurn } from "./turns.ts";

// The kernels for a block of queries, beside plain code that takes one query after the other.

const WIDE = (["f32", "f16", "i8"] as const).map(
  (rows) =>
    [`4096 values, ${rows}`, tinyIndex({ itemCount: 9, dim: 4096, bits: 1, rows, bias: biases(9, 4) })] as const,
);
const CASES = [...INDEX_CASES, ...LARGE_LOGIT_CASES, ...WIDE];
const SIZES = [1, 2, 3, 4, 5, 8, 13, QUERY_BLOCK];
const KS = [0, 1, 5, 64];

describeBuilds("a block of queries", (modules) => {
  test.each(CASES)("is scored and merged as its queries alone are, bit for bit: %s", async (_, index) => {
    const temperature = inTurn([1, 0.3, 3.7], 1)[0] as number;
    const opened = await openExact(modules, index, { temperature });
    for (const [turn, size] of SIZES.entries()) {
      const k = Math.min(KS[turn % KS.length] as number, index.facts.itemCount);
      const block = packAll(opened, size, turn);
      startHeaps(opened);
      let kept: Scored[][] = [];
      for (const positions of pieces(index.facts.itemCount, turn)) {
        opened.write("drawPositions", positions);
        opened.kernels.scoreBlock(opened.layout, opened.address("drawPositions"), positions.length, size);
        const scores = reference.scoreBlock(index, block.queries, positions);
        expect(scoresIn(opened, size, positions.length)).toEqual(scores);
        const merged = reference.mergeBlock(opened.index, kept, positions, scores, k);
        merge(opened, positions.length, size, k);
        expect(opened.read(Float64Array, "blockLogMasses", size)).toEqual(merged.logMasses);
        kept = merged.kept;
        expect(heapsIn(opened, size, k).map((heap) => reference.topSort(heap))).toEqual(kept);
        if (!index.rowScales) continue;
        opened.kernels.addBlockRemainders(opened.layout, opened.address("drawPositions"), positions.length, size);
        const whole = reference.addBlockRemainders(index, block.remainders, positions, scores);
        expect(scoresIn(opened, size, positions.length)).toEqual(whole);
        merge(opened, positions.length, size, 0);
        expect(opened.read(Float64Array, "blockLogMasses", size)).toEqual(
          reference.mergeBlock(opened.index, [], positions, whole, 0).logMasses,
        );
      }
      expect(opened.strayWrites()).toEqual([]);
    }
  });

  test("keeps the best of many blocks of rows, where a block after the first few has none of them", async () => {
    const index = tinyIndex({ itemCount: 900, dim: 5, bits: 3, rows: "i8", bias: biases(900, 6) });
    const opened = await openExact(modules, index);
    const { queries } = packAll(opened, QUERY_BLOCK, 1);
    startHeaps(opened);
    let kept: Scored[][] = [];
    for (let first = 0; first < 900; first += 31) {
      const positions = Int32Array.from({ length: Math.min(31, 900 - first) }, (_, i) => first + i);
      opened.write("drawPositions", positions);
      opened.kernels.scoreBlock(opened.layout, opened.address("drawPositions"), positions.length, QUERY_BLOCK);
      kept = reference.mergeBlock(
        opened.index,
        kept,
        positions,
        reference.scoreBlock(index, queries, positions),
        3,
      ).kept;
      merge(opened, positions.length, QUERY_BLOCK, 3);
      expect(heapsIn(opened, QUERY_BLOCK, 3).map((heap) => reference.topSort(heap))).toEqual(kept);
    }
    expect(kept.map(({ length }) => length)).toEqual(Array(QUERY_BLOCK).fill(3));
  });
});

interface Block {
  readonly queries: PreparedQuery[];
  readonly remainders: Remainder[];
}

/** Packs `size` queries of several magnitudes, and for int8 rows their remainders. */
function packAll(opened: OpenedTiny, size: number, seed: number): Block {
  const { index, kernels, layout } = opened;
  const residuals = reference.measureResiduals(index, index.slots);
  let block: Block = { queries: [], remainders: [] };
  for (let slot = 0; slot < size; slot++) {
    const query = anyQuery(index, 100 * seed + slot, [1, 40, 1e-6, 0][slot % 4]);
    opened.ask(query);
    kernels.packQuery(layout, slot);
    const prepared = reference.prepareQuery(index, query);
    block = { ...block, queries: reference.packQuery(block.queries, slot, prepared) };
    if (!index.rowScales) continue;
    kernels.prepareBounds(layout);
    kernels.prepareRemainder(layout);
    kernels.packRemainder(layout, slot);
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

const startHeaps = (opened: OpenedTiny): void => opened.write("blockTopCounts", new Int32Array(QUERY_BLOCK));

function merge(opened: OpenedTiny, count: number, size: number, k: number): void {
  opened.kernels.mergeBlock(opened.layout, opened.address("drawPositions"), count, size, k, true);
}

/** The scores of the first `size` queries. */
const scoresIn = (opened: OpenedTiny, size: number, count: number): Float32Array[] => {
  const all = opened.read(Float32Array, "blockScores", QUERY_BLOCK * BLOCK_SCORES);
  return Array.from({ length: size }, (_, q) => all.slice(q * BLOCK_SCORES, q * BLOCK_SCORES + count));
};

/** The heaps of the first `size` queries. */
function heapsIn(opened: OpenedTiny, size: number, k: number): Scored[][] {
  const counts = opened.read(Int32Array, "blockTopCounts", size);
  const ids = opened.read(Int32Array, "blockTopIds", size * k);
  const scores = opened.read(Float32Array, "blockTopScores", size * k);
  return Array.from(counts, (count, q) =>
    Array.from({ length: count }, (_, i) => ({ id: ids[q * k + i] as number, score: scores[q * k + i] as number })),
  );
}
