import type { Hono } from "hono";
import { beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import type { Decoded } from "../../src/public.ts";
import { createApp } from "../../worker/app.ts";
import {
  type Client,
  type ClientOptions,
  createClient,
  createVectorizeBinding,
  MidxError,
  type PredictOptions,
} from "../../worker/client.ts";
import { PROBLEMS, Problem, type ProblemCode } from "../../worker/contract/problem.ts";
import { fixedHost } from "../../worker/host/fixed-host.ts";
import { SERVED_DIM, servedIndex, servedQuery } from "../fixtures/served-index.ts";

const LABELS = Array.from({ length: 60 }, (_, id) => `word ${id}`);
const QUERIES = [1, 2, 3].map(servedQuery);
const QUERY = servedQuery(1);
const LISTS = QUERIES.map((query) => Array.from(query));
/** A Buffer, which writes itself into JSON in a form of its own. */
const BITMAP: Uint8Array = Buffer.alloc(750, 0b1010_0110);
const SHA256_OF_SECRET = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";

let index: MultiIndex;
let labelled: MultiIndex;
beforeAll(async () => {
  index = await servedIndex({ itemCount: 6000 });
  labelled = await servedIndex({ itemCount: 60, labels: LABELS });
});

/** A client of the application in this process, and the requests that it has sent. */
function clientOf(app: Hono, options: ClientOptions = {}): { midx: Client; requests: Request[] } {
  const requests: Request[] = [];
  const fetch = async (request: Request): Promise<Response> => {
    requests.push(request.clone());
    request.signal.throwIfAborted();
    return app.request(request);
  };
  return { midx: createClient("https://midx.test", { fetch, ...options }), requests };
}

const clientOfIndex = (served: MultiIndex) => clientOf(createApp(fixedHost(served)));

/** A client whose every request gets this response. */
const answeredWith = (body: string | null, init: ResponseInit): Client =>
  createClient("https://midx.test", { fetch: async () => new Response(body, init) });

/** An answer of the library as JSON has it. */
function json(answer: object): Record<string, unknown> {
  const plain = (_: string, value: unknown): unknown => {
    if (ArrayBuffer.isView(value)) return Array.from(value as Float32Array);
    return typeof value === "bigint" ? String(value) : value;
  };
  return JSON.parse(JSON.stringify(answer, plain));
}

/** An answer of decode under the names of the service. */
function inDecodeFields({ logProbability: logprob, standardError: standard_error, top, ...others }: Decoded): object {
  if (!top) return { ...others, logprob, standard_error };
  const { ids, logProbabilities: logprobs, logProbability, standardError } = top;
  return {
    ...others,
    logprob,
    standard_error,
    top: { ids, logprobs, logprob: logProbability, standard_error: standardError },
  };
}

/** A type that fits all overloads: one query or several. */
type AnyQuery = Float32Array & number[] & Float32Array[];

/** Each method as a call of the client and of the library. */
const QUESTIONS = [
  [
    "predict",
    (midx, query) => midx.predict(query, { k: 5, draws: 30, seed: 7 }),
    (query) => index.predict(query, 5, { draws: 30, seed: 7 }),
  ],
  [
    "predict with scan auto",
    (midx, query) => midx.predict(query, { scan: "auto", targetError: 0.1, seed: 7 }),
    (query) => index.predict(query, 10, { scan: "auto", targetError: 0.1, seed: 7 }),
  ],
  [
    "predict exactly, under conditions",
    (midx, query) => midx.predict(query, { exact: true, temperature: 0.5, exclude: [1, 2], allow: [1, 3, 5], seed: 7 }),
    (query) => index.predict(query, 10, { exact: true, temperature: 0.5, exclude: [1, 2], allow: [1, 3, 5], seed: 7 }),
  ],
  [
    "sample",
    (midx, query) => midx.sample(query, { draws: 20, scan: 64, seed: 7 }),
    (query) => index.sample(query, 20, { scan: 64, seed: 7 }),
  ],
  [
    "sample exactly",
    (midx, query) => midx.sample(query, { draws: 20, exact: true, seed: 7 }),
    (query) => index.sample(query, 20, { exact: true, seed: 7 }),
  ],
  [
    "sampleTopK",
    (midx, query) => midx.sampleTopK(query, { k: 6, seed: 7 }),
    (query) => index.sampleTopK(query, 6, { seed: 7 }),
  ],
  [
    "log-partition",
    (midx, query) => midx.logPartition(query, { tolerance: 0.5, seed: 7 }),
    (query) => index.logPartition(query, { tolerance: 0.5, seed: 7 }),
  ],
  [
    "log-probability",
    (midx, query) => midx.logProbability(query, { ids: [5, 0, 5999], exclude: [0], seed: 7 }),
    (query) => index.logProbability(query, [5, 0, 5999], { exclude: [0], seed: 7 }),
  ],
  [
    "predict with changed logits",
    (midx, query) =>
      midx.predict(query, {
        bias: { ids: [3, 4], values: [2, -Infinity] },
        history: [9, 9],
        presencePenalty: 1,
        seed: 7,
      }),
    (query) =>
      index.predict(query, 10, {
        bias: { ids: [3, 4], values: [2, -Infinity] },
        history: [9, 9],
        presencePenalty: 1,
        seed: 7,
      }),
  ],
  [
    "decode",
    (midx, query) =>
      midx.decode(query, { temperature: 0.8, min_p: 0.1, logit_bias: { 3: -Infinity, 7: 2 }, logprobs: 2, seed: 7 }),
    (query) =>
      inDecodeFields(
        index.decode(query, {
          ...{ temperature: 0.8, minP: 0.1, bias: { ids: [3, 7], values: [-Infinity, 2] } },
          ...{ topLogProbabilities: 2, seed: 7 },
        }),
      ),
  ],
  [
    "predict with the bytes of a bitmap",
    (midx, query) => midx.predict(query, { allow: { bitmap: BITMAP }, seed: 7 }),
    (query) => index.predict(query, 10, { allow: { bitmap: BITMAP }, seed: 7 }),
  ],
  [
    "predict with diverse classes",
    (midx, query) => midx.predict(query, { k: 6, diversity: { lambda: 0.4, pool: 20 }, seed: 7 }),
    (query) => index.predict(query, 6, { diversity: { lambda: 0.4, pool: 20 }, seed: 7 }),
  ],
  [
    "sample from a mixture",
    (midx, query) => midx.sample(query, { draws: 20, mixture: { uniform: 0.25 }, seed: 7 }),
    (query) => index.sample(query, 20, { mixture: { uniform: 0.25 }, seed: 7 }),
  ],
  [
    "slate-log-probability",
    (midx, query) => midx.slateLogProbability(query, { ids: [5, 0, 5999], scan: 64, temperature: 2 }),
    (query) => index.slateLogProbability(query, [5, 0, 5999], { scan: 64, temperature: 2 }),
  ],
  [
    "slate-log-probability of the softmax",
    (midx, query) => midx.slateLogProbability(query, { ids: [5, 0, 5999], exclude: [0], exact: true }),
    (query) => index.slateLogProbability(query, [5, 0, 5999], { exclude: [0], exact: true }),
  ],
] as const satisfies readonly [
  string,
  (midx: Client, query: AnyQuery) => Promise<object>,
  (query: Float32Array) => object,
][];

describe.each(QUESTIONS)("%s", (_name, ask, library) => {
  const said = () => ({ version: index.info.contentId.slice(0, 12), requestId: expect.any(String) });

  test.each([
    ["bytes", QUERY, "application/x-midx-f32"],
    ["JSON", LISTS[0], "application/json"],
  ])("sends a query as %s and gives the library's answer", async (_as, query, type) => {
    const { midx, requests } = clientOfIndex(index);
    expect(await ask(midx, query as AnyQuery)).toEqual({ ...said(), ...json(library(QUERY)) });
    expect(requests.map(({ headers }) => headers.get("content-type"))).toEqual([type]);
  });

  test.each([
    ["several as bytes", QUERIES, "application/x-midx-f32"],
    ["several as JSON", LISTS, "application/json"],
    ["some of both as JSON", [QUERIES[0], ...LISTS.slice(1)], "application/json"],
    ["one of a list as bytes", [QUERY], "application/x-midx-f32"],
  ])("sends %s and gives the library's answers", async (_as, queries, type) => {
    const { midx, requests } = clientOfIndex(index);
    const results = QUERIES.slice(0, queries.length).map((query) => json(library(query)));
    expect(await ask(midx, queries as AnyQuery)).toEqual({ ...said(), results });
    expect(requests.map(({ headers }) => headers.get("content-type"))).toEqual([type]);
  });
});

describe("a client", () => {
  test("gives Vectorize's matches with version and request id", async () => {
    const { ids, scores } = index.topK(QUERY, 3);
    const matches = Array.from(ids, (id, rank) => ({ id: String(id), score: scores[rank] }));
    const { midx } = clientOfIndex(index);
    for (const query of [QUERY, LISTS[0] as number[]]) {
      expect(await midx.vectorizeQuery(query, { topK: 3 })).toEqual({
        version: index.info.contentId.slice(0, 12),
        requestId: expect.stringMatching(/./),
        count: 3,
        matches,
      });
    }
  });

  test("says which index is served, and that it is", async () => {
    const { midx } = clientOfIndex(index);
    const { contentId } = index.info;
    const version = contentId.slice(0, 12);
    expect(await midx.info()).toEqual({ version, ...index.info });
    expect(await midx.ready()).toEqual({ status: "ready", version, contentId });
  });

  test.each([7, -3, 7n, 2n ** 64n - 1n, "12345678901234567890", 2 ** 60, -1e21])(
    "sends the seed %s with all its digits",
    async (seed) => {
      const given = typeof seed === "string" ? BigInt(seed) : seed;
      const expected = json(index.sample(QUERY, 5, { seed: given }));
      const { midx } = clientOfIndex(index);
      for (const query of [QUERY, LISTS[0] as number[]]) {
        expect(await midx.sample(query, { draws: 5, seed })).toMatchObject(expected);
      }
    },
  );

  test("gives each query of a batch its own conditions", async () => {
    const { midx } = clientOfIndex(index);
    const conditions = [{ temperature: 0 }, { logit_bias: { 7: -Infinity } }, {}];
    const expected = [{ temperature: 0 }, { bias: { ids: [7], values: [-Infinity] } }, {}].map((own, i) =>
      json(inDecodeFields(index.decode(QUERIES[i] as Float32Array, { ...own, topP: 0.5, seed: 7 }))),
    );
    for (const queries of [QUERIES, LISTS]) {
      expect((await midx.decode(queries, { top_p: 0.5, conditions, seed: 7 })).results).toEqual(expected);
    }
    const own = [{ temperature: 0.5 }, { exclude: [1] }, {}];
    const { results } = await midx.predict(QUERIES, { conditions: own, seed: 7 });
    expect(results).toEqual(
      own.map((one, i) => json(index.predict(QUERIES[i] as Float32Array, 10, { ...one, seed: 7 }))),
    );
  });

  test("leaves out what is undefined", async () => {
    const { midx } = clientOfIndex(index);
    const options = { k: undefined, seed: undefined, exclude: undefined } as object;
    for (const query of [QUERY, LISTS[0] as number[]])
      expect((await midx.predict(query, options)).ids).toHaveLength(10);
  });

  test.each(["seed", "k", "namespace", "space", "exclude"])("has the service refuse %s: null", async (name) => {
    const { midx } = clientOfIndex(index);
    for (const query of [QUERY, LISTS[0] as number[]]) {
      const refused = midx.predict(query, { [name]: null } as object);
      await expect(refused).rejects.toMatchObject({
        code: "invalid_field",
        detail: expect.stringMatching(`"${name}".* null$`),
      });
    }
  });

  test("names classes by labels, and takes them", async () => {
    const { midx } = clientOfIndex(labelled);
    const { ids } = labelled.predict(QUERY, 2);
    const exclude = [LABELS[ids[0] as number] as string, ids[1] as number];
    const expected = labelled.predict(QUERY, 4, { exclude: ids, seed: 1 });
    for (const query of [QUERY, LISTS[0] as number[]]) {
      const answer = await midx.predict(query, { k: 4, exclude, seed: 1 });
      expect(answer.ids).toEqual(Array.from(expected.ids));
      expect(answer.labels).toEqual(labelled.labels(expected.ids));
      expect((await midx.vectorizeQuery(query)).matches.map(({ id }) => LABELS.includes(id))).toEqual(
        Array(5).fill(true),
      );
    }
  });

  test("sends bytes as JSON where their fields would make the URL too long", async () => {
    const { midx, requests } = clientOfIndex(index);
    for (const length of [10, 1000, 1200, 2000]) {
      const exclude = Array.from({ length }, (_, i) => i + 1000);
      const expected = json(index.predict(QUERY, 3, { exclude, seed: 1 }));
      expect(await midx.predict(QUERY, { k: 3, exclude, seed: 1 })).toMatchObject(expected);
    }
    const types = requests.map(({ headers }) => headers.get("content-type")?.split("/")[1]);
    expect(types).toEqual(["x-midx-f32", "json", "json", "json"]);
    for (const { url } of requests) expect(url.length).toBeLessThanOrEqual(6000);
  });

  test("takes a URL with a path, with or without a slash behind it", async () => {
    for (const url of ["https://midx.test/words", "https://midx.test/words/", new URL("https://midx.test/words/")]) {
      const asked: string[] = [];
      const fetch = async (request: Request): Promise<Response> => {
        asked.push(request.url);
        return Response.json({ status: "ready", version: "first" });
      };
      await createClient(url, { fetch }).ready();
      expect(asked).toEqual(["https://midx.test/words/readyz"]);
    }
  });

  test("sends its token and headers with every request", async () => {
    const app = createApp(fixedHost(index, { tokens: [SHA256_OF_SECRET] }));
    const { midx, requests } = clientOf(app, { token: "secret", headers: { "x-request-id": "mine" } });
    expect((await midx.predict(QUERY)).requestId).toBe("mine");
    expect((await midx.vectorizeQuery(QUERY)).requestId).toBe("mine");
    expect((await midx.info()).dim).toBe(SERVED_DIM);
    expect(requests.map(({ headers }) => headers.get("authorization"))).toEqual(Array(3).fill("Bearer secret"));
    const other = clientOf(app, { token: "other" }).midx;
    await expect(other.predict(QUERY)).rejects.toMatchObject({ status: 401, code: "unauthorized" });
  });

  test("uses the runtime's fetch where it is given none", async () => {
    const { fetch } = globalThis;
    globalThis.fetch = async (input) => createApp(fixedHost(index)).request(input as Request);
    try {
      expect((await createClient("https://midx.test").info()).dim).toBe(SERVED_DIM);
    } finally {
      globalThis.fetch = fetch;
    }
  });
});

test("a client takes arrays of numbers wherever the library does", async () => {
  const { midx } = clientOfIndex(index);
  const { ids } = index.topK(QUERY, 3);
  const bias = { ids, values: Float32Array.from([1, 2, Number.NEGATIVE_INFINITY]) };
  const expected = index.predict(QUERY, 10, { exclude: ids, history: ids, presencePenalty: 1, bias, seed: 7 });
  const options = { exclude: ids, history: ids, presencePenalty: 1, bias, seed: 7 } as unknown as PredictOptions;
  for (const query of [QUERY, Array.from(QUERY)]) {
    expect(await midx.predict(query, options)).toMatchObject(json(expected));
  }
});

test("a client refuses bits of float16, as the library does, and sends nothing", async () => {
  const fetch = vi.fn();
  const midx = createClient("https://midx.test", { fetch });
  const halves = new Uint16Array(SERVED_DIM) as never;
  const error = /^"query" expected .* got a Uint16Array: bits of float16 are read by a Float16Array$/;
  for (const query of [halves, [QUERY, halves] as never]) await expect(midx.predict(query)).rejects.toThrow(error);
  await expect(midx.vectorizeQuery(halves)).rejects.toThrow(error);
  await expect(createVectorizeBinding("https://midx.test", { fetch }).query(halves)).rejects.toThrow(error);
  expect(() => index.predict(halves, 5)).toThrow(error);
  expect(fetch).not.toHaveBeenCalled();
});

test("a client refuses bits of float16 in what it writes, too", async () => {
  const fetch = vi.fn();
  const error = /" expected numbers, got a Uint16Array: bits of float16 are read by a Float16Array$/;
  const halves = new Uint16Array(SERVED_DIM) as never;
  const midx = createClient("https://midx.test", { fetch });
  await expect(midx.upsert({ labels: ["a", "b"], rows: [QUERY, halves] })).rejects.toThrow(error);
  const binding = createVectorizeBinding("https://midx.test", { fetch });
  for (const write of [binding.insert, binding.upsert]) {
    await expect(write([{ id: "a", values: halves }])).rejects.toThrow(error);
  }
  expect(fetch).not.toHaveBeenCalled();
});

test("a client refuses a batch of vectors and sequences or bags, and sends nothing", async () => {
  const fetch = vi.fn();
  const midx = createClient("https://midx.test", { fetch });
  const error = new TypeError('"query" expected one kind of queries in a batch, got several');
  for (const other of [{ sequence: ["a"] }, { features: ["a"] }]) {
    await expect(midx.predict([QUERY, other])).rejects.toThrow(error);
    await expect(midx.predict([other, QUERY])).rejects.toThrow(error);
  }
  await expect(midx.predict([{ features: ["a"] }, { sequence: ["a"] }])).rejects.toThrow(error);
  expect(fetch).not.toHaveBeenCalled();
});

test.each([undefined, null])("an address that is %s, as of a variable that is not set, is refused at once", (url) => {
  const error = new RangeError(`"url" expected an address such as "http://localhost:8787", got ${url}`);
  expect(() => createClient(url as never)).toThrow(error);
  expect(() => createVectorizeBinding(url as never)).toThrow(error);
});

test.each(["localhost:8787", "midx.test:443/words", "https://midx.test?key=1", "https://midx.test/#words"])(
  "an address that leads nowhere is refused: %s",
  (url) => {
    const error = new RangeError(`"url" expected an address such as "http://localhost:8787", got "${url}"`);
    expect(() => createClient(url)).toThrow(error);
    expect(() => createVectorizeBinding(url)).toThrow(error);
  },
);

test.each([
  [{ tokn: "secret" }, '"tokn": string'],
  [{ token: null }, '"token": null'],
  [{ fetch: null }, '"fetch": null'],
  [{ headers: null }, '"headers": null'],
])("options that are unknown or null are refused without the token that they may hold: %j", (options, got) => {
  const error = new TypeError(`options expected token, fetch or headers, got ${got}`);
  for (const create of [createClient, createVectorizeBinding]) {
    expect(() => create("https://midx.test", options as ClientOptions)).toThrow(error);
    create("https://midx.test", { token: undefined, fetch: undefined, headers: undefined } as object);
  }
});

test.each([
  [{ idempotencykey: "import-7" }, '"idempotencykey": string'],
  [{ minMutation: "3" }, '"minMutation": string'],
  [{ idempotencyKey: null }, '"idempotencyKey": null'],
  [{ signal: null }, '"signal": null'],
])(
  "options of a call without fields are refused if they are unknown or null, and nothing is sent: %j",
  async (options, got) => {
    const fetch = vi.fn();
    const midx = createClient("https://midx.test", { fetch });
    const given = options as object;
    for (const call of [() => midx.upsert({ labels: ["a"], rows: [QUERY] }, given), () => midx.delete(["a"], given)]) {
      await expect(call()).rejects.toThrow(new TypeError(`options expected idempotencyKey or signal, got ${got}`));
    }
    for (const call of [() => midx.info(given), () => midx.ready(given)]) {
      await expect(call()).rejects.toThrow(new TypeError(`options expected signal, got ${got}`));
    }
    expect(fetch).not.toHaveBeenCalled();
    await expect(midx.delete(["a"], { idempotencyKey: undefined, signal: undefined } as object)).rejects.toThrow();
    expect(fetch).toHaveBeenCalledTimes(1);
  },
);

describe.each([
  [null, "null"],
  ["secret", "string"],
  [5, "number"],
  [new Map([["k", 5]]), "Map: pass what it holds"],
])("options that are %j are refused as the library refuses them", (options, got) => {
  const given = options as never;
  const error = new TypeError(`"options" expected an object, got ${got}`);

  test("by the library", () => {
    expect(() => index.predict(QUERY, 5, given)).toThrow(error);
  });

  test.each([
    ["createClient", createClient],
    ["createVectorizeBinding", createVectorizeBinding],
  ])("by %s", (_, create) => {
    expect(() => create("https://midx.test", given)).toThrow(error);
  });

  test("by every call, which sends nothing", async () => {
    const fetch = vi.fn();
    const midx = createClient("https://midx.test", { fetch });
    const binding = createVectorizeBinding("https://midx.test", { fetch });
    const calls: readonly (() => Promise<unknown>)[] = [
      () => midx.predict(QUERY, given),
      () => midx.predict([[1, 2]], given),
      () => midx.sample(QUERY, given),
      () => midx.decode(QUERY, given),
      () => midx.encode([1], given),
      () => midx.vectorizeQuery(QUERY, given),
      () => midx.info(given),
      () => midx.ready(given),
      () => midx.upsert({ labels: ["a"], rows: [QUERY] }, given),
      () => midx.delete(["a"], given),
      () => binding.query(QUERY, given),
      () => binding.queryById("3", given),
    ];
    for (const call of calls) await expect(call()).rejects.toThrow(error);
    expect(fetch).not.toHaveBeenCalled();
  });
});

test("a Map of numbers by class is the object that it spells", async () => {
  const { midx } = clientOfIndex(index);
  const biases = { 3: -Infinity, 7: 2 };
  const logit_bias = new Map(Object.entries(biases)) as unknown as Record<string, number>;
  for (const query of [QUERY, LISTS[0] as number[]]) {
    const { requestId, ...answer } = await midx.decode(query, { logit_bias, seed: 7 });
    expect(answer).toEqual({ ...(await midx.decode(query, { logit_bias: biases, seed: 7 })), requestId: undefined });
  }
  const conditions = [{ logit_bias }, {}, {}];
  const { results } = await midx.decode(QUERIES, { conditions, seed: 7 });
  expect(results).toEqual(
    (await midx.decode(QUERIES, { conditions: [{ logit_bias: biases }, {}, {}], seed: 7 })).results,
  );
});

test("whether draws are exact may be decided at run time", async () => {
  const { midx } = clientOfIndex(index);
  for (const exact of [true, false]) {
    const expected = json(index.sample(QUERY, 4, { exact, seed: 7 }));
    expect(await midx.sample(QUERY, { draws: 4, exact, seed: 7 })).toMatchObject(expected);
    expect((await midx.sample([QUERY], { draws: 4, exact, seed: 7 })).results).toEqual([expected]);
  }
});

describe("a refusal", () => {
  test.each(Object.keys(PROBLEMS) as ProblemCode[])("with %s is an error that says so", async (code) => {
    const served = () => Promise.reject(new Problem(code, "what (exactly) is wrong"));
    const { midx } = clientOf(createApp({ ...fixedHost(index), served }), { headers: { "x-request-id": "mine" } });
    const { status } = PROBLEMS[code];
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    onTestFinished(() => log.mockRestore());
    // Only the log of the service names the faulty setting.
    const detail =
      code === "misconfigured"
        ? "a setting of the service is wrong, and its log says which one"
        : "what (exactly) is wrong";
    for (const ask of [
      () => midx.predict(QUERY),
      () => midx.logPartition(LISTS),
      () => midx.vectorizeQuery(QUERY),
      () => midx.info(),
      () => midx.ready(),
    ]) {
      const error: unknown = await ask().catch((reason) => reason);
      expect(error).toBeInstanceOf(MidxError);
      expect(error).toMatchObject({
        name: "MidxError",
        message: `${status} ${code}: ${detail}`,
        ...{ status, code, detail, requestId: "mine" },
        retryAfter: status === 503 ? 1 : undefined,
      });
    }
  });

  test("of too many requests says when to come again", async () => {
    const host = fixedHost(index);
    const rateLimiter = { limit: async () => ({ success: false }) };
    const { midx } = clientOf(createApp({ ...host, settings: (c) => ({ ...host.settings(c), rateLimiter }) }));
    for (const ask of [() => midx.predict(QUERY), () => midx.vectorizeQuery(QUERY)]) {
      await expect(ask()).rejects.toMatchObject({ status: 429, code: "rate_limited", retryAfter: 10 });
    }
  });

  test.each([
    [
      () => QUERY.subarray(1),
      {},
      "body expected 16 bytes, 4 f32 values a vector, got 12 (3 values): " +
        "vectors have to come from the model that the index was built for",
    ],
    [
      () => new Float32Array(8),
      {},
      'body expected 16 bytes, 4 f32 values a vector, got 32 (8 values): vectors have to come from the model that the index was built for, and a batch of 2 needs "batch=2" in the query string',
    ],
    [
      () => (LISTS[0] as number[]).slice(1),
      {},
      '"vector" expected 4 values, got 3: vectors have to come from the model that the index was built for',
    ],
    [() => [1, 2, Number.NaN, 4], {}, '"vector[2]" expected a finite number, got null'],
    [() => Float32Array.of(1, 2, Number.NaN, 4), {}, '"body[0][2]" expected a finite number, got NaN'],
    [
      () => [],
      {},
      '"vector" expected 4 values, got 0: vectors have to come from the model that the index was built for',
    ],
    [() => QUERY, { k: 1001 }, '"k" expected an integer from 0 to 1000, got 1001'],
    [() => QUERY, { drawz: 1 }, '"drawz" is not a field of this request: did you mean "draws"?'],
    [() => QUERY, { seed: 1.5 }, '"seed" expected an integer below 2^53 or a string of decimal digits, got "1.5"'],
    [() => LISTS[0], { seed: 2.5 }, '"seed" expected an integer below 2^53 or a string of decimal digits, got 2.5'],
  ])("names what is wrong: %#", async (query, options, detail) => {
    const { midx } = clientOfIndex(index);
    const error = { status: 400, code: "invalid_field", detail, retryAfter: undefined };
    await expect(midx.predict(query() as AnyQuery, options as PredictOptions)).rejects.toMatchObject(error);
  });

  test.each([undefined, null, 3, "a vector", [null], [QUERY, 7]])("comes for what is no query: %j", async (query) => {
    const { midx } = clientOfIndex(index);
    const error = { name: "MidxError", status: 400, code: "invalid_field", detail: expect.stringContaining('"vector') };
    await expect(midx.predict(query as AnyQuery)).rejects.toMatchObject(error);
  });

  test("comes for rows of several lengths, whatever they add up to", async () => {
    const { midx } = clientOfIndex(index);
    const refused = midx.predict([new Float32Array(3), new Float32Array(5)]);
    await expect(refused).rejects.toMatchObject({
      detail: '"vectors[0]" expected 4 values, got 3: vectors have to come from the model that the index was built for',
    });
    for (const wrong of [[new Float32Array(8), new Float32Array(8)], QUERIES.map(() => QUERY.subarray(2)).slice(1)]) {
      await expect(midx.predict(wrong)).rejects.toMatchObject({ code: "invalid_field" });
    }
  });
});

describe("what is no answer of the service", () => {
  test.each([
    ["a proxy's page", "<html>Bad Gateway</html>", 502, "not from midx: <html>Bad Gateway</html>"],
    ["a page of a network that wants a login", "<html>Welcome</html>", 200, "not from midx: <html>Welcome</html>"],
    ["nothing", null, 504, "not from midx: nothing"],
    ["JSON that is null", "null", 200, "not from midx: null"],
    ["another one's JSON", '{"error":"quota"}', 403, 'not from midx: {"error":"quota"}'],
    ["another one's envelope", '{"errors":[{"code":1,"message":"no"}]}', 403, 'not from midx: {"errors":[{"code":1,'],
    ["an envelope of nothing", '{"errors":[]}', 403, 'not from midx: {"errors":[]}'],
    ["an envelope that is none", '{"errors":{}}', 500, 'not from midx: {"errors":{}}'],
    ["an envelope of null", '{"errors":[null]}', 500, 'not from midx: {"errors":[null]}'],
    ["codes of another kind", '{"code":5,"detail":{}}', 404, 'not from midx: {"code":5'],
    ["another one's answer", '{"ok":true}', 200, 'not from midx: {"ok":true}'],
    ["an answer without a result", '{"success":false,"result":null}', 200, 'not from midx: {"success":false'],
    ["a list", "[1]", 200, "not from midx: [1]"],
    ["a number", "17", 200, "not from midx: 17"],
    ["a very long page", "x".repeat(5000), 500, `not from midx: ${"x".repeat(200)}`],
  ])("is an error that shows it: %s", async (_name, body, status, detail) => {
    const midx = answeredWith(body, { status, headers: { "retry-after": "Wed, 21 Oct 2026 07:28:00 GMT" } });
    const binding = createVectorizeBinding("https://midx.test", { fetch: async () => new Response(body, { status }) });
    for (const ask of [
      () => midx.predict(QUERY),
      () => midx.vectorizeQuery(QUERY),
      () => midx.info(),
      () => midx.ready(),
      () => midx.encode([1]),
      () => midx.delete(["a"]),
      () => binding.query(QUERY),
      () => binding.describe(),
      () => binding.insert([{ id: "a", values: QUERY }]),
    ]) {
      await expect(ask()).rejects.toMatchObject({
        ...{ name: "MidxError", status, code: "unexpected_answer", requestId: undefined, retryAfter: undefined },
        detail: expect.stringContaining(detail),
      });
    }
  });

  test("after a redirect names the address that answered, since a POST may have become a GET", async () => {
    const detail = "/v1/predict takes POST, not GET";
    for (const [body, said] of [
      [JSON.stringify({ code: "method_not_allowed", detail }), detail],
      ["<html>Not allowed</html>", "not from midx: <html>Not allowed</html>"],
    ] as const) {
      const fetch = async ({ url }: Request): Promise<Response> => {
        const at = { url: { value: url.replace("midx.test/old", "words.test/new") }, redirected: { value: true } };
        return Object.defineProperties(new Response(body, { status: 405 }), at);
      };
      const midx = createClient("https://midx.test/old/", { fetch });
      for (const query of [QUERY, LISTS[0] as number[]]) {
        await expect(midx.predict(query, { k: 3 })).rejects.toMatchObject({
          ...{ name: "MidxError", status: 405 },
          detail: `${said} (redirected: give the client https://words.test/new)`,
        });
      }
    }
  });

  test("as when the network fails, passes through, and nothing is tried twice", async () => {
    let tries = 0;
    const failure = new TypeError("fetch failed");
    const fetch = async (): Promise<Response> => {
      tries++;
      throw failure;
    };
    await expect(createClient("https://midx.test", { fetch }).predict(QUERY)).rejects.toBe(failure);
    expect(tries).toBe(1);
    const refusing = clientOf(createApp({ ...fixedHost(index), served: () => Promise.reject("gone") }));
    await expect(refusing.midx.predict(QUERY)).rejects.toMatchObject({ status: 503 });
    expect(refusing.requests).toHaveLength(1);
  });

  test("as when its signal aborts, passes through", async () => {
    const { midx } = clientOfIndex(index);
    const reason = new Error("not wanted any more");
    const signal = AbortSignal.abort(reason);
    for (const ask of [
      () => midx.predict(QUERY, { signal }),
      () => midx.sample(LISTS[0] as number[], { draws: 3, signal }),
      () => midx.vectorizeQuery(QUERY, { signal }),
      () => midx.info({ signal }),
      () => midx.ready({ signal }),
    ]) {
      await expect(ask()).rejects.toBe(reason);
    }
    expect((await midx.predict(QUERY, { signal: new AbortController().signal })).ids).toHaveLength(10);
  });
});
