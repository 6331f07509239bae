import { expect, test } from "vitest";
import * as structs from "../../build/structs.ts";
import { bitmapOf } from "../fixtures/bitmap-of.ts";
import { anyQuery, INDEX_CASES, LARGE_LOGIT_CASES } from "../fixtures/index-cases.ts";
import { describeScanBuilds, openTiny } from "../fixtures/opened.ts";
import { reference } from "../reference/index.ts";
import { MOST_LOOKED_AT } from "../reference/thinned.ts";
import { inTurn } from "../run/turns.ts";
import { FINE_CASES } from "./fine-cases.ts";

const CASES = [...INDEX_CASES, ...LARGE_LOGIT_CASES, ...FINE_CASES].filter(([, { facts }]) => facts.itemCount > 0);
const FILTERS: Readonly<Record<string, (id: number) => boolean>> = {
  "a half": (id) => ((id * 2_654_435_761) >>> 7) % 2 === 0,
  "a ninth": (id) => id % 9 === 4,
  all: () => true,
};

test("some buckets are looked through, and some are too large", () => {
  const sizes = CASES.map(([, { facts }]) => facts.largestBucket);
  expect(sizes.filter((size) => size > MOST_LOOKED_AT).length).toBeGreaterThan(1);
  expect(sizes.filter((size) => size > 8 && size <= MOST_LOOKED_AT).length).toBeGreaterThan(5);
});

describeScanBuilds("heads and draws that a bitmap thins out", (modules) => {
  test.each(CASES)("equal the reference: %s", async (_, index) => {
    const opened = await openTiny(modules, index, { temperature: 0.7 });
    const { kernels, layout } = opened;
    const thinBy = (address: number): void =>
      new DataView(kernels.memory.buffer, layout).setUint32(structs.LAYOUT_THINNED, address, true);
    thinBy(opened.address("allowed"));
    for (const [i, takesPart] of inTurn([...Object.values(FILTERS).entries()], 2)) {
      const query = anyQuery(index, 80 + i, 2);
      const isLeft = (position: number): boolean => takesPart(index.ids[position] as number);
      const scan = [0, 30, 100][i] as number;
      opened.write("allowed", bitmapOf(index, takesPart));
      opened.ask(query);
      kernels.propose(layout, scan, 0);
      const whole = reference.propose(opened.index, query, scan, 0);
      const listed = reference.scoreListed(opened.index, whole.prepared, whole.headPositions.filter(isLeft));
      const headCount = opened.search(structs.SEARCH_HEAD_COUNT);
      expect(opened.read(Int32Array, "headPositions", headCount)).toEqual(listed.headPositions);
      expect(opened.search(structs.SEARCH_HEAD_SUM)).toBe(listed.headSum);
      const proposal = { ...whole, ...listed };
      kernels.pilotThinned(layout, 64, 8n);
      const pilot = reference.pilotThinned(opened.index, proposal, 64, 8n, isLeft);
      expect(opened.search(structs.SEARCH_KEPT_SHARE)).toBe(pilot.keptShare);
      expect(opened.search(structs.SEARCH_KEPT_SQUARE)).toBe(pilot.keptSquare);
      kernels.estimateThinned(layout, 300, 7n);
      const drawn = reference.estimateThinned(opened.index, proposal, 300, 7n, isLeft);
      const kept = drawn.drawPositions.length;
      expect(drawn.drawPositions.every(isLeft)).toBe(true);
      expect(opened.read(Int32Array, "drawPositions", kept)).toEqual(drawn.drawPositions);
      expect(opened.read(Float64Array, "drawFactors", drawn.drawCount)).toEqual(drawn.factors);
      expect(opened.read(Float64Array, "drawLogQ", kept)).toEqual(drawn.logX);
      expect(opened.search(structs.SEARCH_TAIL_MEAN)).toBe(drawn.tailMean);
      expect(opened.search(structs.SEARCH_TAIL_SQUARE_MEAN)).toBe(drawn.tailSquareMean);
      expect(opened.search(structs.SEARCH_LOG_SHIFT)).toBe(drawn.logShift);
      expect(opened.search(structs.SEARCH_SCORED)).toBe(headCount + kept);
      if (drawn.drawCount > 0) {
        expect(opened.search(structs.SEARCH_KEPT_SHARE)).toBe(drawn.keptShare);
        expect(opened.search(structs.SEARCH_KEPT_SQUARE)).toBe(drawn.keptSquare);
      }
    }
    thinBy(0);
    expect(opened.strayWrites()).toEqual([]);
  });
});
