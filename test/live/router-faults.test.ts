import { beforeEach, describe, expect, test } from "vitest";
import { CHANGES_HEADER, PARTIAL_PATH } from "../../worker/parts/protocol.ts";
import type { PublishedManifest } from "../../worker/publication/manifest-at.ts";
import { hostOf, partHost, router } from "../router/in-process.ts";
import { COUNT, labelOf, rowOf, type Shelf } from "./live-service.ts";
import { MemoryLog } from "./log/memory-log.ts";
import { publishedParts, type Rows, shelfOfParts } from "./parted-shelf.ts";
import { type ChangingHost, hostsOf, RouterIsolate } from "./routed-parts.ts";

// Faults between a router with a log and its parts.

const ROWS: Rows = new Map(Array.from({ length: COUNT }, (_, i) => [labelOf(i), rowOf(i)]));
const FIRST = 15;
const ALL = { vector: rowOf(7), k: 500, exact: true };
const upsert = (...labels: string[]) => ({ labels, rows: labels.map((_, i) => rowOf(800 + i)) });
const killed = async (): Promise<Response> => {
  throw new TypeError("connection refused");
};

const files = publishedParts(ROWS, [FIRST], "one");
let shelf: Shelf<PublishedManifest>;
let log: MemoryLog;
let hosts: ChangingHost[];
let isolate: RouterIsolate;
beforeEach(async () => {
  shelf = shelfOfParts(await files);
  log = new MemoryLog();
  hosts = hostsOf(shelf);
  isolate = new RouterIsolate(shelf, hosts, log, { deltaSeconds: 3600 });
});

async function write(of: RouterIsolate, ...labels: string[]): Promise<number> {
  const { status, body } = await of.send("/v1/upsert", upsert(...labels));
  expect([status, body.detail]).toEqual([200, undefined]);
  await of.settled();
  return body.sequence;
}

async function labelsOf(of: RouterIsolate, fields: object = {}): Promise<readonly string[]> {
  const { status, body } = await of.send("/v1/predict", { ...ALL, ...fields });
  expect([status, body.detail]).toEqual([200, undefined]);
  const sum = body.probabilities.reduce((total: number, p: number) => total + p, 0);
  expect(sum).toBeCloseTo(1, 6);
  return body.labels;
}

describe("a part", () => {
  test("that has started again gets its changes before it answers", async () => {
    await write(isolate, "a", "b", "c", "d");
    await isolate.send("/v1/delete", { labels: [labelOf(2), labelOf(30)] });
    await isolate.settled();
    for (const host of hosts) host.restart();
    for (const host of hosts) host.asked.length = 0;
    const labels = await labelsOf(isolate);
    expect(labels).toHaveLength(COUNT + 4 - 2);
    for (const host of hosts) expect(host.asked).toEqual([PARTIAL_PATH, "/v1/part/changes", PARTIAL_PATH]);
  });

  test("that has started again asks no other part which labels it had that were removed", async () => {
    await write(isolate, "a", labelOf(2), labelOf(3), labelOf(30));
    await write(isolate, labelOf(2));
    await isolate.send("/v1/delete", { labels: [labelOf(2), labelOf(30), "a", "nobody"] });
    await isolate.settled();
    const whole = await labelsOf(isolate);
    expect(whole).toHaveLength(COUNT - 2);
    (hosts[1] as ChangingHost).fault = killed;
    const [first] = hosts as [ChangingHost];
    first.restart();
    first.asked.length = 0;
    const some = await isolate.send("/v1/predict", { ...ALL, partial: "allow" });
    expect([some.status, some.body.coverage?.parts]).toEqual([200, 1]);
    expect(first.asked).toEqual([PARTIAL_PATH, "/v1/part/labels", "/v1/part/changes", PARTIAL_PATH]);
    const own = new Set(Array.from({ length: FIRST }, (_, i) => labelOf(i)));
    expect(new Set(some.body.labels)).toEqual(new Set(whole.filter((label) => own.has(label))));
    (hosts[1] as ChangingHost).fault = undefined;
    await write(isolate, labelOf(30), "a");
    expect(await labelsOf(isolate)).toHaveLength(COUNT);
  });

  test("gets changes once, however many requests ask for answers with them", async () => {
    await write(isolate, "a");
    for (const host of hosts) host.restart();
    for (const host of hosts) host.asked.length = 0;
    await Promise.all(Array.from({ length: 10 }, () => labelsOf(isolate)));
    for (const { asked } of hosts) expect(asked.filter((path) => path === "/v1/part/changes")).toHaveLength(1);
  });

  test("that is gone stops neither reads of the others nor what is written once it is there again", async () => {
    await write(isolate, "a", "b", "c", "d");
    (hosts[1] as ChangingHost).fault = killed;
    const some = await isolate.send("/v1/predict", { ...ALL, partial: "allow" });
    expect([some.status, some.body.coverage.parts, some.body.probabilities]).toEqual([200, 1, undefined]);
    expect((await isolate.send("/metrics")).body).toContain("\nmidx_partial_answers_total 1\n");
    const missing = await isolate.send("/v1/predict", ALL);
    expect([missing.status, missing.body.code]).toEqual([503, "part_missing"]);
    // Where a label belongs is unknown without it.
    const refused = await isolate.send("/v1/upsert", upsert("e"));
    expect([refused.status, refused.body.code]).toEqual([503, "part_missing"]);
    expect(log.head).toBe(1);
    (hosts[1] as ChangingHost).fault = undefined;
    const minMutation = await write(isolate, "e");
    expect(await labelsOf(isolate, { minMutation })).toContain("e");
  });

  test("that is gone when a router begins is named by every answer, until it is there again", async () => {
    await write(isolate, "a", "b", "c", "d");
    (hosts[1] as ChangingHost).fault = killed;
    const later = new RouterIsolate(shelf, hosts, log, { deltaSeconds: 3600 });
    for (const [path, body] of [
      ["/v1/predict", { ...ALL, partial: "allow" }],
      ["/v1/upsert", upsert("e")],
    ] as const) {
      const refused = await later.send(path, body);
      expect([refused.status, refused.body.code]).toEqual([503, "part_missing"]);
      expect(refused.body.detail).toContain("part 1: connection refused");
    }
    expect(log.head).toBe(1);
    (hosts[1] as ChangingHost).fault = undefined;
    let answered = await later.send("/v1/predict", ALL);
    while (answered.status === 503) answered = await later.send("/v1/predict", ALL); // it looks again after a while
    expect([answered.status, answered.body.labels.length]).toEqual([200, COUNT + 4]);
  });

  test("that hangs while it is brought changes holds up nobody but those who need it", async () => {
    isolate = new RouterIsolate(shelf, hosts, log, { deltaSeconds: 3600, routing: { deadlineMs: 1000 } });
    await labelsOf(isolate);
    (hosts[0] as ChangingHost).fault = (request, answer) =>
      request.url.endsWith("/v1/part/changes") ? new Promise(() => undefined) : answer();
    const { body } = await isolate.send("/v1/upsert", upsert("a"));
    const some = await isolate.send("/v1/predict", { ...ALL, partial: "allow", minMutation: body.sequence });
    expect([some.status, some.body.mutation, some.body.coverage.parts]).toEqual([200, 1, 1]);
    (hosts[0] as ChangingHost).fault = undefined;
    expect(await labelsOf(isolate)).toContain("a");
  });

  test("that answers without the changes that it was asked for is missing", async () => {
    await labelsOf(isolate);
    const old = hosts[1] as ChangingHost;
    old.fault = async (request, answer) => {
      request.headers.delete(CHANGES_HEADER);
      const { body, headers } = await answer();
      const kept = new Headers(headers);
      kept.delete(CHANGES_HEADER);
      return new Response(body, { headers: kept });
    };
    const { status, body } = await isolate.send("/v1/predict", ALL);
    expect([status, body.detail]).toEqual([503, expect.stringContaining("part 1: it answers without the changes")]);
  });

  test("that takes no changes is refused by name", async () => {
    const bare = new RouterIsolate(shelf, hostsOf(shelf, 2, 0), log);
    const { status, body } = await bare.send("/v1/predict", ALL);
    expect([status, body.detail]).toEqual([503, expect.stringContaining("start it with --max-delta")]);
  });

  test("with the changes of another log is missing, and its answers are not mixed in", async () => {
    await write(isolate, "a");
    const other = new RouterIsolate(shelf, hosts, new MemoryLog(), { deltaSeconds: 3600 });
    await other.send("/v1/upsert", upsert("b"));
    await other.settled();
    const { status, body } = await other.send("/v1/predict", { ...ALL, minMutation: 1 });
    expect([status, body.code]).toEqual([503, "part_missing"]);
    expect(body.detail).toContain("of another log");
    expect(await labelsOf(isolate)).toHaveLength(COUNT + 1);
  });

  test("with changes is missing for a router without a log", async () => {
    await write(isolate, "a");
    const { app } = router({ look: async () => ({ ...(await files) }) }, ({ numbers: [number = 0] }) => [
      hosts[number] as ChangingHost,
    ]);
    const response = await app.request("/v1/predict", {
      ...{ method: "POST", headers: { "content-type": "application/json" } },
      body: JSON.stringify(ALL),
    });
    expect([response.status, (await response.json()).detail]).toEqual([
      503,
      expect.stringContaining("its router follows no log"),
    ]);
  });
});

test("a second replica gets its changes, too, and answers where the first is gone", async () => {
  const [first, second] = [hostsOf(shelf), hostsOf(shelf)];
  const replicas = first.map((host, part) => [host, second[part] as ChangingHost]);
  const own = new RouterIsolate(shelf, replicas, log, { deltaSeconds: 3600 });
  const sequence = await write(own, "a", "b", "c");
  const before = await own.send("/v1/predict", { ...ALL, minMutation: sequence });
  for (const host of first) host.fault = killed;
  second[1]?.restart();
  const after = await own.send("/v1/predict", ALL);
  expect([after.status, after.body.scores, after.body.logPartition]).toEqual([
    200,
    before.body.scores,
    before.body.logPartition,
  ]);
});

describe("two routers", () => {
  test("over the same parts agree on ids, whoever writes", async () => {
    const other = new RouterIsolate(shelf, hosts, log, { deltaSeconds: 3600 });
    await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        (i % 2 === 0 ? isolate : other).send("/v1/upsert", upsert(`${i % 2}/${i}`, `shared ${i % 3}`)),
      ),
    );
    await Promise.all([isolate.settled(), other.settled()]);
    const ask = { ...ALL, seed: 1, minMutation: 12 };
    const [one, two] = [await isolate.send("/v1/predict", ask), await other.send("/v1/predict", ask)];
    expect(one.status).toBe(200);
    expect(two.body).toEqual({ ...one.body, requestId: two.body.requestId });
    expect(one.body.ids).toHaveLength(COUNT + 12 + 3);
  });

  test("of which one is behind: it catches up before it answers, and no further than its parts", async () => {
    const behind = new RouterIsolate(shelf, hosts, log, { deltaSeconds: 3600 });
    await labelsOf(behind);
    await write(isolate, "a");
    await write(isolate, "b");
    await log.append((log.sets[0] as (typeof log.sets)[number]).bytes); // nobody has brought it to the parts yet
    const { status, body } = await behind.send("/v1/predict", ALL);
    expect([status, body.mutation, body.labels.length]).toEqual([200, 2, COUNT + 2]);
  });
});

test("beyond its room a part gets 507, and writes to others go on", async () => {
  const own = new RouterIsolate(shelf, hostsOf(shelf, 2, 2), log, { deltaSeconds: 3600 });
  const change = (...numbers: number[]) =>
    own.send("/v1/upsert", { labels: numbers.map(labelOf), rows: numbers.map(rowOf) });
  expect((await change(0, 1)).status).toBe(200);
  await own.settled();
  const full = await change(2);
  expect([full.status, full.body.code]).toEqual([507, "delta_full"]);
  expect(full.body.detail).toContain("at most 2 rows or new labels in the part at place 0 (MAX_DELTA), got 3");
  expect((await change(0, 1, 2, FIRST)).status).toBe(400); // more than fit at any time
  expect(log.head).toBe(1);
  expect((await change(1, FIRST, FIRST + 1)).status).toBe(200);
  await own.settled();
  const { body } = await own.send("/metrics");
  expect(body).toContain('midx_delta_rows{part="0"} 2\nmidx_delta_rows{part="1"} 2\n');
  expect(body).toContain("midx_part_requests_total");
});

test("wrong elements are named as in a service of one index, and nothing is written", async () => {
  const cases: readonly (readonly [object, string])[] = [
    [{ labels: ["a", "b"], rows: [rowOf(1), [1, 2, "3", 4]] }, '"rows[1][2]" expected a finite number'],
    [{ labels: ["a"], rows: [[1, 2]] }, '"rows[0]" expected 4 values, got 2'],
    [{ labels: ["a"], rows: [rowOf(1)], biases: [1] }, '"biases" expected an index built with'],
    [
      { labels: ["a", "x".repeat(1025)], rows: [rowOf(1), rowOf(2)] },
      '"labels[1]" expected a label of at most 1024 bytes',
    ],
    [{ labels: ["a", labelOf(3)], rows: [rowOf(1), rowOf(2).map((x) => 1e6 * x)] }, '"rows[1]" expected'],
  ];
  for (const [given, expected] of cases) {
    const { status, body } = await isolate.send("/v1/upsert", given);
    expect([status, body.detail]).toEqual([400, expect.stringContaining(expected)]);
  }
  expect(log.head).toBe(0);
});

test("Vectorize's insert leaves classes as they are, in whatever part they are", async () => {
  const path = "/client/v4/accounts/a/vectorize/v2/indexes/i/insert";
  const lines = [labelOf(3), labelOf(30), "new"].map((id, i) => JSON.stringify({ id, values: rowOf(70 + i) }));
  const { status } = await isolate.send(path, lines.join("\n"), { "content-type": "application/x-ndjson" });
  expect(status).toBe(200);
  await isolate.settled();
  const { body } = await isolate.send("/client/v4/accounts/a/vectorize/v2/indexes/i/get_by_ids", {
    ids: [labelOf(3), labelOf(30), "new"],
  });
  const rounded = [rowOf(3), rowOf(30), rowOf(72)].map((row) => row.map(Math.fround));
  expect(body.result.map(({ values }: { values: number[] }) => values)).toEqual(rounded);
});

test("a version is served once all its parts have the changes behind it", async () => {
  await write(isolate, "a", "b");
  const [next] = [await publishedParts(ROWS, [25], "two")];
  (hosts[1] as ChangingHost).fault = async (request, answer) =>
    request.url.endsWith("/v1/part/changes") && request.method === "POST"
      ? Response.json({ code: "log_unreadable", detail: "no" }, { status: 503 })
      : answer();
  shelf.current = next;
  await labelsOf(isolate);
  await isolate.settled();
  const before = await isolate.send("/v1/predict", ALL);
  expect([before.status, before.body.version]).toEqual([200, "one"]);
  expect((await isolate.send("/readyz")).body).toMatchObject({
    ...{ status: "degraded", reason: { code: "part_missing", detail: "part 1: it answered 503 log_unreadable: no" } },
  });
  (hosts[1] as ChangingHost).fault = undefined;
  const other = new RouterIsolate(shelf, hosts, log, { deltaSeconds: 3600 });
  const after = await other.send("/v1/predict", ALL);
  expect([after.status, after.body.version, after.body.labels.length]).toEqual([200, "two", COUNT + 2]);
});

test("a version with more parts than a router has hosts for leaves the one before served", async () => {
  await write(isolate, "a", "b");
  shelf.current = await publishedParts(ROWS, [10, 25], "three parts");
  await labelsOf(isolate);
  await isolate.settled();
  const { status, body } = await isolate.send("/v1/predict", ALL);
  expect([status, body.version, body.labels.length]).toEqual([200, "one", COUNT + 2]);
  expect((await isolate.send("/readyz")).body).toMatchObject({
    ...{ status: "degraded", reason: { detail: expect.stringContaining("part 2") } },
  });
});

test("a host of a part is no router", async () => {
  const plain = hostOf(partHost({ look: async () => files }, 0));
  const headers = { "x-midx-generation": "0".repeat(64), "x-midx-parts": "0" };
  const response = await plain.fetch(new Request("http://part/v1/part/changes", { headers }));
  expect(response.status).toBe(404);
});
