import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SegmentStore } from "../../src/publication/segments/segment-store.ts";
import { type Example, withStandIns } from "./with-stand-ins.ts";

/** The example hands its store to the log. */
const LIVE = `export let store;
export const logInSegments = (given) => { store = given; };
export const createLiveHandler = (_, { log }) => log();`;

let example: Example;
let store: SegmentStore;
let folder: string;
beforeAll(async () => {
  example = await withStandIns("examples/live.ts", { "midx/live": LIVE });
  store = example.exports.store;
  folder = join(example.folder, "next-word");
});
afterAll(() => example?.remove());

const bytes = (text: string) => new TextEncoder().encode(text);
const temporaryFiles = (): string[] => readdirSync(folder).filter((name) => name.endsWith(".tmp"));
/** A key whose file no file system takes. */
const LONG = `log/${"x".repeat(300)}`;

describe("the store of the example of a live service", () => {
  test("has what was put, and lists it in order", async () => {
    expect(await store.get("log/1")).toBeUndefined();
    expect(await store.list("log/", "")).toEqual([]);
    expect(await store.put("log/2", bytes("two"), "absent")).toBe(true);
    expect(await store.put("log/1", bytes("one"), "absent")).toBe(true);
    expect(await store.put("log/1", bytes("other"), "absent")).toBe(false);
    expect(await store.list("log/", "")).toEqual(["log/1", "log/2"]);
    expect(Buffer.from((await store.get("log/1"))?.bytes ?? []).toString()).toBe("one");
    await store.remove("log/2");
    expect(await store.has("log/2")).toBe(false);
    expect(temporaryFiles()).toEqual([]);
  });

  test("takes one of the replacements that were made with the same tag", async () => {
    await store.put("log/kept", bytes("0"), "absent");
    const etag = (await store.get("log/kept"))?.etag as string;
    const texts = ["1", "2", "3", "4"];
    const replaced = await Promise.all(texts.map((text) => store.put("log/kept", bytes(text), { etag })));
    expect(replaced.filter(Boolean)).toHaveLength(1);
    const left = Buffer.from((await store.get("log/kept"))?.bytes ?? []).toString();
    expect(left).toBe(texts[replaced.indexOf(true)]);
    expect(temporaryFiles()).toEqual([]);
  });

  test("takes no other failure for a file that is absent, or there, and leaves nothing behind", async () => {
    mkdirSync(join(folder, "log/folder"), { recursive: true });
    await expect(store.get("log/folder")).rejects.toMatchObject({ code: "EISDIR" });
    await store.put("log/file", bytes("a file"), "absent");
    await expect(store.list("log/file/", "")).rejects.toMatchObject({ code: "ENOTDIR" });
    await expect(store.has(LONG)).rejects.toMatchObject({ code: "ENAMETOOLONG" });
    await expect(store.put(LONG, bytes("long"), "absent")).rejects.toMatchObject({ code: "ENAMETOOLONG" });
    expect(temporaryFiles()).toEqual([]);
  });
});
