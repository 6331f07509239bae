import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FormatError } from "../../../src/bytes/format-error.ts";
import { folderStore } from "../../../src/cli/publishing/folder-store.ts";
import { keyValueStore } from "../../../src/cli/publishing/key-value-store.ts";
import { publish } from "../../../src/cli/publishing/publish.ts";
import type { Store } from "../../../src/cli/publishing/store.ts";
import { MAX_PART_BYTES, parsePointer } from "../../../src/publication/pointer.ts";
import type { PublishOptions } from "../../../src/publication/publishing/publish-version.ts";
import { makeFolder } from "../files.ts";
import { around, memoryStore, sha256Of } from "./memory-store.ts";
import { readPublished } from "./reader.ts";

const KEY = "words/current.json";
const file = (seed: number, byteLength = 5000): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length: byteLength }, (_, i) => Math.imul(i + seed, 2654435761) >>> 24);
const [A, B, C] = [file(1), file(2), file(3)];

const publishTo = (store: Store, bytes: Uint8Array<ArrayBuffer>, version: string, more: Partial<PublishOptions> = {}) =>
  publish(store, KEY, bytes, { version, maxPartBytes: 2000, ...more });
const read = (store: Store) => readPublished(async (key) => (await store.get(key))?.bytes, KEY);

/** A store in memory with the operations of KV. */
const keyValues = (): Store => {
  const { values, get, remove, time } = memoryStore();
  const keys = async (prefix: string) => [...values.keys()].filter((key) => key.startsWith(prefix));
  const write = async (key: string, bytes: Uint8Array<ArrayBuffer>) => void values.set(key, bytes.slice());
  const read = async (key: string) => (await get(key))?.bytes;
  return keyValueStore({ name: "KV", read, write, keys, remove, time, close: async () => {} });
};

const STORES = { memory: memoryStore, "a folder": () => folderStore(join(makeFolder(), "assets")), KV: keyValues };

describe.each(Object.entries(STORES))("a publication in %s", (_, open) => {
  test("is what readers have, with the version before it in its pointer", async () => {
    const store = open();
    expect(await publishTo(store, A, "a")).toMatchObject({ outcome: "published", newParts: 3 });
    expect(await read(store)).toEqual({ version: "a", bytes: Buffer.from(A) });
    const { pointer } = await publishTo(store, B, "b");
    expect(await read(store)).toEqual({ version: "b", bytes: Buffer.from(B) });
    expect(pointer).toMatchObject({ version: "b", sha256: sha256Of(B), byteLength: 5000, previous: "a" });
    const current = (await store.get(KEY))?.bytes;
    expect(parsePointer(new TextDecoder().decode(current))).toEqual(pointer);
    expect((await store.get("words/versions/b.json"))?.bytes).toEqual(current);
    expect((await store.get("words/versions/a.json"))?.bytes).not.toEqual(current);
  });

  test("of what is current already writes nothing", async () => {
    const store = open();
    await publishTo(store, A, "a");
    const writes: string[] = [];
    const watched = around(store, (run, _at, call, key) => {
      if (call === "put") writes.push(key);
      return run();
    });
    expect(await publishTo(watched, A, "a")).toMatchObject({ outcome: "current", newParts: 0 });
    expect(writes).toEqual([]);
  });

  test("of what is current already puts parts again that are damaged or gone", async () => {
    const store = open();
    await publishTo(store, A, "a");
    const [first, second] = [A.subarray(0, 2000), A.subarray(2000, 4000)].map(
      (part) => `words/parts/${sha256Of(part)}`,
    );
    await store.put(first as string, new Uint8Array(2000));
    await store.remove(second as string);
    expect(await publishTo(store, A, "a")).toMatchObject({ outcome: "published", newParts: 2 });
    expect(await read(store)).toEqual({ version: "a", bytes: Buffer.from(A) });
  });

  test("by a name that another file has is refused, before a part is written", async () => {
    const store = open();
    await publishTo(store, A, "a");
    await publishTo(store, B, "b");
    for (const version of ["a", "b"]) {
      await expect(publishTo(store, C, version)).rejects.toThrow(`words/versions/${version}.json is another file`);
    }
    expect(await read(store)).toMatchObject({ version: "b" });
    expect(await store.get(`words/parts/${sha256Of(C.subarray(0, 2000))}`)).toBeUndefined();
  });

  test("by a name that another file takes meanwhile is refused", async () => {
    const store = open();
    const late = around(store, async (run, _at, call, key) => {
      if (call === "put" && key === "words/versions/a.json") await publishTo(store, B, "a");
      return run();
    });
    await expect(publishTo(late, A, "a")).rejects.toThrow("words/versions/a.json is another file");
    expect(await read(store)).toEqual({ version: "a", bytes: Buffer.from(B) });
  });

  test("that another one overtakes changes nothing, and says what is current", async () => {
    const store = open();
    for (const [i, [first, second]] of [
      [A, B],
      [C, file(4)],
    ].entries()) {
      const late = around(store, async (run, _at, call, key) => {
        if (call === "put" && key === KEY) await publishTo(store, first as typeof A, `first-${i}`);
        return run();
      });
      await expect(publishTo(late, second as typeof A, `second-${i}`)).rejects.toThrow(
        `another publication came first: ${store.name}: ${KEY} is now first-${i}`,
      );
      expect(await read(store)).toMatchObject({ version: `first-${i}` });
    }
    expect(await publishTo(store, B, "second-0")).toMatchObject({ pointer: { previous: "first-1" } });
  });
});

describe("a publication", () => {
  test("has parts of 24 MiB at most, end to end the file", async () => {
    const store = memoryStore();
    const large = new Uint8Array(2 * MAX_PART_BYTES + 7);
    for (let at = 0; at < large.length; at += 1 << 16) large.fill(at >> 16, at, at + (1 << 16));
    const { pointer } = await publish(store, KEY, large, { version: "large" });
    expect(pointer.parts.map(({ byteLength }) => byteLength)).toEqual([MAX_PART_BYTES, MAX_PART_BYTES, 7]);
    expect(sha256Of((await read(store))?.bytes as Uint8Array)).toBe(sha256Of(large));
  });

  test("takes parts that are there, and reads them all the same", async () => {
    const store = memoryStore();
    await publishTo(store, A, "a");
    const longer = Uint8Array.from([...A.subarray(0, 4000), ...B]);
    const reads: string[] = [];
    const watched = around(store, (run, _at, call, key) => {
      if (call === "get") reads.push(key);
      return run();
    });
    expect(await publishTo(watched, longer, "b")).toMatchObject({ newParts: 3 });
    for (const begin of [0, 2000]) expect(reads).toContain(`words/parts/${sha256Of(A.subarray(begin, begin + 2000))}`);
  });

  test("puts a part again that has been damaged", async () => {
    const store = memoryStore();
    await publishTo(store, A, "a");
    const key = `words/parts/${sha256Of(A.subarray(0, 2000))}`;
    store.values.set(key, A.slice(0, 1999));
    expect(await publishTo(store, A, "again")).toMatchObject({ newParts: 1 });
    expect(await read(store)).toMatchObject({ version: "again" });
  });

  test.each([
    [
      "damages",
      (bytes: Uint8Array<ArrayBuffer>) => bytes.map((byte, i) => (i === 77 ? byte ^ 1 : byte)),
      "another hash",
    ],
    ["cuts off", (bytes: Uint8Array<ArrayBuffer>) => bytes.slice(0, -1), "another hash"],
    ["loses", () => undefined, "is missing"],
  ])("in a store that %s what it is given is refused, and the current one stays", async (_, damage, message) => {
    const store = memoryStore();
    await publishTo(store, A, "a");
    const bad: Store = {
      ...store,
      async put(key, bytes, condition) {
        const kept = key.includes("/parts/") ? damage(bytes) : bytes;
        return kept === undefined || store.put(key, kept, condition);
      },
    };
    await expect(publishTo(bad, B, "b")).rejects.toThrow(message);
    expect(await read(store)).toEqual({ version: "a", bytes: Buffer.from(A) });
    expect(store.values.has("words/versions/b.json")).toBe(false);
  });

  test("takes up a version whose publication died before it was current", async () => {
    const store = memoryStore();
    const dies = around(store, (run, _at, call, key) => {
      if (call === "put" && key === KEY) throw new Error("died");
      return run();
    });
    await expect(publishTo(dies, A, "a")).rejects.toThrow("died");
    await publishTo(store, B, "b");
    expect(await publishTo(store, A, "a")).toMatchObject({ outcome: "published", newParts: 0 });
    expect(await read(store)).toMatchObject({ version: "a" });
  });

  test("does not take its own put, sent twice, for another publication", async () => {
    const store = memoryStore();
    const twice = around(store, async (run, _at, call) => {
      const first = await run();
      return call === "put" ? run() : first;
    });
    expect(await publishTo(twice, A, "a")).toMatchObject({ outcome: "published" });
    expect(await publishTo(twice, B, "b")).toMatchObject({ outcome: "published" });
  });

  test("reads the current pointer once, also where there is none yet", async () => {
    const store = memoryStore();
    let reads = 0;
    const counting = around(store, (run, _at, call, key) => {
      if (call === "get" && key === KEY) reads++;
      return run();
    });
    for (const [bytes, version] of [[A, "a"] as const, [B, "b"] as const]) {
      await publishTo(counting, bytes, version);
      expect(reads).toBe(1);
      reads = 0;
    }
  });

  test("is refused where another first version came since it has looked", async () => {
    const store = memoryStore();
    let isFirst = true;
    const overtaken = around(store, async (run, _at, call, key) => {
      const found = await run();
      if (call === "get" && key === KEY && isFirst) {
        isFirst = false;
        await publishTo(store, A, "a");
      }
      return found;
    });
    await expect(publishTo(overtaken, B, "b")).rejects.toThrow("another publication came first");
    expect(await read(store)).toMatchObject({ version: "a" });
  });

  test("ends where a step is refused, at any of them", async () => {
    const store = memoryStore();
    await publishTo(store, A, "a");
    const phases: string[] = [];
    await publishTo(memoryStore(), B, "b", { onStep: ({ phase }) => phases.push(phase) });
    expect(phases).toEqual(["read", "parts", "parts", "parts", "version", "current"]);
    for (let last = 0; last < phases.length; last++) {
      let steps = 0;
      const onStep = () => {
        if (steps++ === last) throw new Error("interrupted");
      };
      await expect(publishTo(store, B, "b", { onStep })).rejects.toThrow("interrupted");
      expect(await read(store)).toMatchObject({ version: "a" });
    }
  });

  test.each(["", "../x", "a b", "x".repeat(65)])("by the name %j is refused", async (version) => {
    const store = memoryStore();
    await expect(publishTo(store, A, version)).rejects.toThrow(RangeError);
    expect(store.values.size).toBe(0);
  });

  test("over a pointer that can't be read is refused by store and key", async () => {
    const store = memoryStore();
    store.values.set(KEY, new TextEncoder().encode('{"version": 7}'));
    await expect(publishTo(store, A, "a")).rejects.toThrow(FormatError);
    await expect(publishTo(store, A, "a")).rejects.toThrow(`memory: ${KEY}: the pointer: "version" expected`);
  });
});

describe("a folder", () => {
  test("has the files of a publication and no others", async () => {
    const folder = makeFolder();
    await publishTo(folderStore(folder), A, "a");
    await publishTo(folderStore(folder), B, "b");
    expect(
      readdirSync(folder, { recursive: true })
        .map(String)
        .filter((name) => !name.includes("parts/"))
        .sort(),
    ).toEqual([
      "words",
      "words/current.json",
      "words/parts",
      "words/versions",
      "words/versions/a.json",
      "words/versions/b.json",
    ]);
    expect(readdirSync(join(folder, "words/parts"))).toHaveLength(6);
    expect(readFileSync(join(folder, "words/parts", sha256Of(A.subarray(0, 2000))))).toEqual(
      Buffer.from(A.slice(0, 2000)),
    );
  });

  test("gives one of many writers what is to be absent, and leaves nothing of the others", async () => {
    const folder = makeFolder();
    const store = folderStore(folder);
    const bodies = Array.from({ length: 20 }, (_, i) => file(i, 1000));
    const outcomes = await Promise.all(bodies.map((bytes) => store.put("x.json", bytes, "absent")));
    expect(outcomes.filter(Boolean)).toHaveLength(1);
    expect(readdirSync(folder)).toEqual(["x.json"]);
    expect(readFileSync(join(folder, "x.json"))).toEqual(Buffer.from(bodies[outcomes.indexOf(true)] as Uint8Array));
  });

  test("where a key is a folder says so", async () => {
    const folder = makeFolder();
    mkdirSync(join(folder, "x.json"));
    writeFileSync(join(folder, "words"), "");
    await expect(folderStore(folder).get("x.json")).rejects.toThrow("expected a file, got a folder");
    await expect(publishTo(folderStore(folder), A, "a")).rejects.toThrow(join(folder, "words"));
  });
});
