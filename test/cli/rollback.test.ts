import { beforeEach, describe, expect, test } from "vitest";
import { publish } from "../../src/cli/publishing/publish.ts";
import { type RollbackOptions, rollback } from "../../src/cli/publishing/rollback.ts";
import type { Store } from "../../src/cli/publishing/store.ts";
import { around, type MemoryStore, memoryStore, sha256Of } from "./publishing/memory-store.ts";
import { readPublished } from "./publishing/reader.ts";

const KEY = "words/current.json";
const fileOf = (version: string): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(`${version} and much else`.repeat(200));

let store: MemoryStore;
const publishTo = (target: Store, version: string) =>
  publish(target, KEY, fileOf(version), { version, maxPartBytes: 1000 });
const back = (options?: RollbackOptions, target: Store = store) => rollback(target, KEY, options);
const read = async () => {
  const found = await readPublished(async (key) => store.values.get(key), KEY);
  expect(found && sha256Of(found.bytes)).toBe(found && sha256Of(fileOf(found.version)));
  return found?.version;
};

beforeEach(async () => {
  store = memoryStore();
  for (const version of ["a", "b", "c"]) await publishTo(store, version);
});

describe("a rollback", () => {
  test("goes to the version before, as it was published, and another one further", async () => {
    expect(await back()).toMatchObject({ outcome: "rolled-back", from: "c", pointer: { version: "b", previous: "a" } });
    expect(await read()).toBe("b");
    expect(store.values.get(KEY)).toEqual(store.values.get("words/versions/b.json"));
    expect(await back()).toMatchObject({ from: "b", pointer: { version: "a" } });
    expect(await read()).toBe("a");
    await expect(back()).rejects.toThrow(`memory: ${KEY} is a, which has no previous version`);
    expect(await read()).toBe("a");
  });

  test("goes to a version by its name, before or after the current one", async () => {
    await back({ to: "a" });
    expect(await read()).toBe("a");
    await back({ to: "c" });
    expect(await read()).toBe("c");
    expect(await back({ to: "c" })).toMatchObject({ outcome: "current", from: "c" });
  });

  test("may be followed by a publication, of something new or of what was rolled back", async () => {
    await back();
    expect(await publishTo(store, "d")).toMatchObject({ pointer: { version: "d", previous: "b" } });
    expect(await publishTo(store, "c")).toMatchObject({
      outcome: "published",
      newParts: 0,
      pointer: { previous: "d" },
    });
    await back();
    expect(await read()).toBe("d");
  });

  test.each(["nothing", "../../x", ""])("to %j is refused: there is no such version", async (to) => {
    await expect(back({ to })).rejects.toThrow(`there is no version ${JSON.stringify(to)}`);
    expect(await read()).toBe("c");
  });

  test("where nothing was published says so", async () => {
    await expect(back({}, memoryStore())).rejects.toThrow(`memory: ${KEY} is missing: nothing was published`);
  });

  test("to a version of which a part is damaged or gone is refused, and the current one stays", async () => {
    const part = `words/parts/${sha256Of(fileOf("b").subarray(1000, 2000))}`;
    store.values.set(part, fileOf("a").slice(0, 1000));
    await expect(back()).rejects.toThrow(`memory: ${part} has another hash`);
    store.values.delete(part);
    await expect(back()).rejects.toThrow(`memory: ${part} is missing`);
    expect(await read()).toBe("c");
  });

  test("to a pointer that is another version's, or whose parts are another file, is refused", async () => {
    const [a, b] = ["a", "b"].map(
      (version) => store.values.get(`words/versions/${version}.json`) as Uint8Array<ArrayBuffer>,
    );
    store.values.set("words/versions/b.json", a as Uint8Array<ArrayBuffer>);
    await expect(back()).rejects.toThrow("words/versions/b.json is the pointer of a");
    const { parts, ...pointer } = JSON.parse(Buffer.from(b as Uint8Array).toString());
    const mixed = JSON.stringify({ ...pointer, parts: [parts[1], parts[0], ...parts.slice(2)] });
    store.values.set("words/versions/b.json", new TextEncoder().encode(mixed));
    await expect(back()).rejects.toThrow("its parts do not add up to the file");
    expect(await read()).toBe("c");
  });

  test("that a publication overtakes changes nothing", async () => {
    const late = around(store, async (run, _at, call) => {
      if (call === "put") await publishTo(store, "d");
      return run();
    });
    await expect(back({}, late)).rejects.toThrow(`another publication came first: memory: ${KEY} is now d`);
    expect(await read()).toBe("d");
  });
});
