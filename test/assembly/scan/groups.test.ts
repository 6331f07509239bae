import { expect, test } from "vitest";
import * as structs from "../../../build/structs.ts";
import { anyQuery } from "../../fixtures/index-cases.ts";
import { describeScanBuilds, openTiny } from "../../fixtures/opened.ts";
import { tinyIndex } from "../../fixtures/tiny-index.ts";
import { readGroups } from "../../reference/fine.ts";
import { reference } from "../../reference/index.ts";
import { firstOutlierOf } from "../../reference/reference-index.ts";
import { FINE_CASES } from "../fine-cases.ts";

describeScanBuilds("layOutGroups", (modules) => {
  test.each(FINE_CASES)("equals the reference: %s", async (_, index) => {
    const opened = await openTiny(modules, index); // opening lays the groups out
    const { groupStarts, groupTops } = reference.layOutGroups(index);
    expect(opened.read(Int32Array, "groupStarts", groupStarts.length)).toEqual(groupStarts);
    expect(opened.read(Float32Array, "groupTops", groupTops.length)).toEqual(groupTops);
  });

  test("finds groups without a class at either end and between", async () => {
    const codes = [5, 6, 5, 9, 10, 11, 10].map((code) => code);
    const index = tinyIndex({
      itemCount: 7,
      dim: 2,
      bits: 2,
      codes,
      bias: [1, -3, 0.5, -9, -2, -7, -4],
      fineCodes: true,
    });
    const opened = await openTiny(modules, index);
    expect(Array.from(opened.read(Int32Array, "groupStarts", 5))).toEqual([0, 0, 3, 7, 7]);
    expect(Array.from(opened.read(Float32Array, "groupTops", 4)).slice(1, 3)).toEqual([1, -2]);
  });
});

describeScanBuilds("the groups that scanTop reads", (modules) => {
  test.each(FINE_CASES)("are the best ones that reach the budget: %s", async (_, index) => {
    const { itemCount } = index.facts;
    const opened = await openTiny(modules, index);
    for (const [i, size] of [1, 0, 40].entries()) {
      const query = anyQuery(index, 20 + i, size);
      const prepared = reference.prepareQuery(index, query);
      const fine = reference.fineTables(index, prepared);
      for (const scan of new Set([0, 1, 33, itemCount >> 1, itemCount, 2 * itemCount])) {
        opened.ask(query);
        opened.kernels.scanTop(opened.layout, 3, scan, 64);
        const groups = readGroups(index, prepared, fine, scan);
        const coded = groups.reduce((sum, { first, end }) => sum + end - first, 0);
        expect(opened.search(structs.SEARCH_CODED), `scan ${scan}`).toBe(coded);
        expect(coded).toBeGreaterThanOrEqual(Math.min(scan, firstOutlierOf(index)));
        const last = groups.at(-1) ?? { first: 0, end: 0 };
        expect(coded - (last.end - last.first)).toBeLessThan(Math.max(1, scan));
      }
    }
    expect(opened.strayWrites()).toEqual([]);
  });

  test("are chosen by product with the codeword plus largest bias", async () => {
    const shape = { itemCount: 80, dim: 3, bits: 3, seed: 9 };
    const favoured = 4; // one class of this group has a bias that outdoes every product
    const plain = tinyIndex(shape);
    const bias = new Float32Array(80).fill(-1);
    const { groupStarts } = reference.layOutGroups(plain);
    const [first = 0, end = 0] = groupStarts.subarray(favoured, favoured + 2);
    bias[plain.ids[end - 1] as number] = 1000;
    const opened = await openTiny(modules, tinyIndex({ ...shape, bias, fineCodes: true }));
    opened.ask(anyQuery(opened.index, 1));
    opened.kernels.scanTop(opened.layout, 1, 1, 64);
    expect(opened.search(structs.SEARCH_CODED)).toBe(end - first);
    expect(opened.read(Int32Array, "topIds", 1)[0]).toBe(plain.ids[end - 1]);
  });
});
