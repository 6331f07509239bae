import { beforeEach, describe, expect, test } from "vitest";
import { promote } from "../../../src/cli/publishing/promote.ts";
import { publish } from "../../../src/cli/publishing/publish.ts";
import { rollback } from "../../../src/cli/publishing/rollback.ts";
import type { Store } from "../../../src/cli/publishing/store.ts";
import { type PublishedFacts, parsePointer } from "../../../src/publication/pointer.ts";
import type { PublishOptions } from "../../../src/publication/publishing/publish-version.ts";
import { makeFolder } from "../files.ts";
import { jsonLines, midx } from "../run.ts";
import { writeIndexes } from "./index-files.ts";
import { around, type MemoryStore, memoryStore, sha256Of } from "./memory-store.ts";
import { readPublished } from "./reader.ts";

const KEY = "words/current.json";
const FACTS: PublishedFacts = {
  ...{ itemCount: 10, dim: 8, metric: "dot", hasLabels: true, memoryBytes: 50_000_000 },
  space: "old",
};
const fileOf = (version: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(`${version}…`.repeat(200));

let store: MemoryStore;
const put = (version: string, options: Partial<PublishOptions> = {}, target: Store = store) =>
  publish(target, KEY, fileOf(version), { version, facts: FACTS, maxPartBytes: 500, ...options });
const pointer = () => parsePointer(new TextDecoder().decode(store.values.get(KEY)));
const read = async (key = KEY) => (await readPublished(async (name) => store.values.get(name), key))?.version;

beforeEach(async () => {
  store = memoryStore();
  await put("a");
});

describe("a canary", () => {
  test("is named beside the current version, whose pointer is otherwise as it was", async () => {
    const before = pointer();
    expect(await put("b", { canary: 0.05 })).toMatchObject({ outcome: "canary", pointer: { version: "a" } });
    expect(pointer()).toEqual({ ...before, canary: { version: "b", share: 0.05 } });
    expect(JSON.parse(new TextDecoder().decode(store.values.get(KEY)))).toMatchObject({ pointerVersion: 3 });
    const own = parsePointer(new TextDecoder().decode(store.values.get("words/versions/b.json")));
    expect(own).toMatchObject({ version: "b", sha256: sha256Of(fileOf("b")), previous: "a", facts: FACTS });
    expect(own).not.toHaveProperty("canary");
  });

  test("gets another share by another publication, and the same share changes nothing", async () => {
    await put("b", { canary: 0.05 });
    expect(await put("b", { canary: 0.5 })).toMatchObject({ outcome: "canary", newParts: 0 });
    expect(pointer().canary).toEqual({ version: "b", share: 0.5 });
    const bytes = store.values.get(KEY);
    expect(await put("b", { canary: 0.5 })).toMatchObject({ outcome: "current" });
    expect(store.values.get(KEY)).toBe(bytes);
  });

  test("becomes current by a promotion, and a rollback returns to the version before", async () => {
    await put("b", { canary: 0.05 });
    expect(await promote(store, KEY)).toMatchObject({ from: "a", pointer: { version: "b", previous: "a" } });
    expect(await read()).toBe("b");
    expect(pointer()).not.toHaveProperty("canary");
    await rollback(store, KEY);
    expect(await read()).toBe("a");
    await expect(promote(store, KEY)).rejects.toThrow(`memory: ${KEY} is a, which has no canary`);
  });

  test("ends by a rollback, after which the pointer is what it was, and by one to another version", async () => {
    const bytes = store.values.get(KEY);
    await put("b", { canary: 0.05 });
    expect(await rollback(store, KEY)).toMatchObject({ outcome: "canary-ended", from: "b", pointer: { version: "a" } });
    expect(store.values.get(KEY)).toEqual(bytes);
    await put("c");
    await put("b", { canary: 1 });
    expect(await rollback(store, KEY, { to: "c" })).toMatchObject({ outcome: "canary-ended", from: "b" });
    await put("b", { canary: 1 });
    expect(await rollback(store, KEY, { to: "a" })).toMatchObject({ outcome: "rolled-back", from: "c" });
    expect(pointer()).not.toHaveProperty("canary");
  });

  test("is not ended by a publication", async () => {
    await put("b", { canary: 0.05 });
    const message = "version b is tried as a canary beside a: end that first, with midx promote or midx rollback";
    await expect(put("c")).rejects.toThrow(message);
    await expect(put("c", { canary: 0.1 })).rejects.toThrow(message);
    await expect(put("b")).rejects.toThrow(message);
    expect(pointer().canary).toEqual({ version: "b", share: 0.05 });
  });

  test.each<[string, Partial<PublishOptions>, string]>([
    ["a", {}, `a is already current: memory: ${KEY}: a canary is another version`],
    ["b", { facts: { ...FACTS, dim: 9 } }, "version b would break the clients of a, since it has 9 dimensions"],
    [
      "b",
      { facts: { ...FACTS, space: "new" } },
      "version b would break the clients of a, since it has rows of space new",
    ],
    ["b", { facts: { ...FACTS, dim: 9 }, isIncompatible: true }, "version b would break the clients of a"],
    ["b", { facts: { ...FACTS, memoryBytes: 60_000_001 } }, "a Worker that swaps them has 110000000 for both"],
    ["b", { facts: { ...FACTS, memoryBytes: 60_000_001 }, isDeployed: true }, "has 110000000 for both"],
  ])("%s with %j is refused, and nothing is written", async (version, options, message) => {
    const before = new Map(store.values);
    await expect(put(version, { canary: 0.5, ...options })).rejects.toThrow(message);
    expect(store.values).toEqual(before);
  });

  test("needs something beside it", async () => {
    store = memoryStore();
    await expect(put("b", { canary: 0.5 })).rejects.toThrow("a canary needs a current version beside it");
    expect(store.values.size).toBe(0);
  });

  test("whose file is damaged is not promoted", async () => {
    await put("b", { canary: 0.5 });
    const [part] = parsePointer(new TextDecoder().decode(store.values.get("words/versions/b.json"))).parts;
    store.values.delete(`words/parts/${part?.sha256}`);
    await expect(promote(store, KEY)).rejects.toThrow("is missing: nothing that is published has changed");
    expect(pointer()).toMatchObject({ version: "a", canary: { version: "b" } });
  });

  test("that is killed at any step leaves the current version, and another try goes on", async () => {
    let steps = 0;
    await put(
      "b",
      { canary: 0.5 },
      around(store, (run, at) => {
        steps = at;
        return run();
      }),
    );
    expect(steps).toBeGreaterThan(8);
    for (let last = 1; last < steps; last++) {
      store = memoryStore();
      await put("a");
      const dying = around(store, (run, at) => (at > last ? Promise.reject(new Error("killed")) : run()));
      await expect(put("b", { canary: 0.5 }, dying)).rejects.toThrow("killed");
      expect(await read()).toBe("a");
      expect(pointer()).not.toHaveProperty("canary");
      await put("b", { canary: 0.5 });
      expect(await read()).toBe("a");
      expect(pointer().canary).toEqual({ version: "b", share: 0.5 });
    }
  });
});

test("midx publish --canary, midx promote and midx rollback say what they did", async () => {
  const [first = "", second = ""] = await writeIndexes(2);
  const place = ["--folder", makeFolder()];
  await midx(["publish", first, "--as", "a", ...place]);
  const tried = await midx(["publish", second, "--as", "b", "--canary", "0.07", ...place]);
  expect(tried).toMatchObject({ code: 0, stderr: "" });
  expect(tried.stdout).toMatch(/^canary +b\nfor +7 % of the callers\ncurrent +a\n/m);
  expect((await midx(["rollback", ...place])).stdout).toMatch(/^current +a\nended +b\n/m);
  await midx(["publish", second, "--as", "b", "--canary", "0.05", ...place]);
  expect(jsonLines((await midx(["promote", "--json", ...place])).stdout).at(-1)).toMatchObject({
    event: "promoted",
    from: "a",
    version: "b",
  });
  expect(await midx(["promote", ...place])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("has no canary"),
  });
  expect(await midx(["publish", first, "--canary", "2", ...place])).toMatchObject({ code: 2 });
  expect(await midx(["publish", first, "--canary", "1", "--incompatible", ...place])).toMatchObject({ code: 2 });
});
