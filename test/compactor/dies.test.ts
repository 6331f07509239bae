import { beforeAll, expect, test, vi } from "vitest";
import { encodeLoggedSet } from "../../src/changes/logged-set.ts";
import { SWAP_BYTES } from "../../src/publication/publishing/successor.ts";
import { SegmentLog } from "../../src/publication/segments/segment-log.ts";
import { createCompactor } from "../../worker/compactor.ts";
import { bytesWithChanges } from "../../worker/live/bytes-with-changes.ts";
import { type SegmentBucket, valuesInBucket } from "../../worker/publication/values-in-bucket.ts";
import { readPublished } from "../cli/publishing/reader.ts";
import { MemoryLog } from "../live/log/memory-log.ts";
import { bucketWith } from "./bucket.ts";
import { type PublishedOld, publishedOld } from "./published.ts";

const POINTER = "words/current.json";

let old: PublishedOld;
beforeAll(async () => {
  old = await publishedOld();
});

/** A bucket with the older version. */
const bucketOf = (fateOf: (call: number, name: string, key: string) => unknown) => bucketWith(old.values, fateOf);

const compactor = createCompactor<SegmentBucket>(
  {
    bucket: (bucket) => bucket,
    log: (bucket) => new SegmentLog(valuesInBucket(bucket, "the bucket bound as INDEX"), "words/log/"),
  },
  () => ({ key: POINTER, maxDelta: 4 }),
);

const readVersion = (values: ReadonlyMap<string, { bytes: Uint8Array }>) =>
  readPublished(async (key) => values.get(key)?.bytes, POINTER);

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
    const log = new SegmentLog(valuesInBucket(bucket, "the bucket bound as INDEX"), "words/log/");
    expect((await log.read(0)).sets).toHaveLength(2); // "old" needs them
  }
  expect(versions.filter((version) => version === "old").length).toBeGreaterThan(8);
  expect(versions.at(-1)).not.toBe("old");
});

test.each([
  ["reads the file", "get", "words/parts/"],
  ["publishes", "put", POINTER],
])("a compactor gives up if another publication comes while it %s", async (_, at, prefix) => {
  let hasCome = false;
  const { bucket, values } = bucketOf((_call, name, key) => {
    if (name !== at || !key.startsWith(prefix) || hasCome) return;
    hasCome = true;
    values.set(POINTER, { ...(values.get(POINTER) as { bytes: Uint8Array }), etag: "another" });
  });
  await expect(compactor.run(bucket)).rejects.toThrow(
    `another publication came first: the bucket: ${POINTER} is now old: run it again`,
  );
});

test("a compactor whose last write arrives and whose answer is lost has published, and one whose write is lost has not", async () => {
  const { bucket, values } = bucketOf((_, name, key) => (name === "put" && key === POINTER ? "lost" : undefined));
  const run = await compactor.run(bucket);
  expect(run).toMatchObject({ outcome: "published", sequence: 2 });
  expect((await readVersion(values))?.version).toBe(run.version);
  const other = bucketOf((_, name, key) => {
    if (name === "put" && key === POINTER) throw new Error("no connection");
  });
  await expect(compactor.run(other.bucket)).rejects.toThrow("no connection");
  expect((await readVersion(other.values))?.version).toBe("old");
});

test("a part that is there and damaged is written again", async () => {
  const { values } = await published();
  const [part] = [...values.keys()].filter((key) => key.startsWith("words/parts/") && !old.values.has(key));
  const damaged = bucketOf(() => {});
  damaged.values.set(part as string, { bytes: new Uint8Array(3), etag: "damaged" });
  await compactor.run(damaged.bucket);
  expect(damaged.values.get(part as string)?.bytes).toEqual(values.get(part as string)?.bytes);
});

test("a canary is not ended unnoticed: a compaction waits for its end", async () => {
  const reads: string[] = [];
  const { bucket, values } = bucketOf((_, name, key) => {
    if (name === "get") reads.push(key);
  });
  const before = values.get(POINTER) as { bytes: Uint8Array; etag: string };
  const pointer = JSON.parse(new TextDecoder().decode(before.bytes));
  const tried = { ...pointer, pointerVersion: 3, canary: { version: "new", share: 0.1 } };
  values.set(POINTER, { ...before, bytes: new TextEncoder().encode(JSON.stringify(tried)) });
  const count = values.size;
  await expect(compactor.run(bucket)).rejects.toThrow(
    "version new is tried as a canary beside old: end that first, with midx promote or midx rollback",
  );
  expect(values.size).toBe(count);
  expect(reads.filter((key) => key.startsWith("words/parts/"))).toEqual([]);
});

test.each([
  [
    "breaks clients",
    { dim: 16 },
    /would break the clients of old, .*: run midx compact --incompatible once .*, or build /,
  ],
  [
    "does not fit beside the current one",
    { memoryBytes: 109_999_999 },
    /: build a smaller index .*, or run midx compact --force and/,
  ],
])(
  "a version that %s is refused with what its user can do: a compactor has no options for it",
  async (_, facts, refusal) => {
    const { bucket, values } = bucketOf(() => {});
    const before = values.get(POINTER) as { bytes: Uint8Array; etag: string };
    const pointer = JSON.parse(new TextDecoder().decode(before.bytes));
    const told = { ...pointer, facts: { ...pointer.facts, ...facts } };
    values.set(POINTER, { ...before, bytes: new TextEncoder().encode(JSON.stringify(told)) });
    const message = await compactor.run(bucket).then(String, (error: Error) => error.message);
    expect(message).toMatch(refusal);
    // Each option is named with its command.
    for (const [, command] of message.matchAll(/(\w+ \w+|[(])(?: --[a-z-]+)/g))
      expect(["midx compact", "midx publish", "("]).toContain(command);
    expect(message).not.toContain("pass --");
  },
);

test("the memory that Workers reserve for changes counts, beside the version that they serve, too", async () => {
  const { bucket, values } = bucketOf(() => {});
  const before = values.get(POINTER) as { bytes: Uint8Array; etag: string };
  const pointer = JSON.parse(new TextDecoder().decode(before.bytes));
  const reserved = bytesWithChanges(old.file, old.file.length, { maxDelta: 4 }).changesBytes;
  // Without changes, both would fit: the new version takes a page more at most.
  const facts = { ...pointer.facts, memoryBytes: SWAP_BYTES - pointer.facts.memoryBytes - reserved };
  values.set(POINTER, { ...before, bytes: new TextEncoder().encode(JSON.stringify({ ...pointer, facts })) });
  await expect(compactor.run(bucket)).rejects.toThrow(
    /bytes of memory \(\d+ of them for changes: MAX_DELTA\) beside the/,
  );
  expect((await readVersion(values))?.version).toBe("old");
});

test("a label that changes again and again makes a compaction due, which bounds the log", async () => {
  const { bucket } = bucketOf(() => {});
  const log = new SegmentLog(valuesInBucket(bucket, "the bucket bound as INDEX"), "words/log/");
  const often = createCompactor<SegmentBucket>({ bucket: (own) => own, log: () => log }, () => ({
    key: POINTER,
    maxDelta: 10,
  }));
  // Two sets name five labels, four of them different. Five labels, or 20 with repetitions, make a compaction due.
  for (let i = 6; i < 20; i++) await log.append(encodeLoggedSet({ removals: ["item 3"] }));
  expect(await often.run(bucket)).toMatchObject({ outcome: "not due", changedLabels: 4 });
  await log.append(encodeLoggedSet({ removals: ["item 3"] }));
  expect(await often.run(bucket)).toMatchObject({ outcome: "published", changedLabels: 4, sequence: 17 });
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
  const [before, after] = [old.values.get(POINTER), values.get(POINTER)?.bytes].map(
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

test.each([
  ["undefined", undefined],
  ["string", "words"],
])("a bucket that is %s is told by its binding", async (got, bucket) => {
  const message = `"bucket" (INDEX) expected a binding of [[r2_buckets]] in wrangler.toml, got ${got}`;
  await expect(compactor.run(bucket as never)).rejects.toThrow(message);
});

test("an option that a compactor does not have is refused", async () => {
  const sources = { bucket: (bucket: SegmentBucket) => bucket, log: () => new MemoryLog() };
  const options = { key: POINTER, maxdelta: 4 };
  const message = '"maxdelta" is not an option of createCompactor: did you mean "maxDelta"?';
  await expect(createCompactor(sources, () => options).run(bucketOf(() => {}).bucket)).rejects.toThrow(message);
});
