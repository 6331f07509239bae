import { describe, expect, test } from "vitest";
import { prune } from "../../src/cli/publishing/prune.ts";
import { rollback } from "../../src/cli/publishing/rollback.ts";
import type { PublicationStore } from "../../src/publication/publishing/publication-store.ts";
import { publishVersion } from "../../src/publication/publishing/publish-version.ts";
import { around, type MemoryStore, memoryStore } from "../cli/publishing/memory-store.ts";
import { readPublished } from "../cli/publishing/reader.ts";

const remedies = { breaksClients: "wait", tooLarge: "shrink it", tooLargeBesideCurrent: "shrink both" };
const KEY = "words/current.json";
const put = (store: PublicationStore, version: string) =>
  publishVersion(store, KEY, new TextEncoder().encode(`the file of ${version}`), { version, remedies });
const current = (store: MemoryStore) => readPublished(async (key) => store.values.get(key), KEY);

/** A store that does this in the place of the first write of the current pointer. */
function flipping(store: MemoryStore, flip: (write: () => Promise<unknown>) => Promise<unknown>) {
  let isFlipped = false;
  return around(store, (run, _at, call, key) => {
    if (isFlipped || call !== "put" || key !== KEY) return run();
    isFlipped = true;
    return flip(run);
  });
}

const lost = () => Promise.reject(new Error("the connection was closed"));

describe.each(["the first version", "the version before"])("the answer to the last write is lost, over %s", (over) => {
  const before = over === "the first version" ? undefined : "a";
  const opened = async (): Promise<MemoryStore> => {
    const store = memoryStore();
    if (before) await put(store, before);
    return store;
  };

  test("a write that arrived has published", async () => {
    const store = await opened();
    const losing = flipping(store, (write) => write().then(lost));
    expect(await put(losing, "b")).toMatchObject({ outcome: "published", pointer: { version: "b" } });
    expect(await current(store)).toMatchObject({ version: "b" });
  });

  test("a write that did not arrive is the error of the store, and the next try publishes", async () => {
    const store = await opened();
    const losing = flipping(store, lost);
    await expect(put(losing, "b")).rejects.toThrow(/^the connection was closed$/);
    expect((await current(store))?.version).toBe(before);
    expect(await put(losing, "b")).toMatchObject({ outcome: "published", newParts: 0 });
    expect(await current(store)).toMatchObject({ version: "b" });
  });

  test("another publication that came instead is named", async () => {
    const store = await opened();
    const losing = flipping(store, () => put(store, "other").then(lost));
    await expect(put(losing, "b")).rejects.toThrow(
      `another publication came first: memory: ${KEY} is now other: run it again`,
    );
    expect(await current(store)).toMatchObject({ version: "other" });
  });

  test.each([
    ["lost", (other: Promise<unknown>) => other.then(lost)],
    ["that of the same write, sent again", (other: Promise<unknown>) => other.then(() => false)],
  ])("another publication that came over a write that arrived: the answer is %s", async (_, answer) => {
    const store = await opened();
    const losing = flipping(store, (write) => answer(write().then(() => put(store, "other"))));
    expect(await put(losing, "b")).toMatchObject({ outcome: "published", pointer: { version: "b" } });
    expect(await current(store)).toMatchObject({ version: "other" });
  });

  test("what cannot be read afterwards either is the error of the write", async () => {
    const store = await opened();
    let isDown = false;
    const down = around(store, (run, _at, call, key) => {
      isDown ||= call === "put" && key === KEY;
      return isDown ? lost() : run();
    });
    await expect(put(down, "b")).rejects.toThrow(/^the connection was closed$/);
    expect((await current(store))?.version).toBe(before);
  });
});

describe("the last write of a rollback", () => {
  const opened = async (): Promise<MemoryStore> => {
    const store = memoryStore();
    for (const version of ["a", "b"]) await put(store, version);
    return store;
  };

  test("did not arrive: the error of the store, although the version before is already that of the pointer", async () => {
    const store = await opened();
    await expect(rollback(flipping(store, lost), KEY)).rejects.toThrow(/^the connection was closed$/);
    expect(await current(store)).toMatchObject({ version: "b" });
  });

  test("was refused, because a canary began: another publication came first", async () => {
    const store = await opened();
    const facts = { itemCount: 1, dim: 1, metric: "dot", hasLabels: false, memoryBytes: 1 } as const;
    const canary = () =>
      publishVersion(store, KEY, new TextEncoder().encode("the file of c"), {
        remedies,
        ...{ version: "c", canary: 0.5, readFacts: async () => facts },
      });
    const refused = flipping(store, () => canary().then(() => false));
    await expect(rollback(refused, KEY)).rejects.toThrow(`another publication came first: memory: ${KEY} is now b`);
    expect(await current(store)).toMatchObject({ version: "b" });
  });

  test("arrived, and its answer was lost", async () => {
    const store = await opened();
    const losing = flipping(store, (write) => write().then(lost));
    expect(await rollback(losing, KEY)).toMatchObject({ outcome: "rolled-back", from: "b", pointer: { version: "a" } });
    expect(await current(store)).toMatchObject({ version: "a" });
  });
});

/** A store that does this in the place of the first write of a key. */
function atFirstWrite(store: MemoryStore, name: string, write: (run: () => Promise<unknown>) => Promise<unknown>) {
  let isDone = false;
  return around(store, (run, _at, call, key) => {
    if (isDone || call !== "put" || key !== name) return run();
    isDone = true;
    return write(run);
  });
}

test("a version whose write is refused although nothing is there is written again, and in the end an error", async () => {
  const store = memoryStore();
  const key = "words/versions/a.json";
  expect(
    await put(
      atFirstWrite(store, key, async () => false),
      "a",
    ),
  ).toMatchObject({ outcome: "published" });
  expect(store.values.has(key)).toBe(true);
  const refusing = around(store, (run, _at, call, name) =>
    call === "put" && name === "words/versions/b.json" ? Promise.resolve(false) : run(),
  );
  await expect(put(refusing, "b")).rejects.toThrow("was refused 3 times, and nothing is there");
  expect((await current(store))?.version).toBe("a");
});

test("a prune whose first write arrived without an answer goes on", async () => {
  const store = memoryStore();
  for (const version of ["a", "b", "c"]) await put(store, version);
  const marks = "words/pruning.json";
  const unanswered = atFirstWrite(store, marks, async (write) => write().then(() => false));
  const { deleted } = await prune(unanswered, KEY, { keep: 1, graceSeconds: 0 });
  expect(deleted).toContain("versions/a.json");
  expect(store.values.has("words/versions/a.json")).toBe(false);
  await prune(store, KEY, { keep: 1, graceSeconds: 0 });
  expect(JSON.parse(new TextDecoder().decode(store.values.get(marks)))).toMatchObject({ deleting: [] });
});
