import { expect, test } from "vitest";
import * as structs from "../../../build/structs.ts";
import { anyQuery } from "../../fixtures/index-cases.ts";
import { describeScanBuilds, type OpenedTiny, openTiny } from "../../fixtures/opened.ts";
import { scoresOf, someOf } from "../../fixtures/opened-exact.ts";
import { at } from "../../reference/at.ts";
import { reference } from "../../reference/index.ts";
import { firstOutlierOf } from "../../reference/reference-index.ts";
import type { Scored } from "../../reference/topk.ts";
import { inTurn } from "../../run/turns.ts";
import { FINE_CASES, WITH_CLASSES } from "../fine-cases.ts";

/** k, and the number of rows scored: none, fewer than k, more, and the most that the reservoir allows. */
const WANTED = [
  [0, 0],
  [0, 5],
  [1, 0],
  [3, 1],
  [10, 40],
  [64, 7],
  [5, Number.POSITIVE_INFINITY],
] as const;

describeScanBuilds("scanTop", (modules) => {
  test.each(FINE_CASES)("equals the reference: %s", async (_, index) => {
    const { itemCount } = index.facts;
    for (const excluded of [new Set<number>(), someOf(index)]) {
      const opened = await openTiny(modules, index, { excluded });
      for (const [i, size] of [1, 40, 0].entries()) {
        const query = anyQuery(index, 40 + i, size);
        const prepared = reference.prepareQuery(index, query);
        for (const scan of new Set([0, 1, itemCount >> 2, itemCount])) {
          for (const [k, wanted] of inTurn(WANTED, 4, `${size}, ${scan}, ${excluded.size}`)) {
            const rescore = Math.min(wanted, itemCount);
            const expected = reference.scanTop(opened.index, prepared, k, scan, rescore);
            expect(scanTop(opened, query, k, scan, rescore), `k ${k}, scan ${scan}, rescore ${rescore}`).toEqual(
              expected,
            );
          }
        }
      }
      expect(opened.strayWrites()).toEqual([]);
    }
  });

  test.each(WITH_CLASSES)("is brute force if every code is read and every row scored: %s", async (_, index) => {
    const { itemCount } = index.facts;
    for (const excluded of [new Set<number>(), someOf(index)]) {
      const opened = await openTiny(modules, index, { excluded });
      for (const [i, size] of [1, 0, 1e-38, 2 ** 20].entries()) {
        const query = anyQuery(index, 50 + i, size);
        const { top, scored, coded } = scanTop(opened, query, 64, itemCount, itemCount);
        const entries = Array.from(scoresOf(opened), (score, position) => ({ id: at(index.ids, position), score }));
        const allowed = entries.filter((_entry, position) => !excluded.has(position));
        expect(top).toEqual(reference.topPush([], allowed, 64));
        expect([scored, coded]).toEqual([allowed.length, firstOutlierOf(index)]);
      }
    }
  });

  test("gives an empty answer if every class is excluded", async () => {
    const [, index] = WITH_CLASSES[4] as (typeof WITH_CLASSES)[number];
    const { itemCount } = index.facts;
    const opened = await openTiny(modules, index, { excluded: new Set(Array(itemCount).keys()) });
    const answer = scanTop(opened, anyQuery(index, 1), 5, itemCount, 20);
    expect(answer).toEqual({ top: [], scored: 0, coded: itemCount });
  });
});

describeScanBuilds("scanBest", (modules) => {
  test.each(FINE_CASES)(
    "equals the reference, and a smaller reservoir is a cut of a larger one: %s",
    async (_, index) => {
      const { itemCount } = index.facts;
      const opened = await openTiny(modules, index, { excluded: someOf(index) });
      const query = anyQuery(index, 60);
      const prepared = reference.prepareQuery(index, query);
      for (const scan of new Set([0, itemCount >> 2, itemCount])) {
        const keeps = [itemCount, 40, 7, 1].filter((keep, i, all) => keep <= (all[i - 1] ?? keep));
        let cut = reference.scanBest(opened.index, prepared, scan, itemCount).kept;
        for (const keep of keeps) {
          opened.ask(query);
          const count = opened.kernels.scanBest(opened.layout, scan, keep);
          const keys = opened.read(Int32Array, "reservoirKeys", count);
          const kept = Array.from(opened.read(Int32Array, "reservoirPositions", count), (position, i) => ({
            position,
            key: at(keys, i),
          }));
          expect(kept).toEqual(reference.scanBest(opened.index, prepared, scan, keep).kept);
          cut = reference.keepBest(cut, keep).kept;
          expect(kept, `${keep} of ${scan}`).toEqual(cut);
        }
      }
      expect(opened.strayWrites()).toEqual([]);
    },
  );
});

describeScanBuilds("scanFurther", (modules) => {
  test.each(FINE_CASES)("leaves what a scan from the start leaves: %s", async (_, index) => {
    const { itemCount } = index.facts;
    const opened = await openTiny(modules, index, { excluded: someOf(index) });
    const query = anyQuery(index, 60);
    const keep = Math.min(9, itemCount);
    const left = (count: number) => ({
      keys: opened.read(Int32Array, "reservoirKeys", count).slice(),
      positions: opened.read(Int32Array, "reservoirPositions", count).slice(),
      coded: opened.search(structs.SEARCH_CODED),
      floor: count === keep && opened.search(structs.SEARCH_RESERVOIR_FLOOR),
    });
    const scans = [1, itemCount >> 2, itemCount >> 1, itemCount].filter((scan) => scan > 0);
    const prepared = reference.prepareQuery(index, query);
    const fromStart = scans.map((scan) => {
      opened.ask(query);
      const count = opened.kernels.scanBest(opened.layout, scan, keep);
      const { kept } = reference.scanFurther(opened.index, prepared, scan, keep);
      expect(Array.from(left(count).positions)).toEqual(kept.map(({ position }) => position));
      return left(count);
    });
    opened.ask(query);
    let count = opened.kernels.scanBest(opened.layout, 0, keep);
    for (const [i, scan] of scans.entries()) {
      count = opened.kernels.scanFurther(opened.layout, scan, keep, count);
      expect(left(count), `${scan} rows`).toEqual(fromStart[i]);
    }
    expect(opened.strayWrites()).toEqual([]);
  });
});

function scanTop(
  opened: OpenedTiny,
  query: Float32Array,
  k: number,
  scan: number,
  rescore: number,
): { readonly top: Scored[]; readonly scored: number; readonly coded: number } {
  opened.ask(query);
  opened.kernels.scanTop(opened.layout, k, scan, rescore);
  const count = opened.search(structs.SEARCH_TOP_COUNT);
  const scores = opened.read(Float32Array, "topScores", count);
  return {
    top: Array.from(opened.read(Int32Array, "topIds", count), (id, i) => ({ id, score: at(scores, i) })),
    scored: opened.search(structs.SEARCH_SCORED),
    coded: opened.search(structs.SEARCH_CODED),
  };
}
