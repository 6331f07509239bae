import { describe, expect, test, vi } from "vitest";
import * as structs from "../../build/structs.ts";
import type { BuildOptions } from "../../src/train/build/build-options.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { changedLogit } from "../fixtures/changed-cases.ts";
import { float32Of, int32Of, type RawFile, type RawTensor, readRaw, writeRaw } from "../fixtures/index-file.ts";
import { type Open, open } from "../fixtures/open.ts";
import { faultOf } from "../fixtures/outcome.ts";
import { refineScores, refineTop } from "../reference/refine.ts";
import { EVERY } from "../run/size.ts";
import { randomRows } from "../train/rows.ts";

// topK of files with residuals: it ranks and scores by refined rows, scale · (code + residual / 254), and all other calls
// by the stored rows (docs/method.md, section 9).

const [N, DIM] = [1500, 19];
const SMALL_HEAD = { maxScan: 4 }; // a small index is then answered by bounds, too
const IDS = Int32Array.from({ length: N }, (_, id) => id);
const f32 = Math.fround;

/** Rows around centres, some of them twice and some zero. `spread` is that around a centre. */
function rowsOf(seed: number, spread: number): Float32Array {
  const noise = randomRows(N * DIM, seed);
  const centres = randomRows(30 * DIM, seed + 50);
  return noise.map((value, i) => {
    const id = Math.floor(i / DIM);
    if (id % 90 === 0) return 0;
    return 3 * (centres[(id % 30) * DIM + (i % DIM)] as number) + spread * value;
  });
}

const CASES: Record<string, { readonly spread: number; readonly options: BuildOptions }> = {
  clusters: { spread: 0.1, options: { bits: 4 } },
  "clusters, pq, biases": { spread: 0.1, options: { bits: 4, quantizer: "pq", bias: randomRows(N, 5) } },
  "fine codes": { spread: 1, options: { bits: 3, fineCodes: true } },
  "fine codes, biases, no structure": { spread: 8, options: { bits: 5, fineCodes: true, bias: randomRows(N, 6) } },
  "fine codes, few groups": { spread: 0.3, options: { bits: 1, fineCodes: true } },
  "fine codes, cosine": { spread: 1, options: { bits: 3, fineCodes: true, metric: "cosine" } },
};

const rows = Object.fromEntries(Object.entries(CASES).map(([name, { spread }], i) => [name, rowsOf(10 * i, spread)]));
const built = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();
/** Builds a case once for all tests with these options. */
function build(name: string, more: BuildOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
  const key = name + JSON.stringify(more);
  const file =
    built.get(key) ??
    buildIndex({ data: rows[name] as Float32Array, shape: [N, DIM] }, { ...CASES[name]?.options, seed: 3, ...more });
  built.set(key, file);
  return file;
}

const queriesOf = (count: number): Float32Array[] =>
  Array.from({ length: count }, (_, i) => {
    const size = [1, 1e-6, 30, 0.2, 1000][i % 5] as number;
    return randomRows(DIM, 900 + i).map((value) => (i === 0 ? 0 : value * size));
  });

/** Returns what refines scores for the query that was asked last. */
function refinementOf({ opened }: Open, raw: RawFile) {
  const { buffer } = opened.kernels.memory;
  return {
    ...{ dim: DIM, width: 32 },
    residuals: new Int8Array(tensorOf(raw, "residuals.rows")),
    rowScales: float32Of(raw, "rowScales"),
    fixedQuery: new Int16Array(buffer, opened.plan.regions.fixedQuery, DIM),
    queryStep: opened.search[structs.SEARCH_QUERY_STEP / 8] as number,
  };
}

/** Returns the refined score of every class for the query that was asked last, of which `scores` are those of the stored rows. */
function refined(one: Open, raw: RawFile, scores: Float32Array): Float32Array {
  const ids = int32Of(raw, "ids").subarray(0, N);
  const positions = new Int32Array(N);
  for (const [position, id] of ids.entries()) positions[id] = position;
  return refineScores(refinementOf(one, raw), positions, scores);
}

function tensorOf({ tensors, data }: RawFile, name: string): ArrayBuffer {
  const { data_offsets: offsets } = tensors[name] as RawTensor;
  const [begin, end] = offsets;
  return data.slice(begin, end).buffer as ArrayBuffer;
}

/** Highest score first, then lower id. */
const best = (scores: ArrayLike<number>, k: number, keeps: (id: number) => boolean = () => true): number[] =>
  Array.from(IDS)
    .filter(keeps)
    .sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b)
    .slice(0, k);

test.each(Object.keys(CASES))("the kernel refines scores as its reference: %s", async (name) => {
  const file = await build(name, { residuals: true });
  const one = await open(file);
  const { kernels, plan } = one.opened;
  const { drawPositions, drawScores } = plan.regions;
  const positions = Int32Array.from([5, 0, N - 1, 5, 17]);
  for (const query of queriesOf(5)) {
    one.index.topK(query, 3, { exact: true }); // leaves the query in place, for refined scores
    new Int32Array(kernels.memory.buffer, drawPositions, positions.length).set(positions);
    kernels.scorePositions(plan.layout, drawPositions, positions.length, drawScores);
    const scores = new Float32Array(kernels.memory.buffer, drawScores, positions.length);
    const expected = refineScores(refinementOf(one, readRaw(file)), positions, scores.slice());
    kernels.refineScores(plan.layout, drawPositions, positions.length, drawScores);
    expect(Array.from(scores)).toEqual(Array.from(expected));
  }
});

describe.each(Object.keys(CASES))("topK of an index with residuals: %s", (name) => {
  test("is brute force over refined rows with exact, to the bit", async () => {
    const file = await build(name, { residuals: true });
    const raw = readRaw(file);
    let changed = 0;
    for (const limits of [SMALL_HEAD, {}]) {
      const one = await open(file, limits);
      for (const query of queriesOf(EVERY ? 60 : 10)) {
        const stored = one.index.score(query, IDS);
        const scores = refined(one, raw, stored);
        for (const k of [1, 10, 40]) {
          const top = one.index.topK(query, k, { exact: true });
          expect(Array.from(top.ids)).toEqual(best(scores, k));
          expect(top.scores).toEqual(Float32Array.from(top.ids, (id) => scores[id] as number));
          expect(top.exact).toBe(true);
          if (best(stored, k).join() !== best(scores, k).join()) changed++;
        }
      }
    }
    expect(changed, "the stored rows have another order").toBeGreaterThan(10);
  });

  test("is brute force under filters and changed logits", async () => {
    const file = await build(name, { residuals: true });
    const raw = readRaw(file);
    const one = await open(file, { maxScan: 200 });
    for (const query of queriesOf(EVERY ? 20 : 10)) {
      const scores = refined(one, raw, one.index.score(query, IDS));
      const first = best(scores, 60);
      const conditions = {
        exclude: first.filter((_, i) => i % 3 === 0),
        bias: { ids: first.slice(4, 8), values: [0.01, -0.02, 0.5, -3] },
        history: first.slice(10, 14),
        repetitionPenalty: 1.3,
        presencePenalty: 0.01,
      };
      const logits = Array.from(scores, (score, id) => f32(changedLogit(conditions, score, id)));
      const top = one.index.topK(query, 10, { exact: true, ...conditions });
      expect(Array.from(top.ids)).toEqual(best(logits, 10, (id) => (logits[id] as number) > Number.NEGATIVE_INFINITY));
      expect(Array.from(top.scores)).toEqual(Array.from(top.ids, (id) => logits[id]));
      const allow = first.slice(30);
      const few = one.index.topK(query, 10, { exact: true, allow });
      expect(Array.from(few.ids)).toEqual(allow.slice(0, 10));
    }
  });

  test("has refined scores whatever it reads, and the best of what it scored", async () => {
    const file = await build(name, { residuals: true });
    const raw = readRaw(file);
    const one = await open(file, { maxScan: N });
    const efforts = [{ scan: 50 }, { scan: N }, ...(CASES[name]?.options.fineCodes ? [{ scan: N, rescore: 60 }] : [])];
    for (const query of queriesOf(EVERY ? 20 : 10)) {
      const scores = refined(one, raw, one.index.score(query, IDS));
      for (const effort of efforts) {
        const { ids, scores: given } = one.index.topK(query, 10, effort);
        expect(given).toEqual(Float32Array.from(ids, (id) => scores[id] as number));
        expect(Array.from(ids)).toEqual(best(scores, 10, (id) => ids.includes(id)));
      }
      expect(Array.from(one.index.topK(query, 10, { scan: N }).ids)).toEqual(best(scores, 10));
    }
  });

  test("leaves all other calls as they are without residuals", async () => {
    const [withThem, without] = await Promise.all([build(name, { residuals: true }), build(name)]);
    const [{ index }, { index: plain }] = [await open(withThem), await open(without)];
    for (const query of queriesOf(6)) {
      index.topK(query, 5, { exact: true }); // nothing of it is left
      expect(index.predict(query, 5, { scan: 40, seed: 1 })).toEqual(plain.predict(query, 5, { scan: 40, seed: 1 }));
      expect(index.score(query, IDS)).toEqual(plain.score(query, IDS));
      expect(index.sample(query, 20, { seed: 2 })).toEqual(plain.sample(query, 20, { seed: 2 }));
      expect(index.predict(query, 5, { exact: true, seed: 3 })).toEqual(
        plain.predict(query, 5, { exact: true, seed: 3 }),
      );
      const { lower, upper } = index.logPartition(query, { scan: 40, seed: 1 });
      const bracket = plain.logPartition(query, { scan: 40, seed: 1 });
      expect(lower).toBeLessThanOrEqual(bracket.lower); // norms are the larger ones of stored and refined rows
      expect(upper).toBeGreaterThanOrEqual(bracket.upper);
    }
    expect(index.rows([7])).toEqual(plain.rows([7]));
    expect([index.info.hasResiduals, plain.info.hasResiduals]).toEqual([true, false]);
  });

  test("stores rows to 16 bits", async () => {
    const raw = readRaw(await build(name, { residuals: true }));
    const [codes, residuals] = [tensorOf(raw, "rows"), tensorOf(raw, "residuals.rows")].map((b) => new Int8Array(b));
    const scales = float32Of(raw, "rowScales");
    const data = rows[name] as Float32Array;
    const tooFar: string[] = [];
    for (const [position, id] of int32Of(raw, "ids").subarray(0, N).entries()) {
      const row = data.subarray(id * DIM, (id + 1) * DIM);
      const norm = Math.hypot(...row);
      const length = CASES[name]?.options.metric === "cosine" && norm > 0 ? norm : 1;
      const scale = scales[position] as number;
      for (let d = 0; d < DIM; d++) {
        const at = position * 32 + d;
        const value = scale * ((codes?.[at] as number) + (residuals?.[at] as number) / 254);
        const off = Math.abs(value - (row[d] as number) / length);
        if (!(off <= (scale / 508) * 1.01 + 1e-7 * Math.abs(value))) tooFar.push(`value ${d} of ${id} by ${off}`);
      }
    }
    expect(tooFar).toEqual([]);
  });
});

test("bounds by buckets, fine codes and scans of all rows are all asked", async () => {
  const taken = { survivors: 0, certifyByCodes: 0, listPositions: 0 };
  for (const name of Object.keys(CASES)) {
    const { index, opened } = await open(await build(name, { residuals: true }), SMALL_HEAD);
    for (const query of queriesOf(EVERY ? 60 : 20)) {
      const ways = (["survivors", "certifyByCodes", "listPositions"] as const).map(
        (way) => [way, vi.spyOn(opened.kernels, way)] as const,
      );
      index.topK(query, 1, { exact: true });
      for (const [way, calls] of ways) {
        taken[way] += Math.min(calls.mock.calls.length, 1);
        calls.mockRestore();
      }
    }
  }
  for (const [way, count] of Object.entries(taken)) expect(count, way).toBeGreaterThan(5);
});

test("the most that residuals add is that of the reference", async () => {
  const { index, opened } = await open(await build("clusters", { residuals: true }));
  for (const query of queriesOf(5)) {
    index.topK(query, 3, { scan: 10 });
    const queryStep = opened.search[structs.SEARCH_QUERY_STEP / 8] as number;
    const querySquare = query.reduce((sum, value) => sum + value * value, 0);
    const expected = refineTop({ query, queryStep, querySquare });
    expect(opened.search[structs.SEARCH_REFINEMENT / 8]).toBe(expected);
    index.score(query, []);
    expect(opened.search[structs.SEARCH_REFINEMENT / 8]).toBe(0);
  }
});

describe("the section of residuals", () => {
  test("is refused beside rows that are not int8, in builds and in files", async () => {
    await expect(build("clusters", { residuals: true, rowType: "f16" })).rejects.toThrow(
      '"residuals" expected the row type "i8", got "f16": leave one of them out',
    );
    const raw = readRaw(await build("clusters", { rowType: "f16" }));
    const sections = raw.metadata.sections?.replace("report/", "residuals/1/refuse report/") as string;
    const file = writeRaw({ ...raw, metadata: { ...raw.metadata, sections } });
    expect(await faultOf(file)).toMatchObject({ code: "section" });
  });

  test.each([
    ["a residual of -128", 3, 0x80, "tensor-value"],
    ["a value behind the last", 19, 1, "tensor-padding"],
  ])("is refused with %s", async (_, at, value, code) => {
    const raw = readRaw(await build("clusters", { residuals: true }));
    const { data_offsets: offsets } = raw.tensors["residuals.rows"] as RawTensor;
    const data = raw.data.slice();
    data[offsets[0] + 32 * 8 + at] = value;
    expect(await faultOf(writeRaw({ ...raw, data }))).toMatchObject({ code });
  });
});
