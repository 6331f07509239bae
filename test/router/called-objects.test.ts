import { expect, test } from "vitest";
import type { CallAnswer } from "../../worker/parts/part-calls.ts";
import { inDurableObjects } from "../../worker/router/object-host.ts";
import { ask, router } from "./in-process.ts";
import { Objects } from "./objects-in-process.ts";
import { ManifestShelf, partedFiles, queryOf } from "./parted-files.ts";

// Durable Objects that a router asks by calls.

const SIZES = [60, 40, 50];
const files = await partedFiles({
  version: "a",
  seed: 3,
  sizes: SIZES,
  replicas: 2,
  hasLabels: true,
  hasColumns: true,
});
const shelf = new ManifestShelf();
shelf.publish(files);

const over = (objects: Objects, publisher = shelf) =>
  router(publisher, (parts) => inDurableObjects(objects, parts), { deadlineMs: 1500, refreshSeconds: 0 });

const vector = Array.from(queryOf(1));
const REQUESTS: readonly [path: string, body: object][] = [
  ["/v1/predict", { vector, k: 7, seed: 3, scan: 40 }],
  ["/v1/predict", { vector, k: 7, exact: true, seed: 1, diversity: { lambda: 0.5, pool: 20 } }],
  [
    "/v1/predict",
    { vectors: [vector, Array.from(queryOf(2))], exclude: [3, 70], bias: { ids: [9], values: [2] }, seed: 1 },
  ],
  ["/v1/log-partition", { vector, scan: "auto", seed: 1 }],
  ["/v1/log-probability", { vector, ids: [2, 140], seed: 1 }],
  ["/v1/sample", { vector, draws: 30, seed: 5, mixture: { uniform: 0.2 } }],
  ["/v1/sample", { vector, draws: 30, seed: 5, exact: true }],
  ["/v1/sample-top-k", { vector, k: 5, seed: 5, allow: Array.from({ length: 100 }, (_, i) => i) }],
  ["/v1/slate-log-probability", { vector, ids: [2, 140, 61] }],
  ["/v1/decode", { vector, temperature: 0.7, top_p: 0.9, min_p: 0.01, seed: 4 }],
  ["/v1/query", { vector, topK: 7, returnValues: true, returnMetadata: "all", filter: { price: { $lt: 60 } } }],
];

test("calls have the answers of requests, for every route", async () => {
  const [called, requested] = [new Objects(shelf), new Objects(shelf, {})];
  const [byCalls, byRequests] = [over(called).app, over(requested).app];
  for (const [path, body] of REQUESTS) {
    const expected = await ask(byRequests, path, body);
    expect([path, expected.status, expected.answer.detail]).toEqual([path, 200, undefined]);
    const { answer } = await ask(byCalls, path, body);
    expect(answer).toEqual({ ...expected.answer, ...(answer.requestId && { requestId: answer.requestId }) });
  }
  expect(new Set(called.asked)).toEqual(new Set(["/v1/part", "call"]));
  expect(requested.asked).toContain("/v1/partial");
  expect(requested.asked).not.toContain("call");
});

test("calls carry the values of answers and no buffers around them", async () => {
  const objects = new Objects(shelf);
  const large: string[] = [];
  const look = (value: unknown, path: string): void => {
    if (ArrayBuffer.isView(value)) {
      if (value.buffer.byteLength !== value.byteLength) large.push(`${path}: ${value.buffer.byteLength} bytes`);
    } else if (typeof value === "object" && value !== null) {
      for (const [name, each] of Object.entries(value)) look(each, `${path}.${name}`);
    }
  };
  objects.fault = (_, __, answer) => async (call, questions) => {
    look(questions, "questions");
    const answered = await answer(call, questions);
    look(answered, "answers");
    return answered;
  };
  const { app } = over(objects);
  for (const [path, body] of REQUESTS) await ask(app, path, body);
  expect(large).toEqual([]);
});

test("an error of a call is that of a request", async () => {
  const [byCalls, byRequests] = [new Objects(shelf), new Objects(shelf, {})].map((objects) => over(objects).app);
  for (const body of [
    { vector: [1, 2] },
    { vector, k: 5, scan: 2_000_000 },
    { vector, exclude: [999] },
    { vector, filter: { nothing: 1 } },
  ]) {
    const [called, requested] = [
      await ask(byCalls as never, "/v1/predict", body),
      await ask(byRequests as never, "/v1/predict", body),
    ];
    expect([called.status, called.answer.detail]).toEqual([requested.status, requested.answer.detail]);
  }
});

test("the other replica answers for an object that is silent, that was reset, or that has another midx", async () => {
  const faults: [string, () => Promise<CallAnswer>][] = [
    ["silent", () => new Promise(() => undefined)],
    ["reset", () => Promise.reject(new Error("Durable Object exceeded its memory limit and was reset."))],
  ];
  for (const [name, fault] of faults) {
    const objects = new Objects(shelf);
    objects.fault = (object) => (object.startsWith("1/0/") ? fault : undefined);
    const { app, metrics } = over(objects);
    const { status } = await ask(app, "/v1/predict", { vector });
    expect([name, status]).toEqual([name, 200]);
    expect(metrics.of([1]).requests).toBeGreaterThan(metrics.of([0]).requests);
  }
});

test("where all objects of a part fail, the answer says why", async () => {
  const objects = new Objects(shelf);
  objects.fault = (object, call, answer) =>
    object.startsWith("1/") ? (_, questions) => answer({ ...call, version: 99 }, questions) : undefined;
  const { status, answer } = await ask(over(objects).app, "/v1/predict", { vector });
  expect([status, answer.code]).toEqual([503, "part_missing"]);
  expect(answer.detail).toContain('"version" of the message expected 3, which this midx has, got 99');
});

test("a question about a generation that an object lost is asked again with the next", async () => {
  const moving = new ManifestShelf();
  moving.publish(files);
  const objects = new Objects(moving);
  const { app, metrics } = over(objects, moving);
  expect((await ask(app, "/v1/predict", { vector })).answer.version).toBe("a");
  const lost = files.manifest.generation;
  objects.fault = (_, call) =>
    call.generation === lost
      ? async () => ({ problem: { status: 409, code: "unknown_generation", detail: "it is gone" } })
      : undefined;
  moving.publish(
    await partedFiles({ version: "b", seed: 4, sizes: SIZES, replicas: 2, hasLabels: true, hasColumns: true }),
  );
  const { status, answer } = await ask(app, "/v1/predict", { vector });
  expect([status, answer.version]).toEqual([200, "b"]);
  expect(metrics.renewals).toBe(1);
});
