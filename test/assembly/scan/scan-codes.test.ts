import { describe, expect, test } from "vitest";
import * as structs from "../../../build/structs.ts";
import { anyQuery } from "../../fixtures/index-cases.ts";
import { describeScanBuilds, type OpenedTiny, openTiny } from "../../fixtures/opened.ts";
import { someOf } from "../../fixtures/opened-exact.ts";
import { tinyIndex } from "../../fixtures/tiny-index.ts";
import { at } from "../../reference/at.ts";
import type { DerivedIndex } from "../../reference/buckets.ts";
import { derive } from "../../reference/buckets.ts";
import {
  approximate,
  type Candidate,
  EMPTY,
  type FineTables,
  keyOf,
  type Reservoir,
  readGroups,
  usedCount,
} from "../../reference/fine.ts";
import { reference } from "../../reference/index.ts";
import { inTurn } from "../../run/turns.ts";
import { WITH_CLASSES } from "../fine-cases.ts";

const KEEPS = [1, 2, 7, 64];

describe("the reference of scanCodes", () => {
  test.each(WITH_CLASSES)(
    "scores a row within half a step for each table of its codes' exact score: %s",
    (_, index) => {
      const { dim } = index.facts;
      const books = index.fineCodebooks as Float32Array;
      const tooFar: number[] = [];
      for (const size of [1, 50]) {
        const prepared = reference.prepareQuery(index, anyQuery(index, 3, size));
        const fine = reference.fineTables(index, prepared);
        for (const { group, first, end, offset } of readGroups(index, prepared, fine, Number.POSITIVE_INFINITY)) {
          const dim1 = prepared.subQuery1.length;
          const codeword = index.codebook1.subarray(group * dim1, (group + 1) * dim1);
          for (let position = first; position < end; position++) {
            let exact = index.bias?.[position] ?? 0;
            let magnitude = Math.abs(exact);
            for (let d = 0; d < dim; d++) {
              const code = at(index.fineCodes as Uint8Array, usedCount(index) * position + (d >> 1));
              const value = (codeword[d] ?? 0) + at(books, 16 * d + code);
              exact += value * at(prepared.query, d);
              magnitude +=
                (Math.abs(codeword[d] ?? 0) + Math.abs(at(books, 16 * d + code))) * Math.abs(at(prepared.query, d));
            }
            const error = Math.abs(approximate(index, fine, offset, position) - exact);
            const bound = (usedCount(index) * fine.fineStep) / 2 + (2 ** -19 * usedCount(index) + 2 ** -18) * magnitude;
            if (!(error <= bound + usedCount(index) * 2 ** -17 * fine.fineStep)) tooFar.push(position);
          }
        }
      }
      expect(tooFar, "positions").toEqual([]);
    },
  );
});

describeScanBuilds("scanCodes", (modules) => {
  test.each(WITH_CLASSES)("equals the reference, group after group: %s", async (_, index) => {
    for (const excluded of [new Set<number>(), someOf(index)]) {
      const opened = await openTiny(modules, index, { excluded });
      for (const [i, size] of [1, 0, 60].entries()) {
        const query = anyQuery(index, 30 + i, size);
        const { fine, groups } = start(opened, query);
        for (const keep of inTurn(KEEPS, 2, `${size}, ${excluded.size}`)) {
          let expected = EMPTY;
          let actual = EMPTY;
          for (const { first, end, offset, group } of groups) {
            expected = reference.scanCodes(opened.index, fine, first, end, offset, expected, keep);
            actual = scan(opened, group, first, end, offset, actual, keep);
            expect(actual).toEqual(expected);
          }
        }
      }
      expect(opened.strayWrites()).toEqual([]);
    }
  });

  test.each(WITH_CLASSES)("ends with the best by approximate score, however often it was cut: %s", async (_, index) => {
    const opened = await openTiny(modules, index);
    const { fine, groups } = start(opened, anyQuery(index, 33, 5));
    const all: Candidate[] = groups.flatMap(({ first, end, offset }) =>
      Array.from({ length: end - first }, (_unused, i) => ({
        position: first + i,
        key: keyOf(approximate(index, fine, offset, first + i)),
      })),
    );
    for (const keep of KEEPS) {
      let held = EMPTY;
      for (const { first, end, offset, group } of groups) held = scan(opened, group, first, end, offset, held, keep);
      expect(reference.keepBest(held.candidates, keep).kept).toEqual(reference.keepBest(all, keep).kept);
    }
  });

  test("reads the given rows, wherever they begin and end", async () => {
    const index = tinyIndex({ itemCount: 100, dim: 5, bits: 0, bias: new Float32Array(100), fineCodes: true });
    const opened = await openTiny(modules, index);
    const { fine } = start(opened, anyQuery(index, 1));
    for (let first = 0; first < 100; first += 3) {
      for (const length of [1, 2, 15, 16, 17, 32, 33, 64, 100]) {
        const end = Math.min(100, first + length);
        expect(scan(opened, 0, first, end, 0.5, EMPTY, 64), `${first}..${end}`).toEqual(
          reference.scanCodes(opened.index, fine, first, end, 0.5, EMPTY, 64),
        );
      }
    }
    expect(opened.strayWrites()).toEqual([]);
  });

  test("admits no row of another group, however good", async () => {
    // Groups have 5 rows. The second has the worst codes of all, and its neighbours in the block the best.
    const codes = Array.from({ length: 40 }, (_, id) => 8 * Math.floor(id / 5));
    const index = tinyIndex({ itemCount: 40, dim: 4, bits: 3, codes, fineCodes: true });
    const query = anyQuery(index, 2);
    const { tables } = reference.fineTables(index, reference.prepareQuery(index, query));
    const entries = (m: number): number[] => Array.from(tables.subarray(16 * m, 16 * m + 16));
    const best = (m: number): number => entries(m).indexOf(Math.max(...entries(m)));
    const worst = (m: number): number => entries(m).indexOf(Math.min(...entries(m)));
    for (const group of [0, 1, 6, 7]) {
      const [first, end] = [5 * group, 5 * group + 5];
      const fineCodes = Uint8Array.from({ length: 80 }, (_, i) => {
        const position = i >> 1;
        return first <= position && position < end ? worst(i & 1) : best(i & 1);
      });
      const opened = await openTiny(modules, { ...index, fineCodes });
      start(opened, query);
      for (const keep of [1, 2, 3, 64]) {
        const { candidates } = scan(opened, group, first, end, 0, EMPTY, keep);
        const { kept } = reference.keepBest(candidates, keep);
        const inside = Array.from({ length: Math.min(keep, 5) }, (_, i) => first + i);
        expect(kept.map(({ position }) => position)).toEqual(inside);
      }
    }
  });

  test("leaves no row at the threshold out by rounding, for sums of every size", async () => {
    const index = tinyIndex({ itemCount: 256, dim: 6, bits: 0, fineCodes: true, seed: 77 });
    const opened = await openTiny(modules, index);
    for (const seed of inTurn([0, 1, 2, 3, 4, 5], 2)) {
      const { fine, groups } = start(opened, anyQuery(index, 200 + seed, 7 ** (seed - 3)));
      const [{ offset } = { offset: 0 }] = groups;
      const scores = Array.from({ length: 256 }, (_, position) => approximate(index, fine, offset, position));
      for (const score of new Set(scores)) {
        const floor = keyOf(score);
        const held = scan(opened, 0, 0, 256, offset, { candidates: [], floor }, 256);
        const better = scores.flatMap((other, position) => (keyOf(other) > floor ? [position] : []));
        expect(held.candidates.map(({ position }) => position)).toEqual(better);
      }
    }
  });

  test.each([
    ["a bias undoes the product with the codeword", -(2 ** 30), 2 ** 30, 40],
    ["the same the other way round", 2 ** 30, -(2 ** 30), 40],
    ["both are large", 2 ** 24, 2 ** 24, 2 ** 25 + 2],
    ["the bias alone is large", 0.9, 2 ** 24, 2 ** 24],
  ])("leaves nothing out where %s", async (_, offset, bias, threshold) => {
    const index = tinyIndex({
      itemCount: 96,
      dim: 6,
      bits: 0,
      bias: new Float32Array(96).fill(bias),
      fineCodes: true,
      seed: 78,
    });
    const opened = await openTiny(modules, index);
    const { fine } = start(opened, anyQuery(index, 5, 20));
    for (let t = threshold - 8; t < threshold + 32; t++) {
      const reservoir = { candidates: [], floor: keyOf(t) };
      expect(scan(opened, 0, 0, 96, offset, reservoir, 64), `threshold ${t}`).toEqual(
        reference.scanCodes(opened.index, fine, 0, 96, offset, reservoir, 64),
      );
    }
  });

  test("adds entries up to the largest possible sum", async () => {
    for (const dim of [4, 1030, 4096]) {
      const index = tinyIndex({ itemCount: 40, dim, bits: 0, fineCodes: true, seed: 79 });
      const books = new Float32Array((dim / 2) * 32).map((__, i) => (i % 16 === 15 ? 1 : 0));
      const fineCodes = new Uint8Array(40 * (dim / 2)).fill(15, (dim / 2) * 7);
      const opened = await openTiny(modules, { ...index, fineCodebooks: books, fineCodes });
      const { fine } = start(opened, new Float32Array(dim).fill(1));
      const held = scan(opened, 0, 0, 40, 0, EMPTY, 40);
      expect(held).toEqual(reference.scanCodes(opened.index, fine, 0, 40, 0, EMPTY, 40));
      expect(new Set(held.candidates.map(({ key }) => key)).size).toBe(2);
    }
  });

  test("works on products of 2^78", async () => {
    const index = tinyIndex({ itemCount: 200, dim: 9, bits: 2, fineCodes: true, scale: 2 ** 38, seed: 80 });
    const opened = await openTiny(modules, index);
    const { fine, groups } = start(opened, anyQuery(index, 1, 2 ** 40));
    let expected = EMPTY;
    let actual = EMPTY;
    for (const { first, end, offset, group } of groups) {
      expected = reference.scanCodes(opened.index, fine, first, end, offset, expected, 10);
      actual = scan(opened, group, first, end, offset, actual, 10);
      expect(actual).toEqual(expected);
    }
    expect(fine.fineStep).toBeGreaterThan(2 ** 70);
  });
});

/** Prepares the query's tables. */
function start(opened: OpenedTiny, query: Float32Array): { fine: FineTables; groups: ReturnType<typeof readGroups> } {
  opened.ask(query);
  opened.kernels.fineTables(opened.layout);
  const index: DerivedIndex = derive(opened.index);
  const prepared = reference.prepareQuery(index, query);
  const fine = reference.fineTables(index, prepared);
  return { fine, groups: readGroups(index, prepared, fine, Number.POSITIVE_INFINITY) };
}

/** Continues with a reservoir, as if the rows were those of the group and the offset that of its first codeword. */
function scan(
  opened: OpenedTiny,
  group: number,
  first: number,
  end: number,
  offset: number,
  { candidates, floor }: Reservoir,
  keep: number,
): Reservoir {
  opened.write(
    "reservoirKeys",
    Int32Array.from(candidates, ({ key }) => key),
  );
  opened.write(
    "reservoirPositions",
    Int32Array.from(candidates, ({ position }) => position),
  );
  opened.setSearch(structs.SEARCH_RESERVOIR_FLOOR, floor);
  const starts = opened.read(Int32Array, "groupStarts", 2 ** opened.index.facts.bits + 1);
  const fineBase = opened.search(structs.SEARCH_FINE_BASE);
  const own = starts.slice();
  own.set([first, end], group);
  opened.write("groupStarts", own);
  opened.write("products1", new Float32Array(2 ** opened.index.facts.bits).fill(offset));
  opened.setSearch(structs.SEARCH_FINE_BASE, 0);
  const count = opened.kernels.scanCodes(opened.layout, group, candidates.length, keep, 0, 0);
  opened.write("groupStarts", starts);
  opened.setSearch(structs.SEARCH_FINE_BASE, fineBase);
  const keys = opened.read(Int32Array, "reservoirKeys", count);
  const positions = opened.read(Int32Array, "reservoirPositions", count);
  return {
    candidates: Array.from(positions, (position, i) => ({ position, key: keys[i] as number })),
    floor: opened.search(structs.SEARCH_RESERVOIR_FLOOR),
  };
}
