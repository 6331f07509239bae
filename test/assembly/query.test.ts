import { expect, test } from "vitest";
import { SEARCH_QUERY_SQUARE, SEARCH_QUERY_STEP } from "../../build/structs.ts";
import type { IndexFacts } from "../../src/format/facts.ts";
import { codebookDims } from "../../src/format/tensors.ts";
import { describeBuilds, type OpenedTiny, openTiny } from "../fixtures/opened.ts";
import { tinyIndex } from "../fixtures/tiny-index.ts";
import { reference } from "../reference/index.ts";
import type { PreparedQuery } from "../reference/query.ts";
import { randomRows } from "../train/rows.ts";

const DIMS = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33];

/** Scales from the smallest subnormal f32 to the largest magnitude that a query may have. */
const SCALES = [2 ** -149, 2 ** -126, 1e-20, 1, 3e5, 2 ** 40];

describeBuilds("prepareQuery", (module) => {
  const open = (dim: number, quantizer: IndexFacts["quantizer"], metric: IndexFacts["metric"]): Promise<OpenedTiny> =>
    openTiny(module, tinyIndex({ itemCount: 2, dim, bits: 0, quantizer, metric, rows: "i8" }));

  test.each([
    ["pq", "dot"],
    ["rq", "dot"],
    ["pq", "cosine"],
    ["rq", "cosine"],
  ] as const)("equals the reference bit for bit, %s, %s", async (quantizer, metric) => {
    for (const dim of DIMS) {
      const opened = await open(dim, quantizer, metric);
      for (const [seed, scale] of SCALES.entries()) {
        const query = randomRows(dim, 50 + seed).map((value) => value * scale);
        expect(prepare(opened, query), `D = ${dim}, scale ${scale}`).toEqual(
          reference.prepareQuery(opened.index, query),
        );
      }
      expect(opened.strayWrites()).toEqual([]);
    }
  });

  test("keeps every integer within 16 bits and every int8 inner product within 32 bits", async () => {
    for (const dim of [1, 515, 516, 517, 4096]) {
      const opened = await open(dim, "rq", "dot");
      const half = Float32Array.from({ length: dim }, (_, i) => (i % 2 ? 1 : 0.5) + 2 ** -16); // rounds up
      for (const query of [new Float32Array(dim).fill(-1), half, randomRows(dim, 60)]) {
        const { fixedQuery, queryStep } = prepare(opened, query);
        const largest = fixedQuery.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
        const sum = fixedQuery.reduce((total, value) => total + Math.abs(value), 0);
        expect(largest).toBeLessThanOrEqual(32767);
        expect(127 * sum).toBeLessThan(2 ** 31);
        expect(Math.max(largest / 32767, (127 * sum) / 2 ** 31), "one limit is nearly reached").toBeGreaterThan(0.998);
        for (const [d, value] of query.entries()) {
          const error = Math.abs(value - (fixedQuery[d] as number) * queryStep);
          expect(error, "half a step").toBeLessThanOrEqual((queryStep / 2) * (1 + 1e-9));
        }
      }
    }
  });

  test("leaves a query of zeros as it is, with a step of 0", async () => {
    for (const metric of ["dot", "cosine"] as const) {
      const opened = await open(5, "pq", metric);
      const prepared = prepare(opened, new Float32Array(5));
      expect(prepared.query).toEqual(new Float32Array(5));
      expect(prepared.fixedQuery).toEqual(new Int16Array(5));
      expect(prepared.queryStep).toBe(0);
      expect(prepared).toEqual(reference.prepareQuery(opened.index, new Float32Array(5)));
    }
  });

  test("scales a cosine query to length 1 up to f32 rounding, and hashes it as it was given", async () => {
    const opened = await open(17, "rq", "cosine");
    const query = randomRows(17, 61).map((value) => value * 1000);
    const prepared = prepare(opened, query);
    const square = prepared.query.reduce((sum, value) => sum + value * value, 0);
    expect(Math.abs(square - 1)).toBeLessThan(2 * 2 ** -24 + 2 ** -48); // every value off by at most u of itself
    expect(prepared.queryHash).toBe(reference.xxh64(new Uint8Array(query.buffer), 0n));
  });

  test("gives the second codebook the second half, the first being the longer", async () => {
    const opened = await open(5, "pq", "dot");
    const { subQuery1, subQuery2 } = prepare(opened, Float32Array.of(1, 2, 3, 4, 5));
    expect(Array.from(subQuery1)).toEqual([1, 2, 3]);
    expect(Array.from(subQuery2)).toEqual([4, 5]);
  });
});

function prepare(opened: OpenedTiny, query: Float32Array): PreparedQuery {
  const { facts } = opened.index;
  const [dim1, dim2] = codebookDims(facts);
  opened.ask(query);
  return {
    queryHash: opened.queryHash(),
    query: opened.read(Float32Array, "query", facts.dim),
    subQuery1: opened.read(Float32Array, "subQuery1", dim1),
    subQuery2: opened.read(Float32Array, "subQuery2", dim2),
    fixedQuery: opened.read(Int16Array, "fixedQuery", facts.dim),
    queryStep: opened.search(SEARCH_QUERY_STEP),
    querySquare: opened.search(SEARCH_QUERY_SQUARE),
  };
}
