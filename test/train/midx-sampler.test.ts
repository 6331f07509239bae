import { describe, expect, test } from "vitest";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { load } from "../../src/load-inlined.ts";
import { createSampler } from "../../src/train/samplers/create-inlined.ts";
import type { SamplerFit } from "../../src/train/samplers/midx/midx-options.ts";
import type { Sampler } from "../../src/train/samplers/sampler.ts";
import { buildUntilted } from "../fixtures/untilted.ts";
import { logSumExp } from "../statistics/enumeration.ts";
import { randomRows } from "./rows.ts";
import { DIM, madeClasses } from "./sampler-cases.ts";

const N = 400;
const IDS = Array.from({ length: N }, (_, id) => id);
const { rows, biases, counts } = madeClasses(N);
const queries = [1, 2, 3, 4].map((seed) => randomRows(DIM, 60 + seed).map((value) => 2 * value));
const [query] = queries as [Float32Array];

/** Replaces the rows of a `share` of the classes. */
const movedBy = (distance: number, share = 1): Float32Array => {
  const steps = randomRows(N * DIM, 70);
  return rows.map((value, i) => (i < share * N * DIM ? value + distance * (steps[i] as number) : value));
};

/** Computes 1 / (1 + χ²) for the softmax of these rows under a proposal. */
function sampleShare(of: Float32Array, z: Float32Array, logQ: Float64Array): number {
  const logits = IDS.map((id) =>
    z.reduce((sum, value, d) => sum + value * (of[id * DIM + d] as number), biases[id] as number),
  );
  const logZ = logSumExp(logits);
  return 1 / IDS.reduce((sum, id) => sum + Math.exp(2 * ((logits[id] as number) - logZ) - (logQ[id] as number)), 0);
}

describe.each(["rq", "pq"] as const)("%s", (quantizer) => {
  const built = async (): Promise<MultiIndex> =>
    load(
      await buildUntilted(
        { data: rows, shape: [N, DIM] },
        { quantizer, rowType: "f32", bias: biases, counts, seed: 3 },
      ),
    );

  test("with a head, draws what the library's own build draws without outliers and tilts", async () => {
    const scan = 20;
    const sampler = await createSampler({ kind: "midx", quantizer, scan, seed: 3n }, { rows, biases, counts });
    const index = await built();
    const drawn = index.sample(query, 50, { scan, exclude: [7], seed: 9 });
    const { ids, logQ } = sampler.draw(query, 50, [7], 9n);
    expect(ids).toEqual(drawn.ids);
    expect(logQ).toEqual(Float64Array.from(drawn.logQ));
    expect(sampler.logQ(query, IDS, [])).toEqual(Float64Array.from(index.logQ(query, IDS, { scan })));
  });

  test("without one, has the proposal of the library's own build without outliers and tilts", async () => {
    const sampler = await createSampler({ kind: "midx", quantizer, seed: 3n }, { rows, biases, counts });
    const index = await built();
    for (const z of queries) {
      const expected = index.logQ(z, IDS, { scan: 0, exclude: [7] });
      for (const [id, logQ] of sampler.logQ(z, IDS, [7]).entries()) {
        if (id === 7) expect(logQ).toBe(Number.NEGATIVE_INFINITY);
        else expect(Math.abs(logQ - (expected[id] as number))).toBeLessThan(1e-5);
      }
    }
  });

  test("does nothing for rows that hardly moved, and log Q stays what it was", async () => {
    const sampler = await createSampler({ kind: "midx", quantizer }, { rows, biases, counts });
    for (const z of queries) sampler.draw(z, 10, [], 1n);
    const before = sampler.logQ(query, IDS, []);
    for (const changed of [rows, movedBy(0.001)]) {
      expect(sampler.refresh(changed, biases)).toMatchObject({ kind: "none", moved: 0 });
    }
    expect(sampler.logQ(query, IDS, [])).toEqual(before);
  });

  test("gives classes other codewords where some moved, and is the better proposal for it", async () => {
    const sampler = await createSampler({ kind: "midx", quantizer, rebuildAt: 1e9 }, { rows, biases, counts });
    const moved = movedBy(1.5, 0.2);
    const before = queries.map((z) => sampleShare(moved, z, sampler.logQ(z, IDS, [])));
    const report = sampler.refresh(moved, biases);
    expect(report.kind).toBe("reassigned");
    expect(report.moved).toBeGreaterThan(0.1 * N);
    expect(report.moved).toBeLessThan(0.25 * N);
    const after = queries.map((z) => sampleShare(moved, z, sampler.logQ(z, IDS, [])));
    expect(mean(after)).toBeGreaterThan(mean(before));
    expect(sampler.refresh(moved, biases)).toMatchObject({ kind: "none", moved: 0 });
  });

  test("learns codebooks anew where most moved, and is the better proposal for that", async () => {
    const far = movedBy(2);
    const shareAfter = async (rebuildAt: number, kind: string): Promise<number> => {
      const sampler = await createSampler({ kind: "midx", quantizer, rebuildAt }, { rows, biases, counts });
      expect(sampler.refresh(far, biases).kind).toBe(kind);
      return mean(queries.map((z) => sampleShare(far, z, sampler.logQ(z, IDS, []))));
    };
    expect(await shareAfter(1.5, "rebuilt")).toBeGreaterThan(await shareAfter(1e9, "reassigned"));
  });
});

describe.each(["rq", "pq"] as const)("the defaults of %s", (quantizer) => {
  // The residual energy grows by less than a factor of 1.1, by one between 1.1 and 1.5, and by more.
  test.each([
    [0.01, "none"],
    [0.1, "reassigned"],
    [0.2, "rebuilt"],
  ])("answer rows that moved by %f with %s", async (distance, kind) => {
    const sampler = await createSampler({ kind: "midx", quantizer }, { rows, biases, counts });
    expect(sampler.refresh(movedBy(distance), biases).kind).toBe(kind);
  });
});

test("a fall of the effective sample size is enough, where rows stayed and biases moved", async () => {
  const changed = biases.map((bias, id) => bias + (id % 2 === 0 ? 0 : 2));
  const sampler = await createSampler({ kind: "midx", rebuildAt: 1e9 }, { rows, biases, counts });
  expect(sampler.refresh(rows, changed).kind).toBe("none"); // no query was seen yet
  for (const z of queries) sampler.draw(z, 1, [], 1n);
  expect(sampler.refresh(rows, changed)).toMatchObject({ kind: "reassigned", moved: 0 });
  const fresh = await createSampler({ kind: "midx" }, { rows, biases: changed, counts });
  expect(sampler.logQ(query, IDS, [])).toEqual(fresh.logQ(query, IDS, []));
});

test("the same rows, draws and refreshes give the same draws", async () => {
  const run = async (): Promise<unknown[]> => {
    const sampler = await createSampler({ kind: "midx" }, { rows, biases, counts });
    return [0.3, 0.9, 2].map((distance, i) => {
      const drawn = sampler.draw(query, 20, [3], BigInt(i));
      const { kind, moved } = sampler.refresh(movedBy(distance), biases);
      return [drawn, kind, moved];
    });
  };
  expect(await run()).toEqual(await run());
});

test("more draws than it has room for are refused by name", async () => {
  const sampler = await createSampler({ kind: "midx", maxDraws: 64 }, { rows, biases });
  expect(sampler.draw(query, 64, [], 1n).ids).toHaveLength(64);
  expect(() => sampler.draw(query, 65, [], 1n)).toThrow(
    '"count" expected at most 64 (maxDraws), got 65; createSampler({ maxDraws: 65 }) allows it',
  );
});

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

describe.each([0, 20])("codewords fitted to queries, scan %i", (scan) => {
  /** Alike in two directions, large there: what is known of some is true of others. */
  const alike = (count: number, seed: number): Float32Array =>
    randomRows(count * DIM, seed).map((value, i) => value + (i % DIM < 2 ? 3 : 0));
  const asked = alike(160, 80);
  const unseen = alike(40, 81);
  const each = (all: Float32Array): Float32Array[] =>
    Array.from({ length: all.length / DIM }, (_, q) => all.subarray(q * DIM, (q + 1) * DIM));
  const meanShare = (sampler: Sampler, of: Float32Array): number =>
    mean(each(unseen).map((z) => sampleShare(of, z, sampler.logQ(z, IDS, []))));
  const make = (fit?: SamplerFit): Promise<Sampler> =>
    createSampler({ kind: "midx", scan, bits: 3, ...(fit && { fit }) }, { rows, biases, counts });

  test("draws of queries that it did not see are worth more, and log Q is normalised", async () => {
    const [plain, fitted] = [await make(), await make({ queries: asked })];
    expect(meanShare(fitted, rows)).toBeGreaterThan(1.015 * meanShare(plain, rows));
    for (const z of each(unseen).slice(0, 4)) {
      expect(Math.abs(logSumExp([...fitted.logQ(z, IDS, [])]))).toBeLessThan(1e-5);
    }
  });

  test("refresh fits to the queries that were drawn for, where it learns codebooks anew", async () => {
    const [plain, fitted] = [await make(), await make({})];
    const moved = movedBy(3);
    for (const sampler of [plain, fitted]) {
      for (const z of each(asked)) sampler.draw(z, 1, [], 1n);
      expect(sampler.refresh(moved, biases).kind).toBe("rebuilt");
    }
    expect(meanShare(fitted, moved)).toBeGreaterThan(1.05 * meanShare(plain, moved));
    const few = await make({});
    for (const z of each(asked).slice(0, 8)) few.draw(z, 1, [], 1n);
    few.refresh(moved, biases);
    expect(few.logQ(query, IDS, [])).toEqual(plain.logQ(query, IDS, []));
  });

  test("the same queries give the same bits", async () => {
    const [first, second] = [await make({ queries: asked }), await make({ queries: asked })];
    expect(second.logQ(query, IDS, [])).toEqual(first.logQ(query, IDS, []));
  });

  test.each([
    [{ kept: -1 }, '"fit.kept" expected 0 or more, got -1'],
    [{ queries: new Float32Array(DIM + 1) }, `"queries" expected n × ${DIM} values, got ${DIM + 1}`],
  ])("refuses %j", async (fit, message) => {
    await expect(make(fit)).rejects.toThrow(message);
  });
});
