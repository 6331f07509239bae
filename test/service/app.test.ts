import fc from "fast-check";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { FormatError, load, type MultiIndex } from "../../src/index.ts";
import { build } from "../../src/train/index.ts";
import { createApp } from "../../worker/app.ts";
import { DEFAULT_MAX_WORK } from "../../worker/contract/limits.ts";
import { fixedHost } from "../../worker/host/fixed-host.ts";
import type { ConditionFields } from "../../worker/request/conditions.ts";
import { conditionsWork } from "../../worker/request/conditions-work.ts";
import { decodeWork } from "../../worker/request/decode-work.ts";
import { slateWork } from "../../worker/request/draw-work.ts";
import { predictWork } from "../../worker/request/work.ts";
import { servedIndex } from "../fixtures/served-index.ts";
import { EVERY } from "../run/size.ts";

const DIM = 4;
let index: MultiIndex;
/** An index of 6,000 classes with biases, enough for growing heads. */
let larger: MultiIndex;
/** An index of these classes with fine codes. */
let coded: MultiIndex;

beforeAll(async () => {
  index = await load(await build({ data: valuesOf(50), shape: [50, DIM] }, { bits: 2, seed: 1, calibrate: "off" }));
  const bias = Float32Array.from({ length: 6000 }, (_, i) => ((i * 31) % 17) / 8);
  const matrix = { data: valuesOf(6000), shape: [6000, DIM] } as const;
  larger = await load(await build(matrix, { bias, bits: 4, seed: 1, calibrate: "off" }));
  coded = await load(await build(matrix, { bias, bits: 4, seed: 1, fineCodes: true, calibrate: "off" }));
});

function valuesOf(itemCount: number): Float32Array {
  return Float32Array.from({ length: itemCount * DIM }, (_, i) => ((i * 37) % 10007) / 5000 - 1);
}

afterEach(() => {
  vi.restoreAllMocks();
});

function jsonRequest(body: object): RequestInit {
  return { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

/** The work of a draw without its row, and of a number in an answer. */
const [DRAW, NUMBER] = [256, 1400];
/** The work of ranking a class. */
const RANK = 240;

/** The tries of a default estimate without a calibration: every other has a second, of up to three times the work of the first. */
const TRIES = 2.5;

/** The work of one query by default, which reads all of 50 rows of bytes, and of its 3 classes. */
const workOfRequest = (): number => (50 * DIM) / 2 + 3 * 3 * NUMBER;

/** The work that the application counts for `body`. */
async function workOf(asked: MultiIndex, path: string, body: object): Promise<number> {
  const app = createApp(fixedHost(asked, { maxWork: 1 }));
  const refusal = await (await app.request(path, jsonRequest(body))).text();
  expect(refusal).toContain("too_much_work");
  return Number(refusal.match(/needs (\d+) /)?.[1]);
}

/** An index whose predict throws `error`. */
function brokenIndex(error: Error): MultiIndex {
  const predict = () => {
    throw error;
  };
  return { info: index.info, predict } as unknown as MultiIndex;
}

const REQUEST = jsonRequest({ vector: [1, 0, 0, 0], k: 3, seed: 1 });

describe("createApp outside of Workers", () => {
  it("answers from any index it is given", async () => {
    const response = await createApp(fixedHost(index)).request("/v1/predict", REQUEST);
    const { ids } = index.predict(new Float32Array([1, 0, 0, 0]), 3, { scan: 1024, seed: 1 });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ version: index.info.contentId.slice(0, 12), ids: Array.from(ids) });
  });

  it.each([
    [new FormatError("checksum", 64, "rows were changed"), "index_invalid"],
    [new RangeError("index needs 131.2 MiB, limit is 120.0 MiB"), "index_too_large"],
    [new Error("connection reset"), "index_unreadable"],
    ["gone", "index_unreadable"],
  ])("explains with a 503 why there is no index: %s", async (reason, code) => {
    const app = createApp({ ...fixedHost(index), served: () => Promise.reject(reason) });
    for (const [path, init] of [["/readyz"], ["/v1/info"], ["/v1/predict", REQUEST]] as const) {
      const response = await app.request(path, init);
      expect(response.status).toBe(503);
      const detail = reason instanceof Error ? reason.message : reason;
      expect(await response.json()).toMatchObject({ code, detail });
    }
    expect((await app.request("/healthz")).status).toBe(200);
  });

  it("refuses a request above the work limit, and takes it below", async () => {
    const work = workOfRequest();
    const ask = (maxWork: number) => createApp(fixedHost(index, { maxWork })).request("/v1/predict", REQUEST);
    expect((await ask(work)).status).toBe(200);
    const refused = await ask(work - 1);
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({
      code: "too_much_work",
      detail: expect.stringContaining(`needs ${work} multiply-adds, the limit is ${work - 1}`),
    });
  });

  it("counts the work of every vector of a batch", async () => {
    const app = createApp(fixedHost(index, { maxWork: 3 * workOfRequest() }));
    const ask = (count: number) =>
      app.request("/v1/predict", jsonRequest({ vectors: Array.from({ length: count }, () => [1, 0, 0, 0]), k: 3 }));
    expect((await ask(3)).status).toBe(200);
    expect((await ask(4)).status).toBe(400);
  });

  it("counts temperature and filter once a request, there and back, by what has to be weighed again", async () => {
    const vector = [1, 0, 0, 0];
    const plain = await workOf(larger, "/v1/log-partition", { vector });
    const extra = async (body: object) => (await workOf(larger, "/v1/log-partition", { vector, ...body })) - plain;
    const { itemCount, bucketCount, largestBucket } = larger.info;
    const everything = itemCount * 24 + 2 * bucketCount * 80;
    const buckets = 2 * bucketCount * 80;
    expect(await extra({ temperature: 1, exclude: [] })).toBe(0);
    expect(await extra({ temperature: 0.5 })).toBe(buckets);
    // Few allowed classes are all scored; a bitmap may have any number of them.
    expect(await extra({ allow: [1, 2] })).toBe(buckets + 2 * (24 + 2 * 144) + 2 * DIM);
    expect(await extra({ allow: Array.from({ length: 8193 }, () => 1) })).toBe(everything + 2 * 8193 * 144);
    expect(await extra({ allow: { bitmap: "A".repeat(1000) } })).toBe(everything + 16 * 1000);
    // Each query of a batch scores them anew.
    const three = { vectors: [vector, vector, vector] };
    const few = await workOf(larger, "/v1/log-partition", { ...three, allow: [1, 2] });
    expect(few).toBe(3 * plain + buckets + 2 * (24 + 2 * 144) + 3 * 2 * DIM);
    const bitmap = { bitmap: "A".repeat(1000) };
    const many = Array.from({ length: 20 }, () => vector);
    const scored = 20 * itemCount * DIM;
    expect(scored).toBeGreaterThan(everything);
    expect(await workOf(larger, "/v1/log-partition", { vectors: many, allow: bitmap })).toBe(
      20 * plain + scored + 16 * 1000,
    );
    expect(await extra({ exclude: [1] })).toBe(largestBucket * 24 + 2 * (80 + 144));
    expect(await extra({ exclude: Array.from({ length: itemCount }, (_, i) => i) })).toBe(
      everything + 2 * itemCount * 144,
    );
    const batch = await workOf(larger, "/v1/log-partition", { vectors: [vector, vector, vector], temperature: 0.5 });
    expect(batch).toBe(3 * plain + buckets);
    const withoutBias = await workOf(index, "/v1/log-partition", { vector });
    expect(await workOf(index, "/v1/log-partition", { vector, temperature: 0.5 })).toBe(withoutBias);
  });

  it("counts, from above, what may be read: heads that grow, all rows, all clocks", async () => {
    const { itemCount, bucketCount } = larger.info;
    const all = (itemCount * DIM) / 2; // int8 rows, read in order
    const head = (rows: number, draws = 0) => 2 * 16 * DIM + bucketCount + (rows + 256) * DIM + draws * (DIM + DRAW);
    const bounds = 16 * bucketCount;
    const grown = 2 * itemCount; // all rows, and heads of half of them and less before
    const growth = (draws: number) => 10 * (head(0, draws) + bounds) + grown * DIM + all;
    // 256 draws take less time than all rows, and four times as many may be made at once. The 7 double eight times to get
    // there, and the head of 1,024 grows twice, to half of all rows.
    const auto = 11 * 2 * head(0) + 10 * 3000 * DIM + 4 * 4 * 256 * (DIM + DRAW) + all;
    const certified = head(1024) + bounds + all;
    const nucleus = head(3000, 100) + (3000 + 256) * RANK + all;
    const single = 10 * NUMBER;
    // So few classes have a scan before a second head, and the rows of the blocks with draws are scored again.
    const exactDraws = (draws: number) =>
      head(1024) + bounds + all + (Math.min(itemCount, 1024 * draws) * DIM) / 2 + 2048 * draws + 3 * draws * NUMBER;
    const diverse = (k: number, pool: number) => (4 + k) * pool * DIM + 12 * k * pool + 3 * k * NUMBER;
    const mixed = (draws: number) => itemCount / 8 + draws * (DIM + 2400);
    const bounded = (rows: number) => 16 * (rows + 256);
    const clocks = (k: number) => 96 * itemCount + 384 * (4096 + 16 * (k + 1));
    for (const [path, body, expected] of [
      ["/v1/predict", { exact: true, scan: "auto" }, all + 30 * NUMBER],
      ["/v1/predict", { scan: 20, k: 30, draws: 7 }, head(30, 7) + 90 * NUMBER],
      ["/v1/predict", { k: 30, draws: 7 }, TRIES * head(1024, 7) + 90 * NUMBER],
      ["/v1/predict", { scan: "auto", draws: 7 }, auto + 30 * NUMBER],
      ["/v1/predict", { targetError: 0.1, draws: 7 }, auto + 30 * NUMBER],
      ["/v1/log-probability", { ids: [1, 2], scan: 20, draws: 7 }, head(20, 7) + 2 * (DIM + 1000 + NUMBER)],
      ["/v1/log-probability", { ids: [1, 2], scan: "auto", draws: 7 }, auto + 2 * (DIM + 1000 + NUMBER)],
      ["/v1/log-partition", { scan: 20, draws: 7 }, head(20, 7) + bounds],
      ["/v1/log-partition", { scan: 20, draws: 7, tolerance: 1 }, head(20, 7) + bounds + growth(7)],
      ["/v1/log-partition", { exact: true, tolerance: 1 }, all + bounds],
      ["/v1/sample", { scan: 20, draws: 7 }, head(20, 7) + 21 * NUMBER],
      ["/v1/sample", { draws: 7, exact: true }, exactDraws(7)],
      ["/v1/predict", { scan: 20, k: 30, draws: 7, diversity: { pool: 50 } }, head(50, 7) + diverse(30, 50)],
      ["/v1/predict", { scan: 20, k: 30, draws: 7, diversity: {} }, head(120, 7) + diverse(30, 120)],
      ["/v1/predict", { exact: true, diversity: {} }, all + diverse(10, 64)],
      ["/v1/predict", { exact: true, k: 900, diversity: {} }, all + diverse(900, 1000)],
      ["/v1/predict", { exact: true, k: 900, diversity: { lambda: 1 } }, all + 2700 * NUMBER],
      ["/v1/sample", { scan: 20, draws: 7, mixture: { uniform: 0.1 } }, head(20, 7) + mixed(7) + 21 * NUMBER],
      [
        "/v1/sample",
        { scan: 20, draws: 7, mixture: { popularity: { share: 0.1 } } },
        head(20, 7) + mixed(7) + 16 * itemCount + 7 * 2048 + 21 * NUMBER,
      ],
      [
        "/v1/slate-log-probability",
        { ids: [1, 2], scan: 20 },
        head(20) + bounded(20) + 320 * bucketCount + 2 * (2 * DIM + 1000 + NUMBER),
      ],
      ["/v1/slate-log-probability", { ids: [1, 2], exact: true }, all + 2 * (2 * DIM + 1000 + NUMBER)],
      ["/v1/sample-top-k", { k: 30, scan: 20 }, head(30) + clocks(30) + 120 * NUMBER],
      ["/v1/sample-top-k", { k: 30, exact: true }, growth(0) + grown * 96 + clocks(30) + 120 * NUMBER],
      ["/v1/query", { topK: 3 }, head(1024) + 6 * NUMBER],
      ["/v1/decode", {}, exactDraws(1) + TRIES * head(1024, 100) + single],
      ["/v1/decode", { certain: true }, exactDraws(1) + all + single],
      ["/v1/decode", { temperature: 0, top_p: 0.5 }, certified + single],
      ["/v1/decode", { top_k: 5 }, certified + single],
      ["/v1/decode", { top_k: 5, top_p: 0.9 }, certified + single],
      ["/v1/decode", { min_p: 0.5 }, certified + all + single],
      ["/v1/decode", { min_p: 0.5, top_k: 64 }, certified + single],
      ["/v1/decode", { min_p: 0.5, top_k: 65 }, certified + all + single],
      ["/v1/decode", { top_p: 0.9 }, nucleus + single],
      ["/v1/decode", { top_k: 5, top_p: 0.9, order: ["top_p", "top_k"] }, certified + nucleus + single],
      ["/v1/decode", { top_k: 5, logprobs: 3 }, certified + TRIES * head(1024, 100) + (10 + 9) * NUMBER],
    ] as const) {
      expect(await workOf(larger, path, { vector: [1, 0, 0, 0], ...body }), `${path} ${JSON.stringify(body)}`).toBe(
        expected,
      );
    }
  });

  it("counts second tries by the share of answers that the calibration flagged", () => {
    const workAt = (calibration: object, effort: object = {}) =>
      predictWork({ ...larger.info, calibration: { ...larger.info.calibration, ...calibration } }, effort as never, 0);
    const first = workAt({}, { scan: 1024 });
    expect(workAt({ flagged: 0 })).toBe(first);
    expect(workAt({ flagged: 0.25 })).toBe(1.75 * first);
    expect(workAt({ flagged: undefined })).toBe(2.5 * first);
    // If a second try fails as well, all rows are read.
    const tried = (itemCount: number) => {
      const info = { ...larger.info, itemCount, calibration: { ...larger.info.calibration, flagged: 0.25 } };
      const workOf = (effort: object) => predictWork(info, { exact: false, ...effort }, 0);
      return (workOf({}) - 1.75 * workOf({ scan: 1024 })) / workOf({ exact: true });
    };
    expect([tried(larger.info.itemCount), tried(200_000), tried(10_000_000)]).toEqual([0, 1 / 16, 1 / 16]);
    expect(workAt({ estimator: "allowance-1" })).toBe(first); // a file of format 1.0
    expect(workAt({}, { proposal: "codes" })).toBe(workAt({}, { proposal: "codes", scan: 1024 }));
  });

  it("takes a slate by fine codes from 500,000 classes by default", () => {
    const info = { ...larger.info, itemCount: 500_000, dim: 64 };
    const work = slateWork(info, { proposal: "codes", exact: false }, 10);
    expect(work).toBeGreaterThan(96 * 500_000);
    expect(work).toBeLessThan(DEFAULT_MAX_WORK);
  });

  it("takes the usual decodes of 1,000,000 classes by default, and leaves them ranks for a wide nucleus", () => {
    const info = {
      ...larger.info,
      ...{ itemCount: 1_000_000, dim: 64, bucketCount: 15_457, largestBucket: 27_471, codewordCount: 256 },
    };
    const ids = Array.from({ length: 10_000 }, (_, id) => id);
    const bitmap = "A".repeat(166_668);
    for (const chain of [{ minP: 0.05 }, { topP: 0.9 }, { topK: 50, topP: 0.9 }, { minP: 0.05, topP: 0.9 }]) {
      const left = (own: ConditionFields): number =>
        DEFAULT_MAX_WORK - decodeWork(info, chain, own) - conditionsWork(info, own, 1);
      // 120,000 classes are the 90th percentile of the widest nuclei in docs/decode.md.
      for (const own of [{}, { temperature: 0.7 }, { allow: ids.slice(0, 50) }]) {
        expect(left(own), JSON.stringify([chain, own])).toBeGreaterThan(120_000 * RANK);
      }
      for (const own of [{ allow: { bitmap } }, { exclude: ids }, { allow: ids }, { history: ids.slice(0, 2000) }]) {
        expect(left(own), JSON.stringify([chain, Object.keys(own)])).toBeGreaterThan(20_000 * RANK);
      }
    }
  });

  it("lets a decode rank as many classes as the work that is left of the limit", async () => {
    const body = { vector: [1, 0.5, -1, 0], top_p: 0.999, temperature: 100, seed: 1 };
    const needed = await workOf(larger, "/v1/decode", body);
    const ask = (maxWork: number, vectors?: number[][]) => {
      const { vector, ...fields } = body;
      return createApp(fixedHost(larger, { maxWork })).request(
        "/v1/decode",
        jsonRequest({ ...fields, ...(vectors ? { vectors } : { vector }) }),
      );
    };
    const refused = await ask(needed + 1000 * RANK);
    expect(refused.status).toBe(400);
    const { code, detail } = (await refused.json()) as { code: string; detail: string };
    expect(code).toBe("too_much_work");
    const [, ranks] =
      /^a query has to rank (\d+) classes, the rest of the limit allows 1000: send fewer queries, a larger "min_p"/.exec(
        detail,
      ) ?? [];
    expect(Number(ranks)).toBeGreaterThan(5900);
    expect((await ask(needed + Number(ranks) * RANK)).status).toBe(200);
    expect((await ask(needed + Number(ranks) * RANK - 1)).status).toBe(400);
    // The queries of a batch share what is left.
    const vectors = [body.vector, body.vector];
    const { vector: _, ...fields } = body;
    const both = (await workOf(larger, "/v1/decode", { vectors, ...fields })) + 2 * Number(ranks) * RANK;
    expect((await ask(both, vectors)).status).toBe(200);
    expect((await ask(both - 1, vectors)).status).toBe(400);
  });

  it("says how a decode needs less work by fields that decode has", async () => {
    const app = createApp(fixedHost(larger, { maxWork: 1 }));
    const body = { vector: [1, 0.5, -1, 0], certain: true, logprobs: 5, top_k: 500, min_p: 0.1 };
    const { code, detail } = (await (await app.request("/v1/decode", jsonRequest(body))).json()) as {
      code: string;
      detail: string;
    };
    expect(code).toBe("too_much_work");
    const named = Array.from(detail.matchAll(/"(\w+)"/g), ([, field]) => field as string);
    expect(named).toEqual(["top_k", "certain", "logprobs"]);
    const fewest = { vector: body.vector, top_k: 64 };
    for (const asked of [body, { ...fewest, certain: true, logprobs: 5 }, { vector: body.vector, top_p: 0.9 }]) {
      expect(await workOf(larger, "/v1/decode", fewest)).toBeLessThan(await workOf(larger, "/v1/decode", asked));
    }
  });

  it("counts the draws that scan auto may make, more than it is asked for", async () => {
    const random = await servedIndex({ itemCount: 20_000 });
    const app = createApp(fixedHost(random));
    const body = { vector: [1, 0, 0, 0], scan: "auto", draws: 7, targetError: 0.02, seed: 1 };
    const { choice } = (await (await app.request("/v1/predict", jsonRequest(body))).json()) as {
      choice: { draws: number; exact: boolean };
    };
    expect(choice).toMatchObject({ exact: false, scan: 1024 });
    expect(choice.draws).toBeGreaterThan(200);
    const doubled = await workOf(random, "/v1/predict", { ...body, draws: 14 });
    const work = await workOf(random, "/v1/predict", body);
    expect(work).toBeGreaterThan(choice.draws * (DIM + DRAW));
    // The draws asked for matter only to how often they double.
    expect(work - doubled).toBe(10_000 * DIM + 2 * (2 * 8 * DIM + random.info.bucketCount + 256 * DIM));
  });

  it("counts classes with changed logits for each query, and their places in the filter once a request", async () => {
    const vector = [1, 0, 0, 0];
    const { bucketCount, largestBucket, itemCount } = larger.info;
    const plain = await workOf(larger, "/v1/predict", { vector });
    const filter = (ids: number) =>
      Math.min(itemCount, ids * largestBucket) * 24 + 2 * (Math.min(bucketCount, ids) * 80 + ids * 144);
    const changed = (ids: number) => ids * (DIM + 320);
    const asked = { history: [1, 1, 2], presencePenalty: 1, bias: { ids: [3], values: [1] } };
    const read = (count: number) => 216 + count * 32; // the id that comes again
    expect(await workOf(larger, "/v1/predict", { vector, ...asked })).toBe(plain + filter(3) + changed(3) + read(1));
    const vectors = [vector, vector];
    expect(await workOf(larger, "/v1/predict", { vectors, ...asked })).toBe(
      2 * plain + filter(3) + changed(6) + read(2),
    );
    const unchanged = await workOf(larger, "/v1/predict", { vector, history: [1, 1, 2], repetitionPenalty: 1 });
    expect(unchanged).toBe(plain + 3 * read(1));
    const conditions = [asked, { exclude: [5] }];
    expect(await workOf(larger, "/v1/predict", { vectors, conditions })).toBe(
      2 * plain + filter(3) + filter(1) + changed(3) + read(1),
    );
    const [greedy, sampled] = await Promise.all(
      [{ temperature: 0 }, { temperature: 1 }].map((own) =>
        workOf(larger, "/v1/decode", { vector, min_p: 0.1, ...own }),
      ),
    );
    expect(
      await workOf(larger, "/v1/decode", { vectors, min_p: 0.1, conditions: [{ temperature: 0 }, { temperature: 1 }] }),
    ).toBe((greedy as number) + (sampled as number));
  });

  it("counts at least half of the rows that an answer has read, which is what those of a scan take", async () => {
    const app = createApp(fixedHost(larger));
    const numRuns = EVERY ? 300 : 120;
    let answered = 0;
    await fc.assert(
      fc.asyncProperty(goodRequest(), async ([path, body]) => {
        const response = await app.request(path, jsonRequest(body));
        expect(response.status).toBe(200);
        const { scored } = (await response.json()) as { scored: number };
        expect(await workOf(larger, path, body)).toBeGreaterThanOrEqual((scored * DIM) / 2);
        answered++;
      }),
      { numRuns, seed: 3 },
    );
    expect(answered).toBe(numRuns);
  });

  it("answers by fine codes, and counts them", async () => {
    const { itemCount, bucketCount, outlierCount } = coded.info;
    expect(outlierCount).toBe(256);
    const [vector, effort] = [[1, 0.5, 0, -1], { proposal: "codes", scan: 40, draws: 20, seed: 3 }] as const;
    const codes = { proposal: "codes", scan: 40, draws: 20, seed: 3 } as const;
    const query = Float32Array.from(vector);
    const ask = async (path: string, body: object) =>
      (await createApp(fixedHost(coded)).request(path, jsonRequest({ vector, ...effort, ...body }))).json();
    const { logPartition, ids } = coded.predict(query, 5, codes);
    expect(await ask("/v1/predict", { k: 5 })).toMatchObject({ logPartition, ids: Array.from(ids), scored: 60 + 256 });
    expect(await ask("/v1/log-partition", {})).toMatchObject({ logPartition });
    const [logProbability] = coded.logProbability(query, [7], codes).logProbabilities;
    expect(await ask("/v1/log-probability", { ids: [7] })).toMatchObject({ logProbabilities: [logProbability] });
    const draws = coded.sample(query, 20, { proposal: "codes", scan: 40, seed: 3 });
    expect(await ask("/v1/sample", {})).toMatchObject({ ids: Array.from(draws.ids), logQ: Array.from(draws.logQ) });
    const work = 2 * 16 * DIM + bucketCount + (40 + 256 + 20) * DIM + 20 * DRAW + itemCount * (DIM / 8 + 8);
    expect(await workOf(coded, "/v1/predict", { vector, ...effort })).toBe(work + 30 * NUMBER);
    expect(await workOf(coded, "/v1/sample", { vector, ...effort })).toBe(work + 60 * NUMBER);
    const coding =
      2 * (2 * 16 * DIM + bucketCount + (4096 + 256 + 1024) * DIM + 1024 * DRAW + itemCount * (DIM / 8 + 8));
    expect(await workOf(coded, "/v1/predict", { vector, scan: "auto" })).toBe(
      (await workOf(larger, "/v1/predict", { vector, scan: "auto" })) + coding,
    );
  });

  it("answers 400 when an index without fine codes is asked for them", async () => {
    const response = await createApp(fixedHost(larger)).request(
      "/v1/predict",
      jsonRequest({ vector: [1, 0, 0, 0], proposal: "codes", scan: 40 }),
    );
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      code: "invalid_field",
      detail: '"proposal" expected an index built with "fineCodes" (--fine-codes) for "codes", got one without',
    });
  });

  it("answers 400 when the library refuses an argument, with its words", async () => {
    const error = new RangeError('"scan" expected at most 65536 (maxScan), got 70000');
    const response = await createApp(fixedHost(brokenIndex(error))).request("/v1/predict", REQUEST);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: "invalid_field", detail: error.message });
  });

  it("answers 500 when our own code fails, without its message or stack", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    const error = new TypeError("Cannot read properties of undefined (reading 'length')");
    const response = await createApp(fixedHost(brokenIndex(error))).request("/v1/predict", REQUEST);
    const text = await response.text();
    expect(response.status).toBe(500);
    expect(JSON.parse(text)).toMatchObject({ code: "internal", detail: "the request could not be answered" });
    expect(text).not.toMatch(/undefined|\.ts|at /);
    expect(log).toHaveBeenCalledWith(error);
  });

  it("answers every JSON body with a 200 or a 4xx", async () => {
    const app = createApp(fixedHost(index));
    const statuses = new Set<number>();
    await fc.assert(
      fc.asyncProperty(anyRequest(), async ([path, body]) => {
        const { status } = await app.request(path, jsonRequest(body));
        statuses.add(status);
        expect(status).toBeLessThan(500);
      }),
      { numRuns: EVERY ? 1000 : 250, seed: 2 },
    );
    expect(statuses).toEqual(new Set([200, 400]));
  });
});

/** A path with a body that has valid and wrong fields in about equal parts. */
function anyRequest() {
  const count = fc.integer({ min: 0, max: 100 });
  const edge = fc.constantFrom(-1, 0.5, 4097, 2 ** 31, 2 ** 53, 1e300);
  const other = fc.oneof(fc.constant("auto"), fc.boolean(), fc.array(count), fc.array(fc.jsonValue()));
  const field = fc.oneof({ arbitrary: count, weight: 8 }, edge, other, fc.jsonValue());
  const value = fc.oneof({ arbitrary: fc.float({ noNaN: true, min: -3, max: 3 }), weight: 20 }, edge, fc.jsonValue());
  const vector = fc.array(value, { minLength: DIM, maxLength: DIM });
  const vectors = fc.array(vector, { minLength: 1, maxLength: 3 });
  const bodyOf = (fields: string[]) =>
    fc.tuple(
      fc.oneof(fc.record({ vector }), fc.record({ vectors })),
      fc.record(Object.fromEntries(fields.map((name) => [name, field])), { requiredKeys: [] }),
    );
  const request = (path: string, fields: string[]) =>
    bodyOf(fields).map(([queries, options]): [string, object] => [path, { ...queries, ...options }]);
  return fc.oneof(
    request("/v1/predict", ["k", ...ESTIMATE]),
    request("/v1/sample", ["draws", ...SAMPLE]),
    request("/v1/sample-top-k", ["k", ...SAMPLE]),
    request("/v1/log-partition", ["tolerance", ...ESTIMATE]),
    request("/v1/log-probability", ["ids", ...ESTIMATE]),
    request("/v1/slate-log-probability", ["ids", ...SAMPLE]),
    request("/v1/query", ["topK"]),
  );
}

const SAMPLE = ["scan", "seed", "exact", "temperature", "exclude", "allow"];
const ESTIMATE = ["draws", "targetError", ...SAMPLE];

/** A path with a valid body for the larger index. */
/** Leaves out options that are refused beside the others. */
function withoutContradictions(options: Record<string, unknown>): object {
  const { targetError, target_error: doubt, ...others } = options;
  if (options.exact !== true) return options.scan === "auto" ? options : others;
  const { scan, draws, ...exact } = others;
  return exact;
}

function goodRequest() {
  const vector = fc.array(fc.float({ noNaN: true, min: -3, max: 3 }), { minLength: DIM, maxLength: DIM });
  const ids = fc.array(fc.integer({ min: 0, max: 5999 }), { maxLength: 20 });
  const share = fc.double({ noNaN: true, min: 0, max: 1 });
  const value = fc.oneof(fc.double({ noNaN: true, min: -9, max: 9 }), fc.constant("-Infinity" as const));
  const bias = fc.dictionary(fc.nat(5999).map(String), value, { maxKeys: 5 });
  const sample = {
    scan: fc.integer({ min: 0, max: 8000 }),
    seed: fc.integer(),
    exact: fc.boolean(),
    temperature: fc.double({ noNaN: true, min: 2 ** -20, max: 4 }),
    exclude: ids,
    allow: ids,
    bias: bias.map((values) => ({ ids: Object.keys(values).map(Number), values: Object.values(values) })),
    history: ids,
  };
  const { seed: _, ...slate } = sample;
  const draws = fc.integer({ min: 0, max: 500 });
  const k = fc.integer({ min: 0, max: 1000 });
  const scan = fc.oneof(sample.scan, fc.constant("auto" as const));
  const estimate = { ...sample, scan, draws, targetError: share };
  const request = (path: string, needed: Record<string, fc.Arbitrary<unknown>>, optional: typeof needed) =>
    fc
      .tuple(fc.record({ vector, ...needed }), fc.record(optional, { requiredKeys: [] }))
      .map(([first, second]): [string, object] => [path, { ...first, ...withoutContradictions(second) }]);
  return fc.oneof(
    request("/v1/predict", { k }, estimate),
    request("/v1/sample", { draws }, sample),
    request("/v1/sample-top-k", { k }, sample),
    request("/v1/log-partition", {}, { ...estimate, tolerance: share }),
    request("/v1/log-probability", { ids }, estimate),
    request(
      "/v1/decode",
      {},
      {
        temperature: fc.oneof(fc.constant(0), sample.temperature),
        ...{ top_k: k, min_p: share, top_p: fc.double({ noNaN: true, min: 0.001, max: 1 }), target_error: share },
        order: fc.shuffledSubarray(["temperature", "min_p", "top_k", "top_p"], { minLength: 4 }),
        ...{ certain: fc.boolean(), logprobs: k, seed: sample.seed, exclude: ids, history: ids, logit_bias: bias },
      },
    ),
    request("/v1/predict", { k }, { ...estimate, diversity: fc.record({ lambda: share }, { requiredKeys: [] }) }),
    request("/v1/slate-log-probability", { ids: fc.uniqueArray(fc.nat(5999), { maxLength: 20 }) }, slate),
  );
}

it("an index without classes refuses ids, and says that it has none", async () => {
  const app = createApp(fixedHost(await servedIndex({ itemCount: 0 })));
  for (const [path, name] of [
    ["/v1/predict", "exclude"],
    ["/v1/log-probability", "ids"],
  ] as const) {
    const response = await app.request(path, jsonRequest({ vector: [1, 2, 3, 4], [name]: [3] }));
    expect(await response.json()).toMatchObject({
      code: "invalid_field",
      detail: `"${name}[0]" expected no id, as the index is empty, got 3`,
    });
  }
});

describe("an index with labels", () => {
  const labels = Array.from({ length: 50 }, (_, id) => `item-${id}`);
  const names = (ids: readonly number[]): string[] => ids.map((id) => labels[id] as string);
  let ask: (path: string, body: object) => Promise<{ status: number; body: unknown }>;

  beforeAll(async () => {
    const named = await load(await build({ data: valuesOf(50), shape: [50, DIM] }, { bits: 2, seed: 1, labels }));
    const app = createApp(fixedHost(named));
    ask = async (path, body) => {
      const { headers, ...request } = jsonRequest({ vector: [1, 0, 0, 0], ...body });
      const response = await app.request(path, { ...request, headers: { ...headers, "x-request-id": "one" } });
      return { status: response.status, body: await response.json() };
    };
  });

  it.each([
    ["/v1/predict", { k: 3 }],
    ["/v1/sample", { draws: 6 }],
    ["/v1/sample", { draws: 6, exact: true }],
    ["/v1/sample-top-k", { k: 4 }],
  ])("names the classes of %s %j", async (path, body) => {
    const answer = (await ask(path, body)).body as { ids: number[]; labels: string[] };
    expect(answer.ids.length).toBeGreaterThan(0);
    expect(answer.labels).toEqual(names(answer.ids));
  });

  it("answers Vectorize's query with labels for ids", async () => {
    const { ids } = (await ask("/v1/predict", { k: 3 })).body as { ids: number[] };
    const { result } = (await ask("/v1/query", { topK: 3 })).body as { result: { matches: { id: string }[] } };
    expect(result.matches.map(({ id }) => id)).toEqual(names(ids));
  });

  it("takes labels for ids, and both at once", async () => {
    const { ids } = (await ask("/v1/predict", { k: 2 })).body as { ids: [number, number] };
    const byId = await ask("/v1/predict", { k: 3, exclude: ids, seed: 1 });
    expect(await ask("/v1/predict", { k: 3, exclude: [labels[ids[0]], ids[1]], seed: 1 })).toEqual(byId);
    const asked = await ask("/v1/log-probability", { ids: names(ids), allow: names(ids), exact: true });
    expect(asked.status).toBe(200);
    expect(asked).toMatchObject({ body: { logProbabilities: [expect.any(Number), expect.any(Number)] } });
  });

  it("leaves out labels that it does not have, if it is told to", async () => {
    const unknownLabels = "skip";
    const [first, second] = [labels[7], labels[9]] as [string, string];
    const of = (conditions: object) => ({ k: 3, seed: 1, ...conditions });
    const gone = (conditions: object) => ask("/v1/predict", of({ ...conditions, unknownLabels }));
    for (const [given, kept] of [
      [{ exclude: ["gone", first, 3] }, { exclude: [first, 3] }],
      [{ allow: [first, "gone", second, "gone"] }, { allow: [first, second] }],
      [{ allow: ["gone"] }, { allow: [] }],
      [
        { history: ["gone", first], presencePenalty: 2 },
        { history: [first], presencePenalty: 2 },
      ],
      [{ bias: { ids: ["gone", first], values: [9, 2] } }, { bias: { ids: [first], values: [2] } }],
    ]) {
      expect((await gone(given as object)).body).toEqual((await ask("/v1/predict", of(kept as object))).body);
    }
    const batch = {
      vector: undefined,
      vectors: [
        [1, 0, 0, 0],
        [0, 1, 0, 0],
      ],
      seed: 1,
    };
    const each = { conditions: [{ exclude: ["gone", first] }, { allow: [second, "gone"] }], unknownLabels };
    const kept = { conditions: [{ exclude: [first] }, { allow: [second] }] };
    expect((await ask("/v1/predict", { ...batch, ...each })).body).toEqual(
      (await ask("/v1/predict", { ...batch, ...kept })).body,
    );
    const decoded = { logit_bias: { gone: 9, [first]: 2 }, allowed_token_ids: ["gone", first], unknown_labels: "skip" };
    const known = { logit_bias: { [first]: 2 }, allowed_token_ids: [first] };
    expect((await ask("/v1/decode", of({ ...decoded, k: undefined }))).body).toEqual(
      (await ask("/v1/decode", of({ ...known, k: undefined }))).body,
    );
    expect(await ask("/v1/log-probability", { ids: ["gone"], unknownLabels })).toMatchObject({
      status: 400,
      body: { detail: '"ids[0]" expected a label of the index, got an unknown string' },
    });
  });

  it.each([
    [
      { exclude: ["item-3", "item-50"] },
      '"exclude[1]" expected a label of the index, got an unknown string: correct it, or skip unknown labels',
    ],
    [{ exclude: [50], unknownLabels: "skip" }, '"exclude[0]" expected an integer from 0 to 49 or a label, got 50'],
    [
      { bias: { ids: ["gone", 3, "item-3"], values: [1, 1, 1] }, unknownLabels: "skip" },
      '"bias.ids[2]" expected every class once, got 3 again: add its biases up',
    ],
    [
      { bias: { ids: [3, "gone"], values: [1] }, unknownLabels: "skip" },
      '"bias.values" expected 2 values, one for each of "ids", got 1',
    ],
    [{ unknownLabels: "ignore" }, '"unknownLabels" expected "refuse" or "skip", got "ignore"'],
    [{ exclude: [50] }, '"exclude[0]" expected an integer from 0 to 49 or a label, got 50'],
    [{ allow: [null] }, '"allow[0]" expected an integer from 0 to 49 or a label, got null'],
  ])("refuses %j", async (body, detail) => {
    expect(await ask("/v1/predict", { k: 3, ...body })).toMatchObject({ status: 400, body: { detail } });
  });
});
