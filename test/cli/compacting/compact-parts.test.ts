import { beforeAll, expect, test } from "vitest";
import { xxh64 } from "../../../src/arithmetic/xxh64.ts";
import { encodeLoggedSet, type SetToLog } from "../../../src/changes/logged-set.ts";
import { compactPublished } from "../../../src/cli/compacting/compact-published.ts";
import type { MeasureOptions } from "../../../src/cli/compacting/measure-options.ts";
import type { Store } from "../../../src/cli/publishing/store.ts";
import type { ChangeLog } from "../../../src/publication/change-log.ts";
import { sealManifest } from "../../../src/publication/manifest.ts";
import { mergedStatistics } from "../../../src/publication/merged-statistics.ts";
import { SegmentLog } from "../../../src/publication/segments/segment-log.ts";
import { fated, memorySegments } from "../../live/log/memory-segments.ts";
import { type PartedFiles, partedFiles } from "../../router/parted-files.ts";
import { EVERY } from "../../run/size.ts";
import { randomRows } from "../../train/rows.ts";
import { compactTo, LOG, POINTER } from "../publishing/compacting.ts";
import { around, memoryStore } from "../publishing/memory-store.ts";
import { npy } from "../tasks/words.ts";
import { answersOf, loadPublished, publishParts } from "./compacted-parts.ts";

const DIM = 8;
let old: PartedFiles;
beforeAll(async () => {
  const files = await partedFiles({ version: "old", seed: 5, sizes: [30, 20, 25], hasLabels: true, hasColumns: true });
  const { generation: _, ...manifest } = files.manifest;
  const statistics = mergedStatistics({ source: "queries", queryCount: 9 }, new Float32Array(32).fill(9), false);
  old = { ...files, manifest: await sealManifest({ ...manifest, ...(statistics && { statistics }) }) };
});

/** New labels that go to a part. */
const newLabels = (place: number): string[] =>
  Array.from({ length: 60 }, (_, i) => `new ${i}`).filter(
    (label) => Number(xxh64(new TextEncoder().encode(label), 0n) % 3n) === place,
  );
const [A, B] = newLabels(0) as [string, string];
const [C] = newLabels(1) as [string];

const upsert = (seed: number, ...labels: string[]): SetToLog => ({
  upserts: {
    ...{ labels, rows: randomRows(labels.length * DIM, seed), biases: Array.from(randomRows(labels.length, seed + 1)) },
    metadata: labels.map((_, i) => ({ price: seed + i, $namespace: "one", beside: true })),
  },
});
/** Changes of the first two parts. */
const SETS: readonly SetToLog[] = [
  upsert(1, C, "class 3", A),
  { ...upsert(11, "class 40"), removals: [A, "class 7", "class 44", "nobody"] },
];
/** The same, in other sets. */
const SPLIT: readonly SetToLog[] = [{ removals: ["class 7", "nobody"] }, SETS[0] as SetToLog, SETS[1] as SetToLog];

async function published(sets = SETS): Promise<readonly [store: Store, log: ChangeLog]> {
  const [store, log] = [memoryStore(), new SegmentLog(memorySegments(), LOG)];
  await publishParts(store, old);
  for (const set of sets) await log.append(encodeLoggedSet(set));
  return [store, log];
}

const compacted = (store: Store, log: ChangeLog, version: string, compact: MeasureOptions = { calibrate: "carry" }) =>
  compactPublished(store, POINTER, log, { compact, version, onStep: () => {}, isForced: true });

test("parts and a log become parts with the same answers, and those without changes stay as they are", async () => {
  const [store, log] = await published();
  const before = await loadPublished(store, log);
  const { report, trimmed } = await compacted(store, log, "new", { calibrate: "quick" });
  expect(report).toMatchObject({ sequence: 2, itemCount: 74, kept: 71, replaced: 2, removed: 2, added: 1 });
  expect(report).toMatchObject({ compactedParts: 2, calibration: "measured", curves: "none", coded: 3 });
  expect(trimmed).toBe(0); // "old" can still be served, and needs all of it
  const after = await loadPublished(store, log);
  const [{ logPartition, scores }, now] = [await answersOf(before), await answersOf(after)];
  expect(now.scores).toEqual(scores);
  expect(Math.abs(now.logPartition - logPartition)).toBeLessThan(2 ** -20);
  const { manifest, files, indexes } = after;
  expect(manifest).toMatchObject({ version: "new", previous: "old", classes: 74, log: { sequence: 2 } });
  expect(manifest.parts.map(({ classes, idBase }) => [classes, idBase])).toEqual([
    [29, 0],
    [20, 29],
    [25, 49],
  ]);
  expect(manifest.calibration?.source).toBe("stand-ins");
  // Stand-ins are no measure of queries, so the older statistics of real ones stay.
  expect(report).toMatchObject({ statistics: "carried" });
  expect(manifest.statistics).toEqual({ ...old.manifest.statistics, carried: true });
  expect(files[2]).toEqual(old.files[2]);
  expect(indexes.map(({ info }) => info.compaction?.sequence)).toEqual([2, 2, undefined]);
  const [id] = await after.parted.idsOf([C]);
  expect(await after.parted.metadata([id as number])).toEqual([{ price: 1, $namespace: "one" }]);

  // The next compaction begins with parts of two numbers.
  await log.append(encodeLoggedSet(upsert(21, B, "class 60")));
  const third = await answersOf(await loadPublished(store, log));
  expect(await compacted(store, log, "third")).toMatchObject({ trimmed: 2, report: { compactedParts: 2, added: 1 } });
  const last = await loadPublished(store, log);
  expect((await answersOf(last)).scores).toEqual(third.scores);
  expect(last.manifest.log).toEqual({ sequence: 3, carried: true });
  expect(last.manifest.calibration).toEqual(manifest.calibration);
  expect(last.manifest.statistics).toEqual(manifest.statistics);
  expect(await compacted(store, log, "fourth")).toMatchObject({ outcome: "current", trimmed: 2 });
});

test("removals of labels that no part has give the same parts a later number, and leave the log", async () => {
  const [store, log] = await published();
  const nobody = () => log.append(encodeLoggedSet({ removals: ["nobody"] }));
  await compacted(store, log, "new", { calibrate: "quick" });
  const before = await loadPublished(store, log);
  for (const [sequence, trimmed] of [
    [3, 2],
    [4, 3],
    [5, 4],
  ] as const) {
    await nobody();
    // The name that nobody gave is that of the parts, and of the number.
    const compact = await compactPublished(store, POINTER, log, {
      ...{ compact: { calibrate: "carry" }, onStep: () => {}, isForced: true },
    });
    expect(compact).toMatchObject({ outcome: "published", trimmed, report: { compactedParts: 0, kept: 74, sequence } });
    const { manifest, files } = await loadPublished(store, log);
    expect(manifest).toMatchObject({ parts: before.manifest.parts, log: { sequence } });
    expect(manifest.calibration).toEqual(before.manifest.calibration);
    expect(files).toEqual(before.files);
    expect((await log.read(trimmed)).first).toBe(trimmed + 1);
  }
  expect(await compacted(store, log, "last")).toMatchObject({ outcome: "current", trimmed: 4 });
});

test("queries measure the statistics of the compacted parts", async () => {
  const [store, log] = await published();
  const queriesFile = npy("of-today.npy", randomRows(12 * DIM, 77), `(12, ${DIM})`);
  const { report } = await compacted(store, log, "new", { calibrate: "quick", queriesFile });
  expect(report).toMatchObject({ calibration: "measured", statistics: "measured" });
  const { manifest, parted } = await loadPublished(store, log);
  const answers = await parted.predict(randomRows(12 * DIM, 77), 1, { seed: 0, batch: 12 });
  const mean = answers.reduce((sum, { logPartition }) => sum + logPartition, 0) / 12;
  expect(manifest.statistics).toMatchObject({ source: "queries", queryCount: 12 });
  expect(manifest.statistics).not.toHaveProperty("carried");
  expect(manifest.statistics?.bands[0]?.logPartition.mean).toBeCloseTo(mean, 5);
});

test("a part without classes is one, and takes new ones", async () => {
  const all = Array.from({ length: 30 }, (_, i) => `class ${i}`);
  const [store, log] = await published([{ removals: all }]);
  await compacted(store, log, "empty");
  expect((await loadPublished(store)).manifest.parts[0]).toMatchObject({ classes: 0, idBase: 0 });
  await log.append(encodeLoggedSet(upsert(31, A, B, C)));
  const { scores } = await answersOf(await loadPublished(store, log));
  expect(scores.size).toBe(48);
  await compacted(store, log, "filled");
  expect((await answersOf(await loadPublished(store))).scores).toEqual(scores);
});

test("the bytes depend on the changes, and not on how they are split into sets", async () => {
  const one = [{ removals: ["nobody"] }, ...SETS];
  const manifests = [];
  for (const sets of [one, SPLIT]) {
    const [store, log] = await published(sets);
    await compacted(store, log, "new");
    manifests.push((await loadPublished(store)).manifest);
  }
  expect(manifests[1]).toEqual(manifests[0]);
});

test.each(["before", "after"] as const)(
  "a compactor of parts that fails %s any call leaves one whole version, and no change is lost",
  async (moment) => {
    const versions: string[] = [];
    const expected = await answersOf(await loadPublished(...(await published())));
    // Before every call and after it is the same but for what the call has done, so the two moments take turns.
    for (let fatal = moment === "before" || EVERY ? 1 : 3; ; fatal += EVERY ? 1 : 4) {
      const segments = memorySegments();
      const [store, log] = [memoryStore(), new SegmentLog(segments, LOG)];
      await publishParts(store, old);
      for (const set of SETS) await log.append(encodeLoggedSet(set));
      let calls = 0;
      const died = new Error("died");
      const dying = around(store, async (run) => {
        const isFatal = ++calls === fatal;
        if (isFatal && moment === "before") throw died;
        const result = await run();
        if (isFatal) throw died;
        return result;
      });
      const failing = fated(segments, () => (++calls !== fatal ? "made" : moment === "before" ? "failed" : "lost"));
      const outcome = await compactTo(dying, new SegmentLog(failing, LOG)).then(
        () => "done",
        () => "died",
      );
      const left = await loadPublished(store, log);
      versions.push(left.manifest.version);
      expect((await answersOf(left)).scores).toEqual(expected.scores);
      if (outcome === "done") break;
      if (fatal % 4 > 1 && left.manifest.version === "old") continue; // mending takes as long as the compaction
      await compactTo(store, log);
      const mended = await loadPublished(store, log);
      expect([mended.manifest.version, (await answersOf(mended)).scores]).toEqual(["new", expected.scores]);
    }
    expect(versions.length).toBeGreaterThan(EVERY ? 20 : 5);
    expect(versions.at(-1)).toBe("new");
  },
);

test("a compactor of parts gives up if another publication came before its last write", async () => {
  const [store, log] = await published();
  const other = await partedFiles({ version: "other", seed: 6, sizes: [30, 45], hasLabels: true, hasColumns: true });
  let isPublished = false;
  const slow = around(store, async (run, _call, call, key) => {
    if (call === "put" && key === POINTER && !isPublished) {
      isPublished = true;
      await publishParts(store, other);
    }
    return run();
  });
  await expect(compacted(slow, log, "new")).rejects.toThrow("another publication came first");
  expect((await loadPublished(store)).manifest.version).toBe("other");
  expect((await log.read(0)).sets).toHaveLength(2);
});
