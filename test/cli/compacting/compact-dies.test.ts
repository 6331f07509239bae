import { expect, test } from "vitest";
import { publish } from "../../../src/cli/publishing/publish.ts";
import { SegmentLog } from "../../../src/publication/segments/segment-log.ts";
import { fated, memorySegments } from "../../live/log/memory-segments.ts";
import { compactTo, LOG, POINTER } from "../publishing/compacting.ts";
import { indexes } from "../publishing/indexes.ts";
import { around, memoryStore } from "../publishing/memory-store.ts";
import { answersOf, expectWhole, publishOld } from "./compact-deaths.ts";

test.each(["before", "after"] as const)(
  "a compactor that dies %s any call leaves one whole version, and no change is lost",
  async (moment) => {
    const versions: string[] = [];
    for (let fatal = 1; ; fatal++) {
      const [store, segments] = [memoryStore(), memorySegments()];
      const log = new SegmentLog(segments, LOG);
      await publishOld(store, log);
      const { scores } = await answersOf(store, log);
      let calls = 0;
      const died = new Error("died");
      const dying = around(store, async (run) => {
        const isDead = ++calls > fatal || (calls === fatal && moment === "before");
        if (isDead) throw died;
        const result = await run();
        if (calls >= fatal) throw died;
        return result;
      });
      const failing = fated(segments, () => {
        if (++calls < fatal) return "made";
        return calls === fatal && moment === "after" ? "lost" : "failed";
      });
      const outcome = await compactTo(dying, new SegmentLog(failing, LOG)).then(
        () => "done",
        () => "died",
      );
      versions.push(await expectWhole(store, log, scores));
      if (outcome === "done") break;
    }
    expect(versions.length).toBeGreaterThan(8);
    expect(versions.at(-1)).toBe("new");
    expect(versions.slice(0, -1).every((version, i) => version === "old" || i >= versions.length - 3)).toBe(true);
  },
);

test.each([
  ["while it reads the version", "get", "words/parts/"],
  ["before the last write", "put", POINTER],
] as const)("a compactor gives up if another publication came %s", async (_, at, prefix) => {
  const store = memoryStore();
  const log = new SegmentLog(memorySegments(), LOG);
  await publishOld(store, log);
  const [other] = (await indexes(1)) as [Uint8Array<ArrayBuffer>];
  let isPublished = false;
  const slow = around(store, async (run, _call, call, key) => {
    if (call === at && key.startsWith(prefix) && !isPublished) {
      isPublished = true;
      await publish(store, POINTER, other, { version: "other" });
    }
    return run();
  });
  await expect(compactTo(slow, log)).rejects.toThrow(
    "another publication came first: memory: words/current.json is now other",
  );
  expect((await log.read(0)).sets).toHaveLength(2);
});
