import type { Hono } from "hono";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { MultiIndex } from "../../src/index.ts";
import { decodeAnswer, encodeAnswer } from "../../src/parts/index.ts";
import { joinMessages, splitMessages } from "../../worker/parts/frames.ts";
import type { MetricsByPart } from "../../worker/router/part-metrics.ts";
import { EVERY } from "../run/size.ts";
import {
  damaged,
  describing,
  FaultyHost,
  killed,
  moved,
  ofOtherMessages,
  paged,
  refused,
  silent,
} from "./faulty-hosts.ts";
import { ask, hostOf, partHost, router } from "./in-process.ts";
import { ManifestShelf, type PartedFiles, partedFiles, partedIndex, queryOf, wholeIndex } from "./parted-files.ts";

const SIZES = [60, 90, 50];
const vector = Array.from(queryOf(1));
const shelf = new ManifestShelf();
let files: PartedFiles;
let whole: MultiIndex;
let hosts: FaultyHost[];
let app: Hono;
let metrics: MetricsByPart;

beforeAll(async () => {
  files = await partedFiles({ version: "a", seed: 5, sizes: SIZES });
  shelf.publish(files);
  whole = await wholeIndex(files);
});

beforeEach(() => begin(60_000));

/** Begins anew: a router with all parts. */
async function begin(deadlineMs: number): Promise<void> {
  hosts = SIZES.map((_, number) => new FaultyHost(hostOf(partHost(shelf, number))));
  ({ app, metrics } = router(shelf, ({ numbers: [number = 0] }) => [hosts[number] as FaultyHost], { deadlineMs }));
  expect((await app.request("/readyz")).status).toBe(200);
}

const flipped = (at: number) =>
  damaged((bytes) => {
    bytes[at] = (bytes[at] as number) ^ 255;
    return bytes;
  });

/** The answer is of another generation than was asked for. */
const ofAnother = damaged((bytes) => {
  const [message = new Uint8Array()] = splitMessages(bytes, 1);
  return joinMessages([encodeAnswer({ ...decodeAnswer(message), generation: "f".repeat(64) })]);
});

/** Everything that was asked for is left out of the answer. */
const withoutPieces = damaged((bytes) => {
  const { call, parts, generation, queryHash, scored } = decodeAnswer(splitMessages(bytes, 1)[0] as Uint8Array);
  return joinMessages([encodeAnswer({ call, parts, generation, queryHash, scored })]);
});

const FAULTS = [
  ["is killed", killed, "connection refused"],
  ["answers with another generation", ofAnother, "another generation"],
  ["does not answer in time", silent, "no answer within 300 ms"],
  ["sends other bytes", flipped(5), "mipx"],
  ["sends an answer that is cut short", damaged((bytes) => bytes.slice(0, -9)), "expected"],
  ["sends nothing", damaged(() => new Uint8Array()), "expected"],
  ["sends answers for another question", damaged((bytes) => new Uint8Array([...bytes, ...bytes])), "at most 1"],
  ["reads other messages", ofOtherMessages, '"version" of the message expected'],
  ["leaves out what was asked for", withoutPieces, 'expected "'],
  ["leads elsewhere", moved, "302"],
  ["asks for a token", refused, "401"],
  ["answers with a page", paged, "it answered 200 with text/html; charset=utf-8: check that a host is"],
] as const;

describe.each(FAULTS)("a part that %s", (_, fault, reason) => {
  beforeEach(async () => {
    if (fault === silent) await begin(300);
    (hosts[1] as FaultyHost).fault = fault;
  });

  // What a part that answers wrongly is missing for, one that is slow is missing for, too.
  test.each(
    (
      [
        ["/v1/predict", { k: 4 }],
        ["/v1/predict", { k: 4, exact: true }],
        ["/v1/log-partition", {}],
        ["/v1/log-probability", { ids: [1, 100] }],
        ["/v1/sample", { draws: 5 }],
        ["/v1/sample", { draws: 5, exact: true }],
        ["/v1/sample-top-k", { k: 5 }],
      ] as const
    ).filter((_, i) => EVERY || fault !== silent || i === 0),
  )("is missing for %s %j: 503, no answer of the others", async (path, fields) => {
    const { status, answer } = await ask(app, path, { vector, ...fields });
    expect(status).toBe(503);
    expect(answer.code).toBe("part_missing");
    expect(answer.detail).toContain("part 1: ");
    expect(answer.detail).toContain(reason);
  });

  test("leaves a top k of the others where that is allowed, which says so", async () => {
    const { status, answer } = await ask(app, "/v1/predict", { vector, k: 6, exact: true, partial: "allow" });
    expect(status).toBe(200);
    const others = Array.from({ length: 200 }, (__, id) => id).filter((id) => id < 60 || id >= 150);
    const expected = whole.predict(queryOf(1), 6, { exact: true, allow: others });
    expect(answer.ids).toEqual(Array.from(expected.ids));
    expect(answer.scores).toEqual(Array.from(expected.scores));
    expect(answer.exact).toBe(false);
    expect(answer.coverage).toEqual({ parts: 2, of: 3, classes: 110 / 200 });
    expect(Object.keys(answer).toSorted()).toEqual([
      "coverage",
      "exact",
      "ids",
      "requestId",
      "scored",
      "scores",
      "version",
    ]);
    const query = await ask(app, "/v1/query", { vector, topK: 6, partial: "allow" });
    expect(query.answer.result).toMatchObject({ count: 6, coverage: { parts: 2, of: 3 } });
  });

  test("leaves a diverse choice from the pool of the others", async () => {
    const diversity = { lambda: 0.3, pool: 30 };
    const asked = { vector, k: 6, exact: true, diversity, partial: "allow" };
    const { status, answer } = await ask(app, "/v1/predict", asked);
    const others = Array.from({ length: 200 }, (__, id) => id).filter((id) => id < 60 || id >= 150);
    const expected = whole.predict(queryOf(1), 6, { exact: true, allow: others, diversity });
    expect([status, answer.ids]).toEqual([200, Array.from(expected.ids)]);
    expect(answer.coverage).toEqual({ parts: 2, of: 3, classes: 110 / 200 });
  });

  test("leaves a lower bound of log Z and nothing more", async () => {
    const { status, answer } = await ask(app, "/v1/log-partition", { vector, exact: true, partial: "allow" });
    expect(status).toBe(200);
    const { logPartition } = whole.logPartition(queryOf(1), { exact: true });
    expect(answer.lower).toBeLessThan(logPartition);
    expect(Object.keys(answer).toSorted()).toEqual(["coverage", "lower", "requestId", "scored", "version"]);
  });

  test("counts the requests that were answered without it", async () => {
    await ask(app, "/v1/predict", { vector });
    expect(metrics.partial).toBe(0);
    await ask(app, "/v1/predict", { vectors: [vector, vector], partial: "allow" });
    await ask(app, "/v1/log-partition", { vector, partial: "allow" });
    await ask(app, "/v1/query", { vector, topK: 3, partial: "allow" });
    expect(metrics.partial).toBe(3);
    expect(await (await app.request("/metrics")).text()).toContain("\nmidx_partial_answers_total 3\n");
    (hosts[1] as FaultyHost).fault = undefined;
    await ask(app, "/v1/predict", { vector, partial: "allow" });
    expect(metrics.partial).toBe(3);
  });

  test("is asked again by the next request", async () => {
    await ask(app, "/v1/predict", { vector });
    (hosts[1] as FaultyHost).fault = undefined;
    expect((await ask(app, "/v1/predict", { vector })).status).toBe(200);
    expect(metrics.of([1]).failures).toBeGreaterThan(0);
    expect(metrics.of([0]).failures).toBe(0);
  });
});

test("answers of all parts say so too, where some might be missing", async () => {
  const { answer } = await ask(app, "/v1/predict", { vector, k: 3, exact: true, partial: "allow" });
  const { ids, probabilities } = await (await partedIndex(files)).predict(queryOf(1), 3, { exact: true });
  expect(answer).toMatchObject({ ids: Array.from(ids), exact: true, coverage: { parts: 3, of: 3, classes: 1 } });
  expect(answer.probabilities).toEqual(Array.from(probabilities));
});

test("the remedy for a missing part is the same for decode, whose fields have other names", async () => {
  (hosts[1] as FaultyHost).fault = killed;
  const [predicted, decoded] = [await ask(app, "/v1/predict", { vector }), await ask(app, "/v1/decode", { vector })];
  expect(decoded.answer.detail).toBe(predicted.answer.detail);
  expect(decoded.answer.detail).toContain('with "partial": "allow" take top k');
});

test("no part at all is a 503 also where some may be missing", async () => {
  for (const host of hosts) host.fault = killed;
  const { status, answer } = await ask(app, "/v1/predict", { vector, partial: "allow" });
  expect([status, answer.code]).toEqual([503, "part_missing"]);
});

test("a part whose binding is missing in the configuration has no host", async () => {
  const hostsOf = ({ numbers: [number = 0] }: { readonly numbers: readonly number[] }) => [
    (number === 1 ? undefined : hosts[number]) as FaultyHost,
  ];
  const { app: lacking } = router(shelf, hostsOf);
  const { status, answer } = await ask(lacking, "/v1/predict", { vector });
  expect([status, answer.code]).toEqual([503, "part_missing"]);
  expect(answer.detail).toContain("part 1: it has no host here");
});

test("a router begins while a part is missing, and learns of it when it is there", async () => {
  (hosts[2] as FaultyHost).fault = killed;
  const { app: late } = router(shelf, ({ numbers: [number = 0] }) => [hosts[number] as FaultyHost]);
  expect((await ask(late, "/v1/predict", { vector })).status).toBe(503);
  (hosts[2] as FaultyHost).fault = undefined;
  const { answer } = await ask(late, "/v1/predict", { vector, k: 8, exact: true });
  expect(answer.ids).toEqual(Array.from(whole.topK(queryOf(1), 8, { exact: true }).ids));
});

describe("replicas", () => {
  let first: FaultyHost;
  let second: FaultyHost;
  let replicated: ReturnType<typeof router>;

  beforeEach(async () => {
    first = new FaultyHost(hostOf(partHost(shelf, 1)));
    second = new FaultyHost(hostOf(partHost(shelf, 1)));
    replicated = router(
      shelf,
      ({ numbers: [number = 0] }) => (number === 1 ? [first, second] : [hosts[number] as FaultyHost]),
      { deadlineMs: 60_000, hedgeMs: 5 },
    );
    for (let i = 0; i < 25; i++) await ask(replicated.app, "/v1/predict", { vector });
  });

  test.each([
    ["is killed", killed],
    ["reads other messages", ofOtherMessages],
    ["leaves out what was asked for", withoutPieces],
  ])("are asked when the first %s", async (_, fault) => {
    const before = await ask(replicated.app, "/v1/predict", { vector, seed: 1 });
    first.fault = fault;
    const after = await ask(replicated.app, "/v1/predict", { vector, seed: 1 });
    expect(after.status).toBe(200);
    const { requestId: __, ...answer } = after.answer;
    expect(before.answer).toMatchObject(answer);
    expect(second.requests).toBeGreaterThan(0);
  });

  test("are asked beside one that is slower than nearly always, and have the same bits", async () => {
    const before = await ask(replicated.app, "/v1/predict", { vector, seed: 1 });
    const asked = second.requests;
    first.fault = silent;
    const after = await ask(replicated.app, "/v1/predict", { vector, seed: 1 });
    expect(after.status).toBe(200);
    const { requestId: _, ...answer } = after.answer;
    expect(before.answer).toMatchObject(answer);
    expect(second.requests).toBe(asked + 1);
    expect(replicated.metrics.of([1]).hedges).toBeGreaterThan(0);
    expect(replicated.metrics.of([0]).hedges).toBe(0);
  });
});

test("a request has at most as many questions under way as its fan-out", async () => {
  let [now, most] = [0, 0];
  const counted = hosts.map((host) => ({
    fetch: async (request: Request) => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 5));
      return host.fetch(request).finally(() => now--);
    },
  }));
  const narrow = router(shelf, ({ numbers: [number = 0] }) => [counted[number] as (typeof counted)[number]], {
    fanOut: 2,
  });
  expect((await ask(narrow.app, "/v1/predict", { vector })).status).toBe(200);
  expect(most).toBe(2);
});

test("a batch is one request to each part", async () => {
  const before = hosts.map(({ requests }) => requests);
  const vectors = Array.from({ length: 100 }, () => vector);
  expect((await ask(app, "/v1/predict", { vectors, exact: true })).status).toBe(200);
  expect(hosts.map(({ requests }, i) => requests - (before[i] as number))).toEqual([1, 1, 1]);
});

const withInfo = (fields: object) =>
  describing((description) => ({ ...description, info: { ...(description.info as object), ...fields } }));

test.each([
  ["nothing", describing(() => null), "another generation"],
  ["a page", paged, "it answered 200 with text/html"],
  [
    "text without a type",
    async () => new Response(new Uint8Array([60]), { headers: {} }),
    "its answer is no JSON: check that a host is at",
  ],
  [
    "an address without a server",
    () => Promise.reject(new TypeError("fetch failed", { cause: { code: "ECONNREFUSED" } })),
    "fetch failed (ECONNREFUSED)",
  ],
  ["columns that are none", withInfo({ columns: 5 }), '"columns" are no list'],
  ["another generation", describing((described) => ({ ...described, generation: "0" })), "another generation"],
  ["another part", describing((described) => ({ ...described, numbers: [7] })), "it describes part 7"],
  ["another number of classes", withInfo({ itemCount: 91 }), "it has 91 classes of 8 values, the manifest 90 of 8"],
  ["another width", withInfo({ dim: 9 }), "it has 90 classes of 9 values"],
  ["a count that is none", withInfo({ bucketCount: "many" }), '"bucketCount" is no count'],
  ["no flag", withInfo({ hasBias: undefined }), '"hasBias" is neither'],
  ["curves that are none", withInfo({ recallCurves: [{}] }), '"recallCurves" are no list'],
])("a part that describes itself as %s is missing", async (_, fault, reason) => {
  (hosts[1] as FaultyHost).fault = fault;
  const { app: late } = router(shelf, ({ numbers: [number = 0] }) => [hosts[number] as FaultyHost]);
  const { status, answer } = await ask(late, "/v1/predict", { vector });
  expect([status, answer.code]).toEqual([503, "part_missing"]);
  expect(answer.detail).toContain(reason);
});
