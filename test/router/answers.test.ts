import type { Hono } from "hono";
import { beforeAll, describe, expect, test } from "vitest";
import type { MultiIndex } from "../../src/index.ts";
import type { PartedIndex } from "../../src/parts/index.ts";
import { ask, hostOf, partHost, router } from "./in-process.ts";
import { ManifestShelf, type PartedFiles, partedFiles, partedIndex, queryOf, wholeIndex } from "./parted-files.ts";

const SIZES = [120, 1, 80, 99];
const shelf = new ManifestShelf();
let files: PartedFiles;
let whole: MultiIndex;
let parted: PartedIndex;
let flat: Hono;
let nested: Hono;

beforeAll(async () => {
  files = await partedFiles({ version: "a", seed: 1, sizes: SIZES });
  shelf.publish(files);
  [whole, parted] = [await wholeIndex(files), await partedIndex(files)];
  const hosts = SIZES.map((_, number) => hostOf(partHost(shelf, number)));
  flat = router(shelf, ({ numbers: [number = 0] }) => [hosts[number] as (typeof hosts)[number]]).app;
  const below = router(shelf, ({ numbers: [number = 0] }) => [hosts[number] as (typeof hosts)[number]]).app;
  nested = router(shelf, () => [hostOf(below)], { groups: [2, 2] }).app;
});

describe.each([
  ["a router", () => flat],
  ["a router of routers", () => nested],
])("%s", (_, routerOf) => {
  test("answers exact top k with the bits of one index", async () => {
    for (let seed = 0; seed < 10; seed++) {
      const vector = Array.from(queryOf(seed));
      const { status, answer } = await ask(routerOf(), "/v1/predict", { vector, k: 12, exact: true });
      expect(status).toBe(200);
      const { ids, scores, logPartition } = whole.predict(queryOf(seed), 12, { exact: true });
      expect(answer.ids).toEqual(Array.from(ids));
      expect(answer.scores).toEqual(Array.from(scores));
      expect(Math.abs(answer.logPartition - logPartition)).toBeLessThan(2 ** -20);
      expect(answer).toMatchObject({ version: "a", exact: true, standardError: 0 });
    }
  });

  test("answers a batch, whose answers have the bits of single ones, by one message to each part", async () => {
    const vectors = [1, 2, 3].map((seed) => Array.from(queryOf(seed)));
    const { answer } = await ask(routerOf(), "/v1/predict", { vectors, k: 5, seed: 3, scan: 40 });
    for (const [i, vector] of vectors.entries()) {
      const one = await ask(routerOf(), "/v1/predict", { vector, k: 5, seed: 3, scan: 40 });
      const { version: __, requestId: ___, ...single } = one.answer;
      expect(answer.results[i]).toEqual(single);
    }
  });

  test("chooses diverse classes as one index does, by one message more for the rows of the pool", async () => {
    const diversity = { lambda: 0.4, pool: 40 };
    const vectors = [1, 2].map((seed) => Array.from(queryOf(seed)));
    const { status, answer } = await ask(routerOf(), "/v1/predict", { vectors, k: 9, exact: true, diversity });
    expect(status).toBe(200);
    for (const [i, { ids, scores }] of answer.results.entries()) {
      const one = whole.predict(queryOf(i + 1), 9, { exact: true, diversity });
      expect([ids, scores]).toEqual([Array.from(one.ids), Array.from(one.scores)]);
    }
  });

  test("explores with the draws and the exact log Q of the parts in one process", async () => {
    const mixture = { uniform: 0.2, popularity: { share: 0.3, power: 2 } };
    const vector = Array.from(queryOf(7));
    const { status, answer } = await ask(routerOf(), "/v1/sample", { vector, draws: 50, seed: 4, scan: 64, mixture });
    expect(status).toBe(200);
    const logQ = await parted.logQ(queryOf(7), answer.ids, { scan: 64, mixture });
    for (const [i, log] of answer.logQ.entries()) expect(Math.abs(log - (logQ[i] as number))).toBeLessThan(2 ** -20);
    if (routerOf() !== flat) return; // routers of routers choose parts by other numbers
    const drawn = await parted.sample(queryOf(7), 50, { seed: 4, scan: 64, mixture });
    expect(answer.ids).toEqual(Array.from(drawn.ids));
    expect(answer.logQ).toEqual(Array.from(drawn.logQ));
  });

  test("answers Vectorize's query", async () => {
    const { answer } = await ask(routerOf(), "/v1/query", { vector: Array.from(queryOf(4)), topK: 7 });
    expect(answer.result.count).toBe(7);
  });

  test("answers Vectorize's query by an id, with the rows of the matches", async () => {
    const { status, answer } = await ask(routerOf(), "/v1/query", { vectorId: "120", topK: 3, returnValues: true });
    const { ids, scores } = whole.topK(whole.rows([120]), 3);
    const rowOf = (id: number) => Array.from(whole.rows([id]));
    expect(status).toBe(200);
    expect(answer.result.matches).toEqual(
      Array.from(ids, (id, rank) => ({ id: String(id), score: scores[rank], values: rowOf(id) })),
    );
  });
});

describe("a router", () => {
  const asked = { vector: Array.from(queryOf(7)), seed: 11, scan: 64 };
  const options = { seed: 11, scan: 64 };

  test("answers every call with the bits of the parts in one process", async () => {
    const query = queryOf(7);
    const predicted = await parted.predict(query, 9, options);
    const { answer } = await ask(flat, "/v1/predict", { ...asked, k: 9 });
    expect(answer.ids).toEqual(Array.from(predicted.ids));
    expect(answer.probabilities).toEqual(Array.from(predicted.probabilities));
    expect(answer.standardError).toBe(predicted.standardError);

    const logZ = await parted.logPartition(query, options);
    const { lower, upper, logPartition } = (await ask(flat, "/v1/log-partition", asked)).answer;
    expect([lower, logPartition, upper]).toEqual([logZ.lower, logZ.logPartition, logZ.upper]);

    const ids = [299, 0, 121, 120];
    const each = await parted.logProbability(query, ids, options);
    const given = (await ask(flat, "/v1/log-probability", { ...asked, ids })).answer;
    expect(given.logProbabilities).toEqual(Array.from(each.logProbabilities));

    const drawn = await parted.sample(query, 50, options);
    const draws = (await ask(flat, "/v1/sample", { ...asked, draws: 50 })).answer;
    expect(draws.ids).toEqual(Array.from(drawn.ids));
    expect(draws.logQ).toEqual(Array.from(drawn.logQ));

    const exact = await parted.sample(query, 50, { exact: true, seed: 11 });
    const exactly = (await ask(flat, "/v1/sample", { vector: asked.vector, seed: 11, draws: 50, exact: true })).answer;
    expect(exactly.ids).toEqual(Array.from(exact.ids));

    const distinct = await parted.sampleTopK(query, 20, options);
    const top = (await ask(flat, "/v1/sample-top-k", { ...asked, k: 20 })).answer;
    expect(top.ids).toEqual(Array.from(distinct.ids));
    expect(top.logWeights).toEqual(Array.from(distinct.logWeights));
  });

  test.each([
    [{ temperature: 0 }, { temperature: 0 }],
    [
      { min_p: 0.05, temperature: 0.7 },
      { minP: 0.05, temperature: 0.7 },
    ],
    [
      { top_k: 40, top_p: 0.8, logprobs: 3, certain: true },
      { topK: 40, topP: 0.8, topLogProbabilities: 3, certain: true },
    ],
    [
      { top_p: 0.9, certain: true },
      { topP: 0.9, certain: true },
    ],
    [
      { min_p: 0.01, logit_bias: { "120": 4, "299": -1 }, exclude: [3, 130] },
      { minP: 0.01, bias: { ids: [120, 299], values: [4, -1] }, exclude: [3, 130] },
    ],
  ])("decodes %j as one index", async (fields, options) => {
    for (const seed of [1, 2, 3]) {
      const expected = whole.decode(queryOf(seed), { ...options, seed });
      for (const app of [flat, nested]) {
        const vector = Array.from(queryOf(seed));
        const { status, answer } = await ask(app, "/v1/decode", { vector, seed, ...fields });
        expect(status, JSON.stringify(answer)).toBe(200);
        const { id, score, logProbability, kept, certain, decided } = expected;
        expect(answer).toMatchObject({ id, score, logprob: logProbability, kept, certain, decided });
        expect(answer.top?.ids).toEqual(expected.top && Array.from(expected.top.ids));
      }
    }
  });

  test("decodes a batch", async () => {
    const vectors = [1, 2, 3].map((seed) => Array.from(queryOf(seed)));
    const { answer } = await ask(flat, "/v1/decode", { vectors, min_p: 0.1, seed: 4 });
    const ids = [1, 2, 3].map((seed) => whole.decode(queryOf(seed), { minP: 0.1, seed: 4 }).id);
    expect(answer.results.map(({ id }: { id: number }) => id)).toEqual(ids);
  });

  test("answers the log-probability of a slate", async () => {
    const expected = await parted.slateLogProbability(queryOf(7), [299, 0, 121], { exact: true });
    const slate = { vector: asked.vector, ids: [299, 0, 121], exact: true };
    const { answer } = await ask(flat, "/v1/slate-log-probability", slate);
    expect(answer.logProbability).toBe(expected.logProbability);
    expect(answer.logProbabilities).toEqual(Array.from(expected.logProbabilities));
  });

  test("routes conditions to the parts of their classes", async () => {
    const query = queryOf(7);
    const conditions = {
      temperature: 0.7,
      exclude: [3, 130],
      bias: { ids: [120, 299], values: [4, -1] },
      history: [5],
    };
    const penalties = { repetitionPenalty: 1.3, presencePenalty: 0.5 };
    const expected = await parted.predict(query, 9, { ...conditions, ...penalties, exact: true });
    const { answer } = await ask(flat, "/v1/predict", {
      vector: asked.vector,
      k: 9,
      exact: true,
      ...conditions,
      ...penalties,
    });
    expect(answer.ids).toEqual(Array.from(expected.ids));
    expect(answer.probabilities).toEqual(Array.from(expected.probabilities));
    const allowed = (await ask(flat, "/v1/predict", { vector: asked.vector, k: 9, exact: true, allow: [7, 120, 121] }))
      .answer;
    expect(allowed.ids.toSorted((a: number, b: number) => a - b)).toEqual([7, 120, 121]);
  });

  test("tells what it serves", async () => {
    const info = await (await flat.request("/v1/info")).json();
    expect(info).toMatchObject({ version: "a", itemCount: 300, dim: 8, contentId: files.manifest.generation });
    expect(info.parts.map(({ number, classes, idBase }: Record<string, unknown>) => [number, classes, idBase])).toEqual(
      [
        [0, 120, 0],
        [1, 1, 120],
        [2, 80, 121],
        [3, 99, 201],
      ],
    );
    expect(await (await flat.request("/readyz")).json()).toMatchObject({ status: "ready", version: "a" });
    const metrics = await (await flat.request("/metrics")).text();
    expect(metrics).toMatch(/midx_part_requests_total\{part="3"\} \d+/);
    expect(metrics).toContain('midx_part_failures_total{part="3"} 0');
  });

  test.each([
    ["/v1/decode", { min_p: 2 }, "min_p"],
    ["/v1/decode", { top_k: 5, allowed_token_ids: [] }, "allowed_token_ids"],
    ["/v1/decode", { typical_p: 0.5 }, "typical_p"],
    ["/v1/predict", { k: 5, diversity: { pool: 4 } }, "diversity.pool"],
    ["/v1/sample", { draws: 3, mixture: { uniform: 0.6, popularity: { share: 0.5 } } }, "mixture.popularity.share"],
    ["/v1/predict", { partial: "maybe" }, "partial"],
    ["/v1/predict", { exclude: [300] }, "exclude[0]"],
    ["/v1/query", { vectorId: "300", vector: undefined }, "vectorId"],
    ["/v1/predict", { exclude: ["class 3"] }, "exclude[0]"],
    ["/v1/predict", { vector: undefined, features: [1] }, "features"],
    ["/v1/predict", { proposal: "codes" }, "proposal"],
  ])("refuses %s %j by name", async (path, fields, name) => {
    const { status, answer } = await ask(flat, path, { vector: asked.vector, ...fields });
    expect(status).toBe(400);
    expect(answer.detail ?? answer.errors[0].message).toContain(name);
  });
});
