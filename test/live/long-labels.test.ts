import { expect, test } from "vitest";
import { encodeLoggedSet } from "../../src/changes/logged-set.ts";
import { compact } from "../../src/train/compaction/compact-inlined.ts";
import type { Changes } from "../../src/train/compaction/resolved-changes.ts";
import { catalogue, Isolate, published, rowOf } from "./live-service.ts";
import { MemoryLog } from "./log/memory-log.ts";

const LONG = `https://shop.example/${"long/".repeat(20)}`;
const MOST = "é".repeat(512);

const upsert = (label: string) => ({ labels: [label], rows: [rowOf(7)] });

/** Compacts a file with all sets of a log. */
async function compacted(file: Uint8Array<ArrayBuffer>, log: MemoryLog) {
  const sets = log.sets.map(({ bytes }) => bytes as Changes);
  const made = await compact(file, sets, { calibrate: "carry" });
  return published(made.file, "compacted", log.head);
}

async function labelsOf(isolate: Isolate, minMutation: number): Promise<readonly string[]> {
  const ask = { vector: rowOf(7), k: 100, exact: true, minMutation };
  const { status, body } = await isolate.send("/v1/predict", ask);
  expect([status, body.detail]).toEqual([200, undefined]);
  return body.labels;
}

test.each([LONG, MOST])("a class with a long label goes and comes as any other, through compactions", async (label) => {
  const log = new MemoryLog();
  const file = await catalogue({ firstLabel: label });
  const shelf = { current: published(file, "first") };
  const isolate = new Isolate(shelf, log);
  for (const [i, route] of ["delete", "upsert", "delete"].entries()) {
    const fields = route === "delete" ? { labels: [label] } : upsert(label);
    expect((await isolate.send(`/v1/${route}`, fields)).body.sequence).toBe(i + 1);
    expect((await labelsOf(isolate, i + 1)).includes(label)).toBe(route === "upsert");
  }
  const without = await compacted(file, log);
  const next = new Isolate({ current: without }, log);
  expect((await next.send("/v1/upsert", upsert(label))).body.sequence).toBe(4);
  expect(await labelsOf(next, 4)).toContain(label);
  log.sets = log.sets.slice(3); // trimmed
  const again = new Isolate({ current: await compacted((await without.open()) as Uint8Array<ArrayBuffer>, log) }, log);
  expect(await labelsOf(again, 4)).toContain(label);
});

test("a version that lacks a long label takes a write of it that another version has taken, on the way there and back", async () => {
  const [old, anew] = [await catalogue({ firstLabel: LONG }), await catalogue()];
  for (const [before, after] of [
    [old, anew],
    [anew, old],
  ] as const) {
    const log = new MemoryLog();
    const shelf = { current: published(before, "before") };
    const isolate = new Isolate(shelf, log);
    expect((await isolate.send("/v1/upsert", upsert(LONG))).body.sequence).toBe(1);
    shelf.current = published(after, "after");
    await expect.poll(async () => (await isolate.send("/v1/info")).body.version).toBe("after");
    expect(await labelsOf(isolate, 1)).toContain(LONG);
  }
});

test("a row whose label is longer than any may be is refused by name, whatever the file has, and may be removed", async () => {
  const log = new MemoryLog();
  const [known, other] = [`${MOST}!`, `${MOST}?`];
  const isolate = new Isolate({ current: published(await catalogue({ firstLabel: known }), "first") }, log);
  for (const label of [known, other]) {
    const { status, body } = await isolate.send("/v1/upsert", { labels: ["a", label], rows: [rowOf(1), rowOf(2)] });
    expect([status, body.code]).toEqual([400, "invalid_field"]);
    expect(body.detail).toContain('"labels[1]" expected a label of at most 1024 bytes of UTF-8, got 1025');
  }
  expect((await isolate.send("/v1/delete", { labels: [known, other] })).body.sequence).toBe(1);
  expect(await labelsOf(isolate, 1)).not.toContain(known);
  await log.append(encodeLoggedSet({ upserts: { labels: [other], rows: rowOf(7) } })); // by a version that took longer ones
  expect(await labelsOf(isolate, 2)).toContain(other);
});
