import { expect, test } from "vitest";
import { publish } from "../../../src/cli/publishing/publish.ts";
import { SegmentLog } from "../../../src/publication/segments/segment-log.ts";
import { fated, type MemorySegments, memorySegments } from "../../live/log/memory-segments.ts";
import { EVERY } from "../../run/size.ts";
import { compactTo, LOG, POINTER } from "../publishing/compacting.ts";
import { indexes } from "../publishing/indexes.ts";
import { around, memoryStore, sha256Of } from "../publishing/memory-store.ts";
import { Deaths, PUBLISHED, type Published, type Scene } from "./compact-deaths.ts";

function openMemory(): Scene & { readonly segments: MemorySegments } {
  const [store, segments] = [memoryStore(), memorySegments()];
  const hashes = () => [...store.values, ...segments.values].map(([key, bytes]) => [key, sha256Of(bytes)] as const);
  return { store, segments, log: new SegmentLog(segments, LOG), kept: async () => new Map(hashes()) };
}

test.each(["before", "after"] as const)(
  "a compactor that dies %s any call leaves one whole version, and no change is lost",
  async (moment) => {
    const deaths = new Deaths(PUBLISHED["one file"] as Published, openMemory);
    const versions: string[] = [];
    // The two moments take turns: before a call and after the one before it, little differs.
    for (let fatal = moment === "before" || EVERY ? 1 : 2; ; fatal += EVERY ? 1 : 2) {
      const scene = await deaths.begin();
      const { store, segments } = scene;
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
      versions.push(await deaths.expectWhole(scene));
      if (outcome === "done") break;
    }
    expect(versions.length).toBeGreaterThan(EVERY ? 8 : 4);
    expect(versions.at(-1)).toBe("new");
    // Once a reader sees the new version, it stays.
    expect(versions.lastIndexOf("old")).toBeLessThan(versions.indexOf("new"));
  },
);

test.each([
  ["while it reads the version", "get", "words/parts/"],
  ["before the last write", "put", POINTER],
] as const)("a compactor gives up if another publication came %s", async (_, at, prefix) => {
  const { store, log } = await new Deaths(PUBLISHED["one file"] as Published, openMemory).begin();
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
  expect((await log.read(0)).sets).toHaveLength(3);
});
