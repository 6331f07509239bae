import { beforeEach, describe, expect, test } from "vitest";
import { encodeLoggedSet } from "../../src/changes/logged-set.ts";
import { driftIn } from "../../src/cli/drift/service-drift.ts";
import { compact } from "../../src/train/compaction/compact-inlined.ts";
import { fileOf, queriesOfKind } from "../drift/drift-case.ts";
import { catalogue, Isolate, labelOf, published, rowOf, type Shape, type Shelf } from "./live-service.ts";
import { MemoryLog } from "./log/memory-log.ts";

const setOf = (label: string, more: object = {}) =>
  encodeLoggedSet({ upserts: { labels: [label], rows: rowOf(7), ...more } });

let log: MemoryLog;
beforeEach(() => {
  log = new MemoryLog();
});

describe("a canary", () => {
  /** An isolate with a canary for half of the callers, and a caller of each version. */
  async function withCanary(shape: Shape, deltaSeconds = 0.05) {
    const canary = published(await catalogue({ seed: 2, ...shape }), "second");
    const first = published(await catalogue(), "first");
    const shelf: Shelf = { current: { ...first, canary: { share: 0.5, look: async () => canary } } };
    const isolate = new Isolate(shelf, log, { deltaSeconds });
    const keys: Record<string, string> = {};
    for (let i = 0; i < 20; i++) {
      const { body } = await isolate.send("/v1/info", undefined, { "x-client-key": `${i}` });
      keys[body.version] = `${i}`;
    }
    const as = (version: string) => ({ "x-client-key": keys[version] as string });
    return { isolate, as, shelf, canary };
  }

  test("has all changes that answers of the current version had, and keeps them when it is promoted", async () => {
    const { isolate, as, shelf, canary } = await withCanary({}, 3600);
    const mutationAs = async (version: string): Promise<number> =>
      (await isolate.send("/v1/info", undefined, as(version))).body.mutation;
    for (const [i, writer] of ["first", "second", "first"].entries()) {
      await isolate.send("/v1/upsert", { labels: [`${i}`], rows: [rowOf(7)] }, as(writer));
      await isolate.settled(); // only the version that the writer met has looked
      expect([await mutationAs("first"), await mutationAs("second")]).toEqual([i + 1, i + 1]);
    }
    await isolate.send("/v1/delete", { labels: ["0"] }, as("first"));
    await isolate.settled();
    shelf.current = canary;
    await expect.poll(async () => (await isolate.send("/v1/info", undefined, as("first"))).body.version).toBe("second");
    expect(await mutationAs("first")).toBe(4);
  });

  test("and the current version have every change, whichever of them a writer meets", async () => {
    const { isolate, as } = await withCanary({});
    for (const [i, writer] of ["first", "second"].entries()) {
      const body = { labels: [`by ${writer}`], rows: [rowOf(7)] };
      expect((await isolate.send("/v1/upsert", body, as(writer))).body).toMatchObject({ sequence: i + 1 });
      for (const version of ["first", "second"]) {
        const ask = { vector: rowOf(1), k: 100, exact: true, minMutation: i + 1 };
        const { body: answer } = await isolate.send("/v1/predict", ask, as(version));
        expect(answer).toMatchObject({ version, mutation: i + 1 });
        expect(answer.labels).toContain(`by ${writer}`);
      }
    }
  });

  test("that takes other changes than the current version: a write that only one takes is refused by name", async () => {
    const { isolate, as } = await withCanary({ hasBias: true });
    const plain = { labels: ["new"], rows: [rowOf(7)] };
    const refused = ["first", "second"].flatMap((writer) => [
      [plain, writer, "version second: "] as const,
      [{ ...plain, biases: [1] }, writer, "version first: "] as const,
    ]);
    for (const [body, version, message] of refused) {
      const { status, body: answer } = await isolate.send("/v1/upsert", body, as(version));
      expect([status, answer.code, answer.detail]).toEqual([400, "invalid_field", expect.stringContaining(message)]);
    }
    expect(log.head).toBe(0);
    expect((await isolate.send("/v1/delete", { labels: [labelOf(1)] }, as("first"))).status).toBe(200);
  });

  test.each([
    [
      "it",
      undefined,
      3,
      "version second: changes expected at most 4 rows or new labels (MAX_DELTA), got 5: end this canary (midx rollback), or",
    ],
    [
      "the current version",
      3,
      undefined,
      "version first: changes expected at most 4 rows or new labels (MAX_DELTA), got 5: end the canary (midx promote, or midx rollback and then midx compact), or",
    ],
  ])("a 507 says so if %s is full, and what helps while there is a canary", async (_, later, has, detail) => {
    for (const label of ["one", "two", "three"]) await log.append(setOf(label));
    const canary = published(await catalogue({ seed: 2 }), "second", later);
    const first = { ...published(await catalogue(), "first", has), canary: { share: 0.5, look: async () => canary } };
    const isolate = new Isolate({ current: first }, log, { maxDelta: 4 });
    for (const key of ["1", "2", "3", "4"]) {
      const two = { labels: ["four", "five"], rows: [rowOf(7), rowOf(8)] };
      const { status, body } = await isolate.send("/v1/upsert", two, { "x-client-key": key });
      expect([status, body.detail]).toEqual([507, `${detail} raise MAX_DELTA`]);
    }
    expect(log.head).toBe(3);
  });

  test("that does not take a change of the log is reported, though the current version is well", async () => {
    const { isolate, as } = await withCanary({ hasBias: true });
    await log.append(setOf("new"));
    expect((await isolate.send("/v1/info", undefined, { ...as("first"), "x-min-mutation": "1" })).status).toBe(200);
    expect((await isolate.send("/v1/info", undefined, { ...as("second"), "x-min-mutation": "1" })).status).toBe(412);
    expect((await isolate.send("/readyz")).body).toMatchObject({
      status: "degraded",
      reason: {
        code: "log_unfit",
        detail: expect.stringContaining("version second: the index does not take change 1"),
      },
    });
  });
});

test("a compacted file without a pointer needs the log behind its own number alone", async () => {
  const sets = [setOf("one"), encodeLoggedSet({ removals: [labelOf(3)] }), setOf("two")];
  for (const set of sets) await log.append(set);
  const { file } = await compact(await catalogue(), sets.slice(0, 2), { calibrate: "carry" });
  await log.trim(2);
  const isolate = new Isolate({ current: published(file, "compacted") }, log);
  const { body } = await isolate.send("/v1/predict", { vector: rowOf(1), k: 100, exact: true });
  expect(body).toMatchObject({ version: "compacted", mutation: 3 });
  expect(body.labels).toEqual(expect.arrayContaining(["one", "two"]));
  expect(body.labels).not.toContain(labelOf(3));
});

test("a set that is refused stops an index at the set before it, however they were read", async () => {
  const isolate = new Isolate({ current: published(await catalogue(), "first") }, log, { deltaSeconds: 0.05 });
  await isolate.send("/v1/info");
  await log.append(setOf("good"));
  await log.append(setOf("better"));
  await log.append(setOf("bad", { biases: [1] }));
  const { body } = await isolate.send("/v1/info", undefined, { "x-min-mutation": "2" });
  expect(body).toMatchObject({ mutation: 2, changes: { rowCount: 2 } });
  expect((await isolate.send("/readyz")).body.reason.detail).toContain("does not take change 3 of the log");
});

test("a set that is damaged stops an index at the set before it, and is named", async () => {
  const isolate = new Isolate({ current: published(await catalogue(), "first") }, log, { deltaSeconds: 0.05 });
  await isolate.send("/v1/info");
  await log.append(setOf("good"));
  const cut = setOf("cut").subarray(0, 60);
  await log.append(cut);
  const { body } = await isolate.send("/v1/info", undefined, { "x-min-mutation": "1" });
  expect(body).toMatchObject({ mutation: 1, changes: { rowCount: 1 } });
  expect((await isolate.send("/readyz")).body.reason).toMatchObject({
    code: "log_unfit",
    detail: expect.stringContaining("change 2 of the log is damaged"),
  });
});

test("metrics say what is due by the drift of a version", async () => {
  const isolate = new Isolate({ current: published(await fileOf(), "first") }, log);
  const due = async (): Promise<string | undefined> =>
    /midx_upkeep_due\{version="first",due="(\w+)"\} 1/.exec((await isolate.send("/metrics")).body)?.[1];
  await isolate.send("/v1/predict", { vector: Array.from(queriesOfKind(1, 11)), k: 3 });
  expect(await due()).toBe("nothing");
});

test("midx drift says that changes fill their room, though answers show what those of the build's queries showed", async () => {
  const isolate = new Isolate({ current: published(await fileOf(), "first") }, log, { maxDelta: 4 });
  const found = async () => driftIn((await isolate.send("/metrics")).body);
  const vectors = Array.from({ length: 100 }, (_, i) => Array.from(queriesOfKind(1, i)));
  await isolate.send("/v1/predict", { vectors, k: 3 });
  expect(await found()).toMatchObject({ due: "nothing" });
  const rows = vectors.slice(0, 3);
  await isolate.send("/v1/upsert", { labels: ["one", "two", "three"], rows, biases: [-9, -9, -9] });
  await isolate.settled();
  const { due, reason, drifts } = await found();
  expect([due, reason]).toEqual(["reassign", expect.stringMatching(/^changes fill 75 % of the room/)]);
  expect(drifts.length).toBeGreaterThan(2);
});

test("what is due by changes is known of an isolate that has only taken them, also of a version that has not answered yet", async () => {
  const shelf = { current: published(await fileOf(), "first") };
  const isolate = new Isolate(shelf, log, { maxDelta: 4, deltaSeconds: 0.05 });
  const labels = ["one", "two", "three"];
  const rows = labels.map((_, i) => Array.from(queriesOfKind(1, i)));
  expect((await isolate.send("/v1/upsert", { labels, rows, biases: [-9, -9, -9] })).status).toBe(200);
  await isolate.settled();
  const found = async () => driftIn((await isolate.send("/metrics")).body);
  const full = { due: "reassign", reason: expect.stringMatching(/^changes fill 75 % of the room/), drifts: [] };
  expect(await found()).toEqual({ version: "first", ...full });
  shelf.current = published(await fileOf(), "second");
  await expect.poll(async () => (await isolate.send("/v1/info")).body.version).toBe("second");
  expect(await found()).toEqual({ version: "second", ...full });
});

test.each(["rows", "labels that were removed again"])(
  "a reassignment is due before writes are refused, where %s fill the room",
  async (what) => {
    const isolate = new Isolate({ current: published(await catalogue(), "first") }, log, { maxDelta: 4 });
    const due = async (): Promise<string | undefined> =>
      /midx_upkeep_due\{version="first",due="(\w+)"\} 1/.exec((await isolate.send("/metrics")).body)?.[1];
    for (let i = 0; i < 4; i++) {
      await isolate.send("/v1/predict", { vector: rowOf(1), k: 1, minMutation: 0 });
      expect(await due()).toBe(i < 3 ? undefined : "reassign");
      const write = await isolate.send("/v1/upsert", { labels: [`new ${i}`], rows: [rowOf(i)] });
      if (what !== "rows") await isolate.send("/v1/delete", { labels: [`new ${i}`] });
      expect(write.status).toBe(200);
      await isolate.settled();
    }
    expect((await isolate.send("/v1/upsert", { labels: ["another"], rows: [rowOf(9)] })).status).toBe(507);
    expect(await due()).toBe("reassign");
    expect(driftIn((await isolate.send("/metrics")).body)).toMatchObject({
      version: "first",
      due: "reassign",
      reason: expect.stringMatching(/^changes fill 100 % of the room .*midx compact/),
    });
    expect((await isolate.send("/v1/info")).body.changes.maxDelta).toBe(4);
  },
);

test("a version that replaces another has all changes that answers had", async () => {
  const shelf: Shelf = { current: published(await catalogue(), "first") };
  const isolate = new Isolate(shelf, log);
  const write = async (label: string): Promise<number> =>
    (await isolate.send("/v1/upsert", { labels: [label], rows: [rowOf(1)] })).body.sequence;
  const last = await write("one");
  await isolate.settled();
  const read = log.read.bind(log);
  let isHeld = false;
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  log.read = async (...given) => {
    const page = await read(...given);
    // The first look of the new version is answered late, with what the log had when it asked.
    if (given[0] !== 0 || isHeld) return page;
    isHeld = true;
    await held;
    return page;
  };
  shelf.current = published(await catalogue({ seed: 2 }), "second");
  await expect.poll(async () => (await isolate.send("/v1/info")).body.version && isHeld).toBe(true);
  const next = await write("two");
  const ask = { vector: rowOf(1), k: 100, exact: true };
  const before = await isolate.send("/v1/predict", { ...ask, minMutation: next });
  expect(before.body).toMatchObject({ version: "first", mutation: last + 1 });
  release();
  await isolate.settled();
  const after = await isolate.send("/v1/predict", ask);
  expect(after.body).toMatchObject({ version: "second", mutation: next });
  expect(after.body.labels).toContain("two");
});

test("a write that an isolate of another version has taken is applied, however large it is beside this one", async () => {
  const before = new Isolate({ current: published(await catalogue(), "before") }, log);
  const after = new Isolate({ current: published(await catalogue({ scale: 1 / 16 }), "after") }, log);
  const large = { labels: ["large"], rows: [rowOf(7)] };
  expect((await after.send("/v1/upsert", large)).status).toBe(400);
  expect((await before.send("/v1/upsert", large)).status).toBe(200);
  const ask = { vector: rowOf(7), k: 3, exact: true, minMutation: 1 };
  expect((await after.send("/v1/predict", ask)).body).toMatchObject({ mutation: 1, version: "after" });
  expect((await after.send("/v1/predict", ask)).body.labels[0]).toBe("large");
  expect((await after.send("/readyz")).body.status).toBe("ready");
  const { file } = await compact(await catalogue({ scale: 1 / 16 }), [setOf("large")], { calibrate: "carry" });
  const compacted = new Isolate({ current: published(file, "compacted", 1) }, log);
  expect((await compacted.send("/v1/predict", ask)).body.labels[0]).toBe("large");
});

test("a version without a class whose label is long takes its removal, and so does a compaction", async () => {
  const long = `https://shop.example/${"long/".repeat(20)}`;
  const before = new Isolate({ current: published(await catalogue({ firstLabel: long }), "before") }, log);
  expect((await before.send("/v1/delete", { labels: [long] })).status).toBe(200);
  expect((await before.send("/v1/upsert", { labels: ["new"], rows: [rowOf(7)] })).status).toBe(200);
  const ask = { vector: rowOf(7), k: 100, exact: true, minMutation: 2 };
  const anew = await catalogue();
  const after = await new Isolate({ current: published(anew, "after") }, log).send("/v1/predict", ask);
  expect([after.status, after.body.labels]).toEqual([200, expect.arrayContaining(["new", labelOf(0)])]);
  const { file } = await compact(
    anew,
    (await log.read(0)).sets.map(({ bytes }) => bytes as Uint8Array<ArrayBuffer>),
    {
      calibrate: "carry",
    },
  );
  const compacted = await new Isolate({ current: published(file, "compacted", 2) }, log).send("/v1/predict", ask);
  expect(compacted.body.labels).toHaveLength(after.body.labels.length);
});
