import { describe, expect, test } from "vitest";
import * as structs from "../../../build/structs.ts";
import { fineCount } from "../../../src/format/tensors.ts";
import { anyQuery } from "../../fixtures/index-cases.ts";
import { describeScanBuilds, type OpenedTiny, openTiny } from "../../fixtures/opened.ts";
import { tinyIndex } from "../../fixtures/tiny-index.ts";
import { at } from "../../reference/at.ts";
import { entrySum, type FineTables, usedCount } from "../../reference/fine.ts";
import { reference } from "../../reference/index.ts";
import type { ReferenceIndex } from "../../reference/reference-index.ts";
import { FINE_CASES } from "../fine-cases.ts";

/** The rounding of f32 products of two terms and of the steps that follow, in units of the largest. */
const ROUNDING = 2 ** -20;

const SIZES = [1, 0.01, 300, 2 ** 38, 1e-30];

describe("the reference of fineTables", () => {
  test.each(FINE_CASES)(
    "has entries within half a step, and sums within half a step for each table: %s",
    (_, index) => {
      for (const [i, size] of SIZES.entries()) {
        const { query } = reference.prepareQuery(index, anyQuery(index, i, size));
        expectNearest(index, query, reference.fineTables(index, { query }));
      }
    },
  );

  test.each([259, 260, 1030, 4096])("has entries whose sum is less than 2^16: D = %i", (dim) => {
    const index = tinyIndex({ itemCount: 40, dim, bits: 1, fineCodes: true, seed: dim });
    const { query } = reference.prepareQuery(index, anyQuery(index, 1));
    const fine = reference.fineTables(index, { query });
    const largest = Array.from({ length: usedCount(index) }, (_, m) =>
      Math.max(...fine.tables.subarray(16 * m, 16 * m + 16)),
    );
    expect(Math.max(...largest)).toBe(Math.min(127, Math.floor(65535 / fineCount(index.facts))));
    expectNearest(index, query, fine);
  });
});

describeScanBuilds("fineTables", (modules) => {
  test.each(FINE_CASES)("equals the reference: %s", async (_, index) => {
    const opened = await openTiny(modules, index);
    for (const [i, size] of [...SIZES, 1e-37, 1e-38, 1e-45, 0].entries()) {
      const query = anyQuery(index, i, size);
      expect(tablesOf(opened, query)).toEqual(reference.fineTables(index, reference.prepareQuery(index, query)));
    }
    expect(opened.strayWrites()).toEqual([]);
  });

  test.each([259, 260, 1030, 4096])("equals the reference with fewer levels: D = %i", async (dim) => {
    const index = tinyIndex({ itemCount: 40, dim, bits: 1, fineCodes: true, seed: dim });
    const opened = await openTiny(modules, index);
    const query = anyQuery(index, 1);
    expect(tablesOf(opened, query)).toEqual(reference.fineTables(index, reference.prepareQuery(index, query)));
  });

  test("has a step of 0 if the products of all codewords are equal", async () => {
    const index = tinyIndex({ itemCount: 40, dim: 6, bits: 1, fineCodes: true });
    const alike = { ...index, fineCodebooks: new Float32Array(3 * 32).fill(0.5) };
    const opened = await openTiny(modules, alike);
    const { tables, fineBase, fineStep } = tablesOf(opened, Float32Array.of(1, 2, 3, 4, 5, 6));
    expect(tables).toEqual(new Uint8Array(3 * 16));
    expect([fineBase, fineStep]).toEqual([10.5, 0]);
  });

  test("of a query of zeros are zeros", async () => {
    const index = tinyIndex({ itemCount: 40, dim: 7, bits: 1, fineCodes: true });
    const { tables, fineBase, fineStep } = tablesOf(await openTiny(modules, index), new Float32Array(7));
    expect(tables).toEqual(new Uint8Array(4 * 16));
    expect([fineBase + 0, fineStep]).toEqual([0, 0]);
  });

  test.each([1e-37, 1e-38, 1e-40, 1e-44, 1e-45])("never have an entry above 127: queries of %d", async (size) => {
    const index = tinyIndex({ itemCount: 40, dim: 6, bits: 1, fineCodes: true });
    const opened = await openTiny(modules, index);
    for (let seed = 0; seed < 20; seed++) {
      const { tables, fineStep } = tablesOf(opened, anyQuery(index, seed, size));
      expect(Math.max(...tables), `seed ${seed}`).toBeLessThanOrEqual(127);
      expect(fineStep).toBeGreaterThanOrEqual(0);
    }
  });
});

/** The tables that the kernel makes of a query, without padding. */
function tablesOf(opened: OpenedTiny, query: Float32Array): FineTables {
  opened.ask(query);
  opened.kernels.fineTables(opened.layout);
  const [used, count] = [usedCount(opened.index), fineCount(opened.index.facts)];
  const tables = opened.read(Uint8Array, "fineTables", 16 * count);
  expect(tables.subarray(16 * used)).toEqual(new Uint8Array(16 * (count - used)));
  return {
    tables: tables.slice(0, 16 * used),
    fineBase: opened.search(structs.SEARCH_FINE_BASE),
    fineStep: opened.search(structs.SEARCH_FINE_STEP),
  };
}

/** Compares the tables with exact products in f64. */
function expectNearest(index: ReferenceIndex, query: Float32Array, fine: FineTables): void {
  const books = index.fineCodebooks as Float32Array;
  const used = usedCount(index);
  const { tables, fineBase, fineStep } = fine;
  const products = Array.from({ length: used }, (_, m) =>
    Array.from(
      { length: 16 },
      (_unused, c) => at(query, 2 * m) * at(books, 32 * m + c) + (query[2 * m + 1] ?? 0) * at(books, 32 * m + 16 + c),
    ),
  );
  const largest = Math.max(...products.flat().map(Math.abs));
  const slack = 4 * ROUNDING * largest;
  for (const [m, values] of products.entries()) {
    const least = Math.min(...values);
    for (const [c, value] of values.entries()) {
      const entry = at(tables, 16 * m + c);
      expect(Math.abs(value - least - fineStep * entry)).toBeLessThanOrEqual(fineStep / 2 + slack);
    }
  }
  for (let position = 0; position < index.facts.itemCount; position++) {
    const exact = products.reduce(
      (sum, values, m) => sum + at(values, at(index.fineCodes as Uint8Array, used * position + m)),
      0,
    );
    const error = Math.abs(fineBase + fineStep * entrySum(index, fine, position) - exact);
    expect(error).toBeLessThanOrEqual((used * fineStep) / 2 + used * slack);
  }
}
