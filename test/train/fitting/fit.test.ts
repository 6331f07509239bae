import { describe, expect, test } from "vitest";
import { load } from "../../../src/index.ts";
import { quantile } from "../../../src/train/arithmetic/averages.ts";
import { checkFit } from "../../../src/train/fitting/check-fit.ts";
import { splitQueries } from "../../../src/train/fitting/split-queries.ts";
import { type BuildOptions, build, type FitReport, type Matrix } from "../../../src/train/index.ts";
import { EVERY } from "../../run/size.ts";
import { randomRows } from "../rows.ts";

const [ITEMS, DIM, QUERIES] = [600, 8, 200];

const table = (itemCount = ITEMS, dim = DIM): Matrix => ({
  data: randomRows(itemCount * dim, 1),
  shape: [itemCount, dim],
});

/** Queries that are large in the first two columns and small in the others. */
const anisotropic = (count = QUERIES, dim = DIM): Float32Array =>
  randomRows(count * dim, 2).map((value, i) => value * (i % dim < 2 ? 8 : 0.5));

async function fitted(options: BuildOptions, rows = table()): Promise<{ file: Uint8Array; fit: FitReport }> {
  let fit: FitReport | undefined;
  const file = await build(rows, {
    calibrate: "off",
    rowType: "f32",
    bits: 4,
    fit: {},
    ...options,
    onReport: (report) => ({ fit } = report),
  });
  if (fit === undefined) throw new Error("no report of a fit");
  return { file, fit };
}

/** Computes the 90th percentile of χ² and the mean KL of the proposal from log Q of every class in the loaded index. */
async function recomputed(file: Uint8Array, queries: Float32Array, scan: number) {
  const index = await load(file);
  const { itemCount, dim } = index.info;
  const ids = Int32Array.from({ length: itemCount }, (_, id) => id);
  const chiSquares: number[] = [];
  let klSum = 0;
  for (let at = 0; at < queries.length; at += dim) {
    const query = queries.subarray(at, at + dim);
    const scores = [...index.score(query, ids)];
    const logQ = index.logQ(query, ids, { scan });
    const logZ = Math.log(scores.reduce((sum, score) => sum + Math.exp(score), 0));
    let square = 0;
    for (const [id, score] of scores.entries()) {
      const [logP, logOfQ] = [score - logZ, logQ[id] as number];
      klSum += Math.exp(logP) * (logP - logOfQ);
      square += Math.exp(2 * logP - logOfQ);
    }
    chiSquares.push(square - 1);
  }
  index.dispose();
  return { chiSquareP90: quantile(Float64Array.from(chiSquares), 0.9), kl: klSum / chiSquares.length };
}

describe("build with fit", () => {
  const KINDS = [
    ["rq", "dot", 0],
    ["pq", "cosine", 64],
    ["rq", "dot", 64],
    ["pq", "dot", 0],
  ] as const;
  test.each(EVERY ? KINDS : KINDS.slice(0, 2))(
    "%s, %s, scan %i: the report is that of enumeration over the held-out queries",
    async (quantizer, metric, scan) => {
      const queries = anisotropic();
      const bias = randomRows(ITEMS, 3);
      const options = { quantizer, metric, bias, queries, seed: 5 };
      const { file, fit } = await fitted({ ...options, fit: { scan } });
      const { heldOut } = splitQueries(queries, DIM, ITEMS, 5n);
      expect(fit).toMatchObject({ scan, fittedQueries: 150, heldOutQueries: 50 });
      for (const [distance, budget] of [
        [fit.after.withScan, scan],
        [fit.after.plain, 0],
      ] as const) {
        const { chiSquareP90, kl } = await recomputed(file, heldOut, budget);
        expect(Math.abs(distance.chiSquareP90 / chiSquareP90 - 1)).toBeLessThan(1e-3);
        expect(Math.abs(distance.kl / kl - 1)).toBeLessThan(1e-3);
      }
      const { chiSquareP90 } = await recomputed(
        await build(table(), { rowType: "f32", bits: 4, calibrate: "off", ...options }),
        heldOut,
        scan,
      );
      expect(Math.abs(fit.before.withScan.chiSquareP90 / chiSquareP90 - 1)).toBeLessThan(1e-3);
      expect(fit.after.withScan.chiSquareP90).toBeLessThan(fit.before.withScan.chiSquareP90);
    },
  );

  test("keeps a step only where it makes the held-out χ² smaller, and goes on from what was kept", async () => {
    for (const scan of [0, 64]) {
      const { fit } = await fitted({ queries: anisotropic(), fit: { scan } });
      let best = fit.before.withScan;
      for (const { before, after, verdict } of fit.steps) {
        expect(before).toEqual(best);
        expect(verdict).toBe(after.chiSquareP90 < before.chiSquareP90 ? "kept" : "not kept");
        if (verdict === "kept") best = after;
      }
      expect(fit.after.withScan).toEqual(best);
      expect(new Set(fit.steps.map(({ name }) => name)).size).toBeGreaterThanOrEqual(6);
    }
  });

  test("the queries' metric wins where queries have few directions, and most of the logits are known after it", async () => {
    const { fit } = await fitted({ queries: anisotropic(), fit: { scan: 0 } });
    const step = fit.steps.find(({ name }) => name === "k-means in the queries' metric");
    expect(step?.verdict).toBe("kept");
    expect((step?.after.chiSquareP90 as number) * 5).toBeLessThan(step?.before.chiSquareP90 as number);
  });

  test("the gate refuses what learned from queries unlike those held out", async () => {
    // The fit learns from one query and validates with one, both of random direction.
    const queries = randomRows(2 * DIM, 7).map((value) => 9 * value);
    const worse: string[] = [];
    for (let seed = 0; seed < 8; seed++) {
      const { fit } = await fitted({ queries, seed, fit: { scan: 0 } });
      expect(fit).toMatchObject({ fittedQueries: 1, heldOutQueries: 1 });
      for (const { before, after, verdict } of fit.steps) {
        if (after.chiSquareP90 > 1.5 * before.chiSquareP90) worse.push(verdict);
      }
      expect(fit.after.withScan.chiSquareP90).toBeLessThanOrEqual(fit.before.withScan.chiSquareP90);
    }
    expect(worse.length).toBeGreaterThan(3);
    expect(new Set(worse)).toEqual(new Set(["not kept"]));
  });

  test("gives the same bytes and report again, and others for another seed", async () => {
    const options = { queries: anisotropic(), seed: 3, fit: { scan: 0 } };
    const [first, second] = [await fitted(options), await fitted(options)];
    expect(second).toEqual(first);
    expect((await fitted({ ...options, seed: 4 })).file).not.toEqual(first.file);
  });

  test("cosine takes queries at unit length, so their lengths change nothing", async () => {
    const options = { metric: "cosine", fit: { scan: 0 } } as const;
    const first = await fitted({ ...options, queries: anisotropic() });
    const second = await fitted({ ...options, queries: anisotropic().map((value) => 4 * value) });
    expect(second).toEqual(first);
    const unit = await recomputed(first.file, splitQueries(anisotropic(), DIM, ITEMS, 0n).heldOut, 0);
    expect(Math.abs(first.fit.after.plain.chiSquareP90 / unit.chiSquareP90 - 1)).toBeLessThan(2e-3);
  });

  test.each([
    ["fine codes", { fineCodes: true }, table()],
    ["counts of 0", { counts: randomRows(ITEMS, 4).map((value) => Math.max(0, value)) }, table()],
    ["int8 rows", { rowType: "i8" }, table()],
    ["one codeword", { bits: 0 }, table()],
    ["more codewords than rows", { bits: 6 }, table(20)],
    ["one row", { bits: 2 }, table(1)],
    ["one column and halves", { quantizer: "pq", bits: 2 }, table(50, 1)],
  ] as const)("works with %s, and never makes the held-out χ² larger", async (_, options, rows) => {
    const { file, fit } = await fitted({ ...options, queries: anisotropic(QUERIES, rows.shape[1]) }, rows);
    expect(fit.after.withScan.chiSquareP90).toBeLessThanOrEqual(fit.before.withScan.chiSquareP90);
    const index = await load(file);
    expect(index.topK(new Float32Array(rows.shape[1]).fill(1), 1).ids.length).toBe(1);
  });

  test("moves the codewords of an older index, without k-means", async () => {
    const warmFrom = await build(table(), { rowType: "f32", bits: 4 });
    const { fit } = await fitted({ warmFrom, queries: anisotropic(), fit: { scan: 0 } });
    expect(fit.steps.map(({ name }) => name).filter((name) => name.includes("k-means"))).toEqual([]);
    expect(fit.steps.some(({ verdict }) => verdict === "kept")).toBe(true);
  });

  test("reports its steps as progress and stops when it is aborted", async () => {
    const phases: [number, number][] = [];
    await fitted({
      queries: anisotropic(),
      onProgress: ({ phase, done, total }) => phase === "fit" && phases.push([done, total]),
    });
    expect(phases[0]).toEqual([0, 11]);
    expect(phases.at(-1)).toEqual([11, 11]);
    const stop = new AbortController();
    const reason = new Error("enough");
    const aborted = fitted({
      queries: anisotropic(),
      signal: stop.signal,
      onProgress: ({ phase, done }) => phase === "fit" && done === 1 && stop.abort(reason),
    });
    await expect(aborted).rejects.toBe(reason);
  });

  test.each([
    [{ fit: true as never }, TypeError, '"fit" expected an object, got boolean'],
    [{ fit: { scan: -1 } }, RangeError, '"fit.scan" expected 0 or more, got -1'],
    [{ fit: { scan: 1.5 } }, TypeError, '"fit.scan" expected an integer, got 1.5'],
    [{ queries: undefined as never }, RangeError, '"fit" expected "queries" beside it'],
    [{ queries: new Float32Array(0) }, RangeError, '"queries" expected at least 2 with "fit"'],
    [{ queries: new Float32Array(DIM) }, RangeError, '"queries" expected at least 2 with "fit"'],
    [{ queries: new Float32Array(DIM + 1) }, RangeError, '"queries" expected n × 8 values, got 9'],
    [{ queries: new Float32Array(2 * DIM).fill(Number.NaN) }, RangeError, '"queries"[0] expected a finite value'],
  ])("refuses %j", async (options, kind, message) => {
    const outcome = build(table(), { fit: {}, queries: anisotropic(), ...options });
    await expect(outcome).rejects.toBeInstanceOf(kind);
    await expect(outcome).rejects.toThrow(message);
  });

  test("refuses an empty table, and rows that no memory holds", async () => {
    const options = { fit: {}, queries: anisotropic() };
    await expect(build(table(0), options)).rejects.toThrow('"fit" expected rows to fit to, got none');
    expect(() => checkFit(options, 2 ** 28, DIM)).toThrow(
      '"fit" expected rows of at most 3584 MiB as f32, all of which it keeps in memory, got 8192 MiB',
    );
  });
});
