import { afterEach, expect, test, vi } from "vitest";
import { PartedIndex } from "../../src/parts/parted-index.ts";
import { COUNT, Isolate, type IsolateOptions, labelOf, published, rowOf } from "./live-service.ts";
import { MemoryLog } from "./log/memory-log.ts";
import { fileOf, publishedParts, type Rows, shelfOfParts, WRITES } from "./parted-shelf.ts";

// One process with all parts of a manifest, beside one with one file of the same classes and changes.

const ROWS: Rows = new Map(Array.from({ length: COUNT }, (_, i) => [labelOf(i), rowOf(i)]));
const FIRST = 15;
const INDEX = "/client/v4/accounts/a/vectorize/v2/indexes/i";

afterEach(() => vi.restoreAllMocks());

async function isolates(options: IsolateOptions = {}): Promise<readonly [parts: Isolate, whole: Isolate]> {
  return [
    new Isolate(shelfOfParts(await publishedParts(ROWS, [FIRST], "one", 0, "columns")), new MemoryLog(), options),
    new Isolate({ current: published(await fileOf(ROWS, "columns"), "one") }, new MemoryLog(), options),
  ];
}

test("answers over parts are those of one index with the same changes", async () => {
  const both = await isolates();
  for (const [path, body] of WRITES) {
    const [parts, whole] = await Promise.all(both.map((isolate) => isolate.send(path, body)));
    expect([parts?.status, parts?.body]).toEqual([200, whole?.body]);
  }
  const all = { vector: rowOf(7), exact: true, minMutation: WRITES.length };
  const asked: readonly (readonly [path: string, body?: object])[] = [
    ["/v1/predict", { ...all, k: 99 }],
    ["/v1/predict", { ...all, k: 9, exclude: ["new b", labelOf(20)], bias: { ids: ["new c"], values: [2] } }],
    ["/v1/predict", { ...all, k: 9, allow: ["new c", labelOf(1), labelOf(39)], temperature: 0.5 }],
    ["/v1/predict", { ...all, k: 5, diversity: { lambda: 0.5, pool: 12 } }],
    ["/v1/predict", { ...all, k: 50, filter: { price: { $gte: 3 } } }],
    ["/v1/query", { vector: rowOf(7), topK: 20, filter: { price: { $gt: 100 } }, returnMetadata: "all" }],
    ["/v1/log-probability", { ...all, ids: ["new b", labelOf(3), labelOf(39)] }],
    ["/v1/query", { vectorId: "new b", topK: 10, returnValues: true, returnMetadata: "all" }],
    [`${INDEX}/get_by_ids`, { ids: ["new b", "new a", labelOf(3), labelOf(4), labelOf(31)] }],
    [`${INDEX}/list?count=30`],
    [`${INDEX}/info`],
  ];
  for (const [path, body] of asked) {
    const [parts, whole] = await Promise.all(both.map((isolate) => isolate.send(path, body)));
    expect([parts?.status, parts?.body.detail], path).toEqual([200, undefined]);
    expect(parts?.headers.get("x-mutation"), path).toBe(whole?.headers.get("x-mutation"));
    expect(close(parts?.body), path).toEqual(close(whole?.body));
  }
  const [parts, whole] = await Promise.all(both.map((isolate) => isolate.send("/v1/info")));
  // Each of the two parts has as much room as the one index.
  const { maxDelta, ...changes } = whole?.body.changes ?? {};
  expect(parts?.body.changes).toEqual({ ...changes, maxDelta: 2 * maxDelta });
  expect(parts?.body.itemCount).toBe(COUNT + 3);
  const drawn = await both[0].send("/v1/sample", { vector: rowOf(7), draws: 50, seed: 3, minMutation: 4 });
  expect(drawn.body.labels).not.toContain("new a");
});

/** Leaves out what differs from call to call or by layout, and rounds what parts sum in another order. */
function close(value: unknown): unknown {
  const own = new Set(["requestId", "nextCursor", "seed", "scored", "calibrated", "modelError", "lowEss"]);
  return JSON.parse(
    JSON.stringify(value, (name, inner) => {
      if (own.has(name)) return undefined;
      return typeof inner === "number" && !Number.isInteger(inner) ? Number(inner.toFixed(4)) : inner;
    }),
  );
}

test("an answer that changes come between is made anew", async () => {
  const [parts] = await isolates();
  const ask = { vector: rowOf(7), k: COUNT, exact: true };
  expect((await parts.send("/v1/predict", ask)).body.mutation).toBe(0);
  const original = PartedIndex.prototype.predict as (...given: unknown[]) => Promise<unknown>;
  const calls = vi.spyOn(PartedIndex.prototype, "predict").mockImplementationOnce(async function (
    this: PartedIndex,
    ...given: unknown[]
  ) {
    const answer = await original.apply(this, given);
    await parts.send("/v1/delete", { labels: [labelOf(2)] });
    await parts.settled();
    return answer as never;
  } as never);
  const { status, body } = await parts.send("/v1/predict", ask);
  expect([status, body.mutation, body.labels.length]).toEqual([200, 1, COUNT - 1]);
  expect(calls).toHaveBeenCalledTimes(2);
});

test("an answer whose next step asks for a class that was removed in between is made anew", async () => {
  const [parts] = await isolates();
  const calls = vi.spyOn(PartedIndex.prototype, "predict").mockImplementationOnce(async () => {
    await parts.send("/v1/delete", { labels: [labelOf(2)] });
    await parts.settled();
    throw new RangeError(`"ids"[0] expected a class of the index, got 2, which was removed`);
  });
  const { status, body } = await parts.send("/v1/predict", { vector: rowOf(7), k: COUNT, exact: true });
  expect([status, body.labels?.length]).toEqual([200, COUNT - 1]);
  expect(calls).toHaveBeenCalledTimes(2);
});

test("every part has room of its own", async () => {
  const [parts] = await isolates({ maxDelta: 2 });
  const upsert = async (...numbers: number[]) => {
    await parts.settled(); // what was written is known here
    return parts.send("/v1/upsert", { labels: numbers.map(labelOf), rows: numbers.map(rowOf) });
  };
  expect((await upsert(0, 1)).status).toBe(200);
  const full = await upsert(2);
  expect([full.status, full.body.code]).toEqual([507, "delta_full"]);
  expect(full.body.detail).toContain("at most 2 rows or new labels in the part at place 0 (MAX_DELTA), got 3");
  const never = await upsert(3, 4, 5, FIRST);
  expect([never.status, never.body.code]).toEqual([400, "too_many_rows"]);
  expect(never.body.detail).toContain("at most 2 rows or new labels in the part at place 0 (MAX_DELTA), got 3: divide");
  expect((await upsert(1, FIRST, FIRST + 1)).status).toBe(200);
  await parts.settled();
  const { body } = await parts.send("/metrics");
  expect(body).toContain('midx_delta_rows{part="0"} 2\nmidx_delta_rows{part="1"} 2\n');
  expect(body).toContain("midx_delta_rows_limit 2\n");
  expect((await parts.send("/v1/delete", { labels: [labelOf(0)] })).status).toBe(200);
  expect((await upsert(2)).status).toBe(200);
});

test("parts that take no changes are refused by name", async () => {
  const shelf = shelfOfParts(await publishedParts(ROWS, [FIRST], "bare", 0, "bare"));
  const { status, body } = await new Isolate(shelf, new MemoryLog()).send("/v1/predict", { vector: rowOf(1) });
  expect([status, body.code]).toEqual([503, "log_unfit"]);
  expect(body.detail).toContain('version bare takes no changes: "parts[0]" expected an index built with "labels"');
});
