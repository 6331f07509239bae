import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { COUNT, catalogue, Isolate, labelOf, published, rowOf, type Shelf } from "./live-service.ts";
import { MemoryLog } from "./log/memory-log.ts";

const file = catalogue();
let shelf: Shelf;
let log: MemoryLog;
beforeEach(async () => {
  shelf = { current: published(await file, "first") };
  log = new MemoryLog();
});

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const upsert = (label: string, seed = 500) => ({ labels: [label], rows: [rowOf(seed)] });
const labelsOf = async (isolate: Isolate, fields: object = {}): Promise<readonly string[]> => {
  const { status, body } = await isolate.send("/v1/predict", { vector: rowOf(1), k: 200, exact: true, ...fields });
  expect([status, body.detail]).toEqual([200, undefined]);
  return body.labels;
};

describe("an isolate that others write beside", () => {
  test("sees a change behind the answer after the interval, and before the answer after two of them", async () => {
    let now = 1e12;
    const clock = vi.spyOn(Date, "now").mockImplementation(() => now);
    onTestFinished(() => clock.mockRestore());
    const [writer, reader] = [new Isolate(shelf, log), new Isolate(shelf, log)];
    expect(await labelsOf(reader)).toHaveLength(COUNT);
    await writer.send("/v1/upsert", upsert("one"));
    now += 999;
    expect(await labelsOf(reader)).not.toContain("one"); // the last look was a moment ago
    await reader.settled();
    now += 1;
    expect(await labelsOf(reader)).not.toContain("one");
    await reader.settled();
    expect(await labelsOf(reader)).toContain("one");
    await writer.send("/v1/upsert", upsert("two"));
    now += 2001; // a quiet night
    expect(await labelsOf(reader)).toContain("two");
    await writer.send("/v1/upsert", upsert("three"));
    now -= 3_600_000; // a clock that was set back
    expect(await labelsOf(reader)).toContain("three");
  });

  test("sees at once what it is asked for, by one look for all that wait", async () => {
    const [writer, reader] = [new Isolate(shelf, log), new Isolate(shelf, log, { deltaSeconds: 3600 })];
    await labelsOf(reader);
    const { body } = await writer.send("/v1/upsert", upsert("one"));
    log.delay = 30;
    const before = log.reads;
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => labelsOf(reader, { minMutation: body.mutationId })),
    );
    for (const labels of answers) expect(labels).toContain("one");
    expect(log.reads - before).toBe(1);
  });

  test("has read the log when it answers for the first time, page by page", async () => {
    const writer = new Isolate(shelf, log);
    for (let i = 0; i < 30; i++) {
      await writer.send("/v1/upsert", upsert(`new ${i % 7}`, i));
      if (i % 5 === 0) await writer.send("/v1/delete", { labels: [`new ${i % 7}`, labelOf(i)] });
    }
    log.read = async (after) => MemoryLog.prototype.read.call(log, after, 300); // a few sets a page
    const reader = new Isolate(shelf, log);
    const [own, others] = [await reader.send("/v1/predict", ASK), await writer.send("/v1/predict", ASK)];
    expect(own.body.ids).toEqual(others.body.ids); // ids do not depend on how sets were read
    expect(own.body).toEqual({ ...others.body, requestId: own.body.requestId });
    expect(own.body.mutation).toBe(36);
  });
});

const ASK = { vector: rowOf(1), k: 200, exact: true, seed: 1 };

describe("a log that fails", () => {
  test("lets answers go on, and health and metrics say it", async () => {
    const isolate = new Isolate(shelf, log, { deltaSeconds: 0.05 });
    await isolate.send("/v1/upsert", upsert("one"));
    await isolate.settled();
    log.fault = new Error("no connection");
    await wait(120);
    expect(await labelsOf(isolate)).toContain("one");
    const ready = await isolate.send("/readyz");
    expect([ready.status, ready.body.status, ready.body.reason]).toEqual([
      200,
      "degraded",
      { code: "log_unreadable", detail: "the log of changes: no connection" },
    ]);
    expect((await isolate.send("/metrics")).body).toMatch(/midx_tails_total\{result="failed"\} [1-9]/);
    const written = await isolate.send("/v1/upsert", upsert("two"));
    expect([written.status, written.body.code]).toEqual([503, "log_unreadable"]);
    const unseen = await isolate.send("/v1/predict", { ...ASK, minMutation: 2 });
    expect([unseen.status, unseen.body.code]).toEqual([412, "mutation_unseen"]);
    expect(unseen.body.detail).toContain("no connection");
    log.fault = undefined;
    expect((await isolate.send("/v1/upsert", upsert("two"))).body.sequence).toBe(2);
    expect(await labelsOf(isolate, { minMutation: 2 })).toContain("two");
    expect((await isolate.send("/readyz")).body.status).toBe("ready");
  });

  test("and hangs holds a request up once, and none behind it", async () => {
    const isolate = new Isolate(shelf, log, { deltaSeconds: 0.05 });
    await isolate.send("/v1/predict", ASK);
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const timed = async (ms: number): Promise<boolean> => {
      let isDone = false;
      const sent = isolate.send("/v1/predict", ASK).then(({ status }) => {
        isDone = status === 200;
      });
      await vi.advanceTimersByTimeAsync(ms);
      const inTime = isDone;
      await vi.advanceTimersByTimeAsync(6000);
      await sent;
      return inTime;
    };
    await vi.advanceTimersByTimeAsync(1000);
    log.delay = 3_600_000;
    expect(await timed(4000)).toBe(false);
    for (let i = 0; i < 3; i++) expect(await timed(50)).toBe(true);
  });

  test("keeps an isolate that has no index yet from answering, until it can be read", async () => {
    await new Isolate(shelf, log).send("/v1/upsert", upsert("one"));
    const isolate = new Isolate(shelf, log);
    log.fault = new Error("no connection");
    const refused = await isolate.send("/v1/predict", ASK);
    expect([refused.status, refused.body.code]).toEqual([503, "log_unreadable"]);
    log.fault = undefined;
    await expect.poll(async () => (await isolate.send("/v1/predict", ASK)).status).toBe(200);
    expect(await labelsOf(isolate)).toContain("one");
  });

  test("with sets that nobody can read stays where it was", async () => {
    const isolate = new Isolate(shelf, log, { deltaSeconds: 0.05 });
    await isolate.send("/v1/upsert", upsert("one"));
    await isolate.settled();
    log.sets.push({ sequence: ++log.head, bytes: new Uint8Array(20) });
    await isolate.send("/v1/predict", { ...ASK, minMutation: 1 });
    const { body } = await isolate.send("/v1/predict", { ...ASK, minMutation: 2 });
    expect(body).toMatchObject({ code: "mutation_unseen", detail: expect.stringContaining("midxset1") });
    expect(await labelsOf(isolate)).toContain("one");
  });
});

describe("a full delta", () => {
  test("is a 507 that says what to do, and removals go on", async () => {
    const isolate = new Isolate(shelf, log, { maxDelta: 3 });
    for (const i of [0, 1, 2]) expect((await isolate.send("/v1/upsert", upsert(`new ${i}`))).status).toBe(200);
    await isolate.settled();
    const full = await isolate.send("/v1/upsert", upsert("one more"));
    expect([full.status, full.body.code, log.head]).toEqual([507, "delta_full", 3]);
    expect(full.body.detail).toMatch(/at most 3 rows.*midx compact/);
    const batch = { labels: Array.from({ length: 1000 }, (_, i) => `b ${i}`), rows: Array(1000).fill(rowOf(2)) };
    const never = await isolate.send("/v1/upsert", batch);
    expect([never.status, never.body.code, log.head]).toEqual([400, "too_many_rows", 3]);
    expect(never.body.detail).toMatch(/at most 3 rows or new labels \(MAX_DELTA\), got 1000: divide them/);
    expect((await isolate.send("/v1/upsert", upsert("new 1", 7))).status).toBe(200);
    expect((await isolate.send("/v1/delete", { labels: ["new 2", labelOf(0)] })).status).toBe(200);
  });

  test("counts rows that replace others", async () => {
    const isolate = new Isolate(shelf, log, { maxDelta: 3 });
    const names = [0, 1, 2, 3].map(labelOf);
    const rows = [5, 6, 7, 8].map(rowOf);
    expect((await isolate.send("/v1/upsert", { labels: names, rows })).status).toBe(400);
    const three = { labels: names.slice(1), rows: rows.slice(1) };
    for (let i = 0; i < 2; i++) expect((await isolate.send("/v1/upsert", three)).status).toBe(200);
    await isolate.settled();
    expect((await isolate.send("/v1/upsert", { labels: names.slice(0, 3), rows: rows.slice(0, 3) })).status).toBe(507);
  });

  test("by writers who do not know of each other stops nobody: there is room to spare", async () => {
    const isolates = Array.from({ length: 8 }, () => new Isolate(shelf, log, { maxDelta: 3, deltaSeconds: 3600 }));
    for (const isolate of isolates) await labelsOf(isolate);
    log.delay = 100; // all are checked before the first look behind a write is over, however busy the machine is
    const writes = isolates.flatMap((isolate, i) =>
      [0, 1, 2].map((j) => isolate.send("/v1/upsert", upsert(`${i} ${j}`))),
    );
    const statuses = (await Promise.all(writes)).map(({ status }) => status);
    expect(statuses).toEqual(Array(24).fill(200));
    expect(await labelsOf(isolates[0] as Isolate, { minMutation: 24 })).toHaveLength(COUNT + 24);
    expect((await (isolates[0] as Isolate).send("/v1/upsert", upsert("more"))).status).toBe(507);
  });
});

test("changes for which an isolate has no memory are named by /readyz, with what the service can do", async () => {
  const isolate = new Isolate(shelf, log, { maxDelta: 3 });
  const roomy = new Isolate(shelf, log, { maxDelta: 5000 });
  await labelsOf(isolate);
  for (const name of ["a", "b"]) {
    const labels = Array.from({ length: 600 }, (_, i) => `${name} ${i}`);
    expect((await roomy.send("/v1/upsert", { labels, rows: labels.map((_, i) => rowOf(i)) })).status).toBe(200);
  }
  const unseen = await isolate.send("/v1/predict", { ...ASK, minMutation: 2 });
  expect([unseen.status, unseen.body.code]).toEqual([412, "mutation_unseen"]);
  const { reason } = (await isolate.send("/readyz")).body;
  expect(reason).toEqual({
    code: "delta_full",
    detail:
      "change 2 of the log: there is memory for 1003 rows or new labels, and changes have 1200: publish a version that has the changes so far (midx compact), or raise MAX_DELTA",
  });
});

describe("a burst of writes", () => {
  const thousand = (name: string) => ({
    labels: Array.from({ length: 1000 }, (_, i) => `${name} ${i}`),
    rows: Array.from({ length: 1000 }, (_, i) => rowOf(i)),
  });

  test.each([1, 6])("by %i isolates at once never exceeds the room of those who read", async (count) => {
    const options = { maxDelta: 1000, deltaSeconds: 3600 };
    const isolates = Array.from({ length: count }, () => new Isolate(shelf, log, options));
    for (const isolate of isolates) await labelsOf(isolate);
    log.delay = 100; // all are checked before the first look behind a write is over, however busy the machine is
    const sent = Array.from({ length: 6 }, (_, i) =>
      (isolates[i % count] as Isolate).send("/v1/upsert", thousand(`burst ${i}`)),
    );
    const statuses = (await Promise.all(sent)).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200, 507]));
    log.delay = 0;
    for (const reader of [...isolates, new Isolate(shelf, log, options)]) {
      const { status, body } = await reader.send("/v1/predict", { ...ASK, minMutation: log.head });
      expect([status, body.detail]).toEqual([200, undefined]);
    }
    expect(log.head).toBeLessThanOrEqual(2);
  });

  test("by an isolate that cannot follow the log ends with the reason", async () => {
    const isolate = new Isolate(shelf, log, { maxDelta: 1000, deltaSeconds: 3600 });
    await labelsOf(isolate);
    log.sets.push({ sequence: ++log.head, bytes: new Uint8Array(20) });
    const answers = [];
    for (let i = 0; i < 4; i++) answers.push(await isolate.send("/v1/upsert", thousand(`burst ${i}`)));
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual([
      ...[0, 1].map(() => [200, undefined]),
      ...[0, 1].map(() => [503, "log_unfit"]),
    ]);
    expect(answers.at(-1)?.body.detail).toContain("midxset1");
  });
});

describe("another version", () => {
  /** The catalogue as it is with the first two changes. */
  async function compacted(version: string, sequence: number, seed = 1) {
    return published(await catalogue({ seed }), version, sequence);
  }

  test("takes over with the changes that it does not have, while changes go on", async () => {
    const [isolate, writer] = [new Isolate(shelf, log, { deltaSeconds: 0.05 }), new Isolate(shelf, log)];
    for (let i = 1; i <= 4; i++) await writer.send("/v1/upsert", upsert(`new ${i}`, i));
    expect(await labelsOf(isolate)).toHaveLength(COUNT + 4);
    shelf.current = await compacted("second", 2); // it says that it has two changes, and lacks their classes
    let written = 4;
    const seen: string[] = [];
    const lastOf = new Map<string, number>();
    while (seen.at(-1) !== "second" || written < 30) {
      written = (await writer.send("/v1/upsert", upsert(`new ${written + 1}`, written))).body.sequence;
      const { status, body } = await isolate.send("/v1/predict", { ...ASK, minMutation: written });
      expect([status, body.mutation >= written]).toEqual([200, true]);
      expect(body.labels).toContain(`new ${written}`);
      expect(body.labels.includes("new 1")).toBe(body.version === "first");
      expect(body.labels).toContain("new 3");
      expect(body.mutation).toBeGreaterThanOrEqual(lastOf.get(body.version) ?? 0);
      lastOf.set(body.version, body.mutation);
      if (seen.at(-1) !== body.version) seen.push(body.version);
    }
    expect(seen).toEqual(["first", "second"]);
  });

  test("whose changes the log has no more is refused by name, and the first one goes on", async () => {
    const isolate = new Isolate(shelf, log, { deltaSeconds: 0.05 });
    for (let i = 1; i <= 4; i++) await isolate.send("/v1/upsert", upsert(`new ${i}`, i));
    await labelsOf(isolate, { minMutation: 4 });
    await log.trim(3);
    shelf.current = await compacted("second", 2);
    await expect
      .poll(async () => (await isolate.send("/readyz")).body.reason)
      .toMatchObject({
        code: "log_unfit",
        detail: expect.stringContaining("changes up to 2, and the log begins with 4"),
      });
    expect((await isolate.send("/v1/predict", { ...ASK, minMutation: 4 })).body).toMatchObject({ version: "first" });
    shelf.current = await compacted("third", 3);
    await expect.poll(async () => (await isolate.send("/v1/info")).body.version).toBe("third");
    const fresh = await new Isolate(shelf, log).send("/v1/info");
    expect(fresh.body).toMatchObject({ version: "third", mutation: 4 });
  });

  test("that has more changes than the log is of another log", async () => {
    shelf.current = await compacted("second", 2);
    const refused = await new Isolate(shelf, log).send("/v1/predict", ASK);
    expect([refused.status, refused.body.code]).toEqual([503, "log_unfit"]);
    expect(refused.body.detail).toContain("the log of another index");
  });

  test("that has room is looked for at once by an isolate that has none", async () => {
    const isolate = new Isolate(shelf, log, { refreshSeconds: 3600, maxDelta: 3 });
    for (let i = 1; i <= 3; i++) await isolate.send("/v1/upsert", upsert(`new ${i}`, i));
    await isolate.settled();
    shelf.current = await compacted("second", 3);
    await wait(1100); // it has looked a moment ago
    expect((await isolate.send("/v1/upsert", upsert("one more"))).status).toBe(507);
    await isolate.settled();
    expect((await isolate.send("/v1/upsert", upsert("one more"))).body).toMatchObject({ sequence: 4 });
  });

  test("is looked for at once by an isolate that finds that the log was trimmed", async () => {
    const now = Date.now;
    let slept = 0;
    const clock = vi.spyOn(Date, "now").mockImplementation(() => now() + slept);
    onTestFinished(() => clock.mockRestore());
    const [isolate, writer] = [new Isolate(shelf, log, { refreshSeconds: 3600 }), new Isolate(shelf, log)];
    await labelsOf(isolate);
    for (let i = 1; i <= 3; i++) await writer.send("/v1/upsert", upsert(`new ${i}`, i));
    shelf.current = await compacted("second", 3);
    await log.trim(3);
    slept = 60_000;
    const { status, body } = await isolate.send("/v1/predict", ASK);
    expect([status, body.version, body.mutation]).toEqual([200, "second", 3]);
  });

  test("gets no writes whose numbers others had", async () => {
    const isolate = new Isolate(shelf, log);
    for (const label of ["one", "two"]) await isolate.send("/v1/upsert", upsert(label));
    await isolate.settled();
    Object.assign(log, { sets: [], head: 0 }); // somebody has deleted the log
    const refused = await isolate.send("/v1/upsert", upsert("three"));
    expect([refused.status, refused.body.code]).toEqual([503, "log_unfit"]);
    expect(refused.body.detail).toContain("changes up to 2, and the log ends with 0");
    expect(log.head).toBe(0);
    shelf.current = { ...shelf.current, tag: "anew" }; // built of the whole table, as the message says
    await expect.poll(async () => (await isolate.send("/v1/info")).body.mutation).toBe(0);
    const { body } = await isolate.send("/v1/upsert", upsert("three"));
    expect(await labelsOf(isolate, { minMutation: body.mutationId })).toContain("three");
  });

  test("that does not take a change of the log is refused, and the first one goes on", async () => {
    const isolate = new Isolate(shelf, log, { deltaSeconds: 0.05 });
    await isolate.send("/v1/upsert", upsert("new"));
    await isolate.settled();
    shelf.current = published(await catalogue({ hasBias: true }), "biased");
    await expect
      .poll(async () => (await isolate.send("/readyz")).body.reason)
      .toMatchObject({ code: "log_unfit", detail: expect.stringMatching(/does not take change 1.*biases/) });
    expect(await labelsOf(isolate)).toContain("new");
  });
});
