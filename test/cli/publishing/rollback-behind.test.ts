import { beforeEach, expect, test } from "vitest";
import { encodeLoggedSet } from "../../../src/changes/logged-set.ts";
import { publish } from "../../../src/cli/publishing/publish.ts";
import { rollback } from "../../../src/cli/publishing/rollback.ts";
import { verified } from "../../../src/cli/publishing/verified-file.ts";
import { factsOfInfo } from "../../../src/publication/facts-of-info.ts";
import { SegmentLog } from "../../../src/publication/segments/segment-log.ts";
import { catalogue } from "../../live/live-service.ts";
import { memorySegments } from "../../live/log/memory-segments.ts";
import { around, type MemoryStore, memoryStore } from "./memory-store.ts";

// A rollback says how many changes services have to apply to the version, and refuses more than a Worker has memory for.

const KEY = "words/current.json";
const files = [1, 2].map(async (seed) => verified(await catalogue({ seed, dim: 1536 })));
let store: MemoryStore;
beforeEach(async () => {
  store = memoryStore();
  for (const [i, file] of files.entries()) {
    const { bytes, info } = await file;
    const version = `v${i}`;
    await publish(store, KEY, bytes, { version, facts: factsOfInfo(info), ...(i > 0 && { sequence: i }) });
  }
});

/** Puts a log beside the pointer whose sets add labels. They are counted, so that their rows may be of any length. */
async function putLog(setCount: number, differing = 17): Promise<void> {
  const segments = memorySegments();
  const log = new SegmentLog(segments, "words/log/");
  for (let set = 0; set < setCount; set++) {
    const labels = Array.from({ length: 1000 }, (_, i) => `${set % differing} ${i}`);
    await log.append(encodeLoggedSet({ upserts: { labels, rows: labels.map(() => 1) }, removals: ["gone"] }));
  }
  for (const [key, bytes] of segments.values) store.values.set(key, Uint8Array.from(bytes));
}

async function back(isForced = false) {
  const notes: string[] = [];
  const { outcome, changedLabels } = await rollback(store, KEY, { isForced, onNote: (note) => notes.push(note) });
  return { outcome, changedLabels, notes };
}

test("the file is read once, for its bytes and for its header, if no log is there", async () => {
  const reads: string[] = [];
  const reading = around(store, (run, _at, call, key) => {
    if (call === "get") reads.push(key);
    return run();
  });
  expect(await rollback(reading, KEY)).toMatchObject({ outcome: "rolled-back" });
  expect(reads.filter((key) => key.includes("/parts/"))).toHaveLength(1);
});

test("changes that writers have room for are counted", async () => {
  await putLog(1);
  expect(await back()).toEqual({ outcome: "rolled-back", changedLabels: 1000, notes: [] });
});

test("for more, services take no new labels, which a note says", async () => {
  await putLog(19);
  store.values.delete(KEY);
  const { bytes, info } = await (files[0] as (typeof files)[number]);
  for (const [version, sequence] of [
    ["late", 17],
    ["later", 19],
  ] as const) {
    await publish(store, KEY, bytes, { version, sequence, facts: factsOfInfo(info) });
  }
  expect(await back()).toEqual({
    ...{ outcome: "rolled-back", changedLabels: 2000 },
    notes: [
      expect.stringMatching(
        /^the log has changes of 2000 labels behind version late, which services apply to it\. Beyond MAX_DELTA/,
      ),
    ],
  });
});

test("more than a Worker has memory for are refused, if nobody forces it", async () => {
  await putLog(18);
  await expect(back()).rejects.toThrow(
    /^the log has changes of 17000 labels behind version v0, and a Worker has no memory for it with so many: index needs .* limit is 120/,
  );
  expect(await back(true)).toMatchObject({ outcome: "rolled-back", notes: [] });
});

test("what added classes take beside the memory of the index counts", async () => {
  store = memoryStore();
  const { bytes, info } = await verified(await catalogue({ seed: 3, dim: 64 }));
  for (const [version, sequence] of [["v0"], ["v1", 1]] as const) {
    await publish(store, KEY, bytes, { version, facts: factsOfInfo(info), ...(sequence && { sequence }) });
  }
  await putLog(200, 200);
  await expect(back()).rejects.toThrow(
    /^the log has changes of 200000 labels behind version v0, and a Worker has no memory/,
  );
});
