import { afterEach, describe, expect, test, vi } from "vitest";
import { load } from "../../src/index.ts";
import { indexFile, tinyIndex } from "../fixtures/tiny-index.ts";

const file = indexFile(tinyIndex({ itemCount: 200, dim: 6, bits: 2, fineCodes: true }));
const query = [1, -2, 3, -4, 5, -6];

afterEach(() => vi.restoreAllMocks());

describe("the option simd", () => {
  test("changes no answer", async () => {
    const [base, auto, unsaid] = await Promise.all([
      load(file, { simd: "base" }),
      load(file, { simd: "auto" }),
      load(file),
    ]);
    for (const [scan, rescore] of [
      [50, 10],
      [200, 200],
    ] as const) {
      const expected = base.topK(query, 7, { scan, rescore });
      expect(auto.topK(query, 7, { scan, rescore })).toEqual(expected);
      expect(unsaid.topK(query, 7, { scan, rescore })).toEqual(expected);
    }
  });

  test.each(["relaxed", "", null, true, 1])("is refused by name: %s", async (simd) => {
    await expect(load(file, { simd: simd as never })).rejects.toThrow(
      new RangeError(`"simd" expected auto or base, got ${JSON.stringify(simd)}`),
    );
  });

  test("can be combined with the caps", async () => {
    const index = await load(file, { simd: "base", maxK: 3 });
    expect(() => index.topK(query, 4)).toThrow("(maxK)");
  });
});
