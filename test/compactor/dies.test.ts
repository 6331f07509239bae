import { beforeAll, expect, test, vi } from "vitest";
import { SegmentLog } from "../../src/publication/segments/segment-log.ts";
import { createCompactor } from "../../worker/compactor.ts";
import { type SegmentBucket, segmentsInBucket } from "../../worker/publication/segments-in-bucket.ts";
import { readPublished } from "../cli/publishing/reader.ts";
import { type PublishedOld, publishedOld } from "./published.ts";

let old: PublishedOld;
beforeAll(async () => {
  old = await publishedOld();
});

/** A bucket with the older version, whose calls are counted. */
function bucketOf(fateOf: (call: number, name: string, key: string) => Promise<void> | void) {
  const values = new Map<string, { bytes: Uint8Array; etag: string }>();
  for (const [key, bytes] of old.values) values.set(key, { bytes, etag: "old" });
  let [calls, writes] = [0, 0];
  const call = async <T>(name: string, key: string, run: () => T): Promise<T> => {
    await fateOf(++calls, name, key);
    return run();
  };
  const bucket: SegmentBucket = {
    get: (key) =>
      call("get", key, () => {
        const found = values.get(key);
        if (!found) return null;
        return { etag: found.etag, arrayBuffer: async () => Uint8Array.from(found.bytes).buffer };
      }),
    head: (key) => call("head", key, () => (values.has(key) ? {} : null)),
    put: (key, bytes, { onlyIf }) =>
      call("put", key, () => {
        const there = values.get(key);
        if (onlyIf.etagDoesNotMatch && there) return null;
        if (onlyIf.etagMatches && there?.etag !== onlyIf.etagMatches) return null;
        values.set(key, { bytes: bytes.slice(), etag: `write ${++writes}` });
        return {};
      }),
    delete: (key) => call("delete", key, () => void values.delete(key)),
  };
  return { bucket, values };
}

const compactor = createCompactor<SegmentBucket>(
  { bucket: (bucket) => bucket, log: (bucket) => new SegmentLog(segmentsInBucket(bucket, "INDEX"), "words/log/") },
  () => ({ key: "words/current.json", maxDelta: 4 }),
);

const readVersion = (values: ReadonlyMap<string, { bytes: Uint8Array }>) =>
  readPublished(async (key) => values.get(key)?.bytes, "words/current.json");

test("a compactor that dies at any call leaves one whole version, and the next run goes on", async () => {
  const versions: (string | undefined)[] = [];
  for (let fatal = 1; ; fatal++) {
    let hasDied = false;
    const { bucket, values } = bucketOf((call) => {
      if (call !== fatal) return;
      hasDied = true;
      throw new Error("died");
    });
    const outcome = await compactor.run(bucket).catch(({ message }: Error) => message);
    versions.push((await readVersion(values))?.version);
    if (!hasDied) {
      expect(outcome).toMatchObject({ outcome: "published" });
      break;
    }
    await compactor.run(bucket);
    expect((await readVersion(values))?.version).not.toBe("old");
    const log = new SegmentLog(segmentsInBucket(bucket, "INDEX"), "words/log/");
    expect((await log.read(0)).sets).toHaveLength(2); // "old" needs them
  }
  expect(versions.filter((version) => version === "old").length).toBeGreaterThan(8);
  expect(versions.at(-1)).not.toBe("old");
});

test("of two compactors the second gives up", async () => {
  let other: Promise<unknown> | undefined;
  const { bucket, values } = bucketOf(async (_, name, key) => {
    if (name !== "put" || key !== "words/current.json" || other) return;
    other = Promise.resolve();
    const current = values.get(key) as { bytes: Uint8Array; etag: string };
    values.set(key, { ...current, etag: "another" });
  });
  await expect(compactor.run(bucket)).rejects.toThrow(
    'another publication came first: "words/current.json" is now old',
  );
});

test("a canary is not ended unnoticed: a compaction waits for its end", async () => {
  const { bucket, values } = bucketOf(() => {});
  const before = values.get("words/current.json") as { bytes: Uint8Array; etag: string };
  const pointer = JSON.parse(new TextDecoder().decode(before.bytes));
  const tried = { ...pointer, pointerVersion: 3, canary: { version: "new", share: 0.1 } };
  values.set("words/current.json", { ...before, bytes: new TextEncoder().encode(JSON.stringify(tried)) });
  const count = values.size;
  await expect(compactor.run(bucket)).rejects.toThrow(
    "version new is tried as a canary beside old: end that first, with midx promote or midx rollback",
  );
  expect(values.size).toBe(count);
});

test("what midx prune has marked is kept from it, and what it deletes is not relied on", async () => {
  const { values } = await published();
  const pointer = (await readVersion(values)) as { version: string };
  const added = [...values.keys()].filter((key) => !old.values.has(key)).map((key) => key.slice("words/".length));
  expect(added).toContain(`versions/${pointer.version}.json`);
  const marks = { formatVersion: 1, marked: Object.fromEntries(added.map((key) => [key, "2026-01-01"])) };
  const write = (target: typeof values, more: object) =>
    target.set("words/pruning.json", {
      bytes: new TextEncoder().encode(JSON.stringify({ ...marks, deleting: [], deletingSince: "", ...more })),
      etag: "marks",
    });
  const marked = bucketOf(() => {});
  write(marked.values, {});
  await compactor.run(marked.bucket);
  const left = marked.values.get("words/pruning.json")?.bytes;
  expect(JSON.parse(new TextDecoder().decode(left))).toMatchObject({ marked: {} });
  const deleted = bucketOf(() => {});
  write(deleted.values, { deleting: added, deletingSince: "2026-01-01" });
  await expect(compactor.run(deleted.bucket)).rejects.toThrow("is being deleted: run midx prune to its end");
  expect((await readVersion(deleted.values))?.version).toBe("old");
});

test("the pointer says of the new file what it said of the older one", async () => {
  const { values } = await published();
  const [before, after] = [old.values.get("words/current.json"), values.get("words/current.json")?.bytes].map(
    (bytes) => JSON.parse(new TextDecoder().decode(bytes)).facts,
  );
  expect(before.space).toBe("words-1");
  expect(after).toEqual({ ...before, itemCount: expect.any(Number), memoryBytes: expect.any(Number) });
});

/** A bucket after a compaction. */
async function published() {
  const made = bucketOf(() => {});
  await compactor.run(made.bucket);
  return made;
}

test("the cron trigger runs it, and says what it did on one line", async () => {
  const lines: string[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
  try {
    await compactor.scheduled({}, bucketOf(() => {}).bucket);
  } finally {
    log.mockRestore();
  }
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { event: "compaction", outcome: "published", sequence: 2, changedLabels: 2 },
  ]);
});
