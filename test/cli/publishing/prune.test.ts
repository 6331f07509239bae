import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { folderStore } from "../../../src/cli/publishing/folder-store.ts";
import { promote } from "../../../src/cli/publishing/promote.ts";
import { type PruneOptions, prune } from "../../../src/cli/publishing/prune.ts";
import { publish } from "../../../src/cli/publishing/publish.ts";
import { rollback } from "../../../src/cli/publishing/rollback.ts";
import { s3Store } from "../../../src/cli/publishing/s3-store.ts";
import type { Store } from "../../../src/cli/publishing/store.ts";
import { type PlannedSettings, serialisePlan } from "../../../src/cli/tasks/plan.ts";
import type { PublishOptions } from "../../../src/publication/publishing/publish-version.ts";
import { makeFolder } from "../files.ts";
import { jsonLines, midx } from "../run.ts";
import { writeIndexes } from "./index-files.ts";
import { around, type MemoryStore, memoryStore, sha256Of } from "./memory-store.ts";
import { readPublished } from "./reader.ts";
import { WRITTEN_AT } from "./s3-objects.ts";
import { startS3 } from "./s3-server.ts";

const KEY = "words/current.json";
const HOUR = 3_600_000;
/** Files of three parts, of which the first is the same in all. */
const fileOf = (version: string): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(["same", version, `${version}~`].map((text) => text.padEnd(100)).join(""));
const FACTS = { itemCount: 10, dim: 8, metric: "dot", hasLabels: true, memoryBytes: 1000 } as const;

const PLAN = {
  ...{ input: { embeddings: "rows.npy" }, settings: {} as PlannedSettings, itemCount: 1, dim: 1, fingerprints: [] },
  parts: [{ number: 0, firstRow: 0, rows: 1 }],
};

let store: MemoryStore;
let time: number;
const put = (version: string, options: Partial<PublishOptions> = {}, target: Store = store) =>
  publish(target, KEY, fileOf(version), { version, facts: FACTS, maxPartBytes: 100, ...options });
const pruned = (options: Partial<PruneOptions> = {}, target: Store = store) =>
  prune(target, KEY, { keep: 1, graceSeconds: 3600, now: () => time, ...options });
/** Prunes, and again when the marks have come of age. */
const prunedTwice = async (options: Partial<PruneOptions> = {}) => {
  await pruned(options);
  time += HOUR;
  return pruned(options);
};
const read = async (key = KEY) => {
  const found = await readPublished(async (name) => store.values.get(name), key);
  expect(found && sha256Of(found.bytes)).toBe(found && sha256Of(fileOf(found.version)));
  return found?.version;
};
const versions = () => [...store.values.keys()].flatMap((key) => /versions\/(.+)\.json$/.exec(key)?.[1] ?? []).sort();
const parts = () => [...store.values.keys()].filter((key) => key.startsWith("words/parts/"));

beforeEach(async () => {
  time = Date.parse("2026-11-28T00:00:00Z");
  store = memoryStore();
  for (const version of ["a", "b", "c", "d"]) await put(version);
});

describe("midx prune", () => {
  test("goes on after a prune of a clock that was a year ahead, even a killed one", async () => {
    const now = time;
    time += 8760 * HOUR;
    await pruned();
    time = now;
    expect((await prunedTwice()).deleted).toHaveLength(6);
    await put("e");
    await pruned();
    time += 8760 * HOUR;
    const dies = around(store, async (run, step) => (step < 8 ? run() : Promise.reject(new Error("killed"))));
    await expect(pruned({}, dies)).rejects.toThrow("killed");
    time = now + 3 * HOUR;
    expect((await pruned()).deleted.length).toBeGreaterThan(0);
    expect([versions(), await read()]).toEqual([["d", "e"], "e"]);
  });

  test("marks what nothing names, and deletes it when the mark is an hour old", async () => {
    expect(await pruned()).toMatchObject({ kept: ["d", "c"], deleted: [], marked: { length: 6 } });
    expect(versions()).toEqual(["a", "b", "c", "d"]);
    time += HOUR - 1;
    expect(await pruned()).toMatchObject({ deleted: [] });
    time += 1;
    const { deleted, marked } = await pruned();
    expect([deleted.length, marked.length]).toEqual([6, 0]);
    expect(deleted.slice(0, 2)).toEqual(["versions/a.json", "versions/b.json"]);
    expect(versions()).toEqual(["c", "d"]);
    expect(parts()).toHaveLength(5);
    expect(await read()).toBe("d");
    await rollback(store, KEY);
    expect(await read()).toBe("c");
    await expect(rollback(store, KEY)).rejects.toThrow(
      'there is no version "b": memory: words/versions/b.json was not published, or midx prune has deleted it',
    );
  });

  test("keeps as many versions as it is told, and a canary with its file", async () => {
    await put("e", { canary: 0.1 });
    await rollback(store, KEY, { to: "c" });
    await put("e", { canary: 0.1 });
    expect((await prunedTwice({ keep: 2 })).kept).toEqual(["c", "b", "a", "e"]);
    expect(versions()).toEqual(["a", "b", "c", "e"]);
    await promote(store, KEY);
    expect(await read()).toBe("e");
    expect((await prunedTwice()).kept).toEqual(["e", "c"]);
  });

  test("only lists with a dry run", async () => {
    const before = new Map(store.values);
    const { marked } = await pruned({ isDryRun: true });
    expect(marked).toHaveLength(6);
    expect((await pruned({ isDryRun: true, graceSeconds: 0 })).deleted).toEqual(marked);
    expect(store.values).toEqual(before);
  });

  test("leaves alone what no publication writes, and what another pointer in the folder names", async () => {
    const others = [
      "openapi.json",
      "versions/notes.txt",
      "versions/old/a.json",
      "parts/readme",
      "log/000000000001.set",
    ];
    for (const key of others) store.values.set(`words/${key}`, new TextEncoder().encode("{}"));
    others.push("plan.json"); // a build in parts may have its folder there, too
    store.values.set("words/plan.json", new TextEncoder().encode(serialisePlan(PLAN)));
    await publish(store, "words/now.json", fileOf("a"), { version: "a", facts: FACTS, maxPartBytes: 100 });
    await prunedTwice();
    for (const key of others) expect(store.values.has(`words/${key}`), key).toBe(true);
    expect(versions()).toEqual(["a", "c", "d", "old/a"]);
    expect(await read("words/now.json")).toBe("a");
  });

  test("deletes nothing while a pointer is damaged, whose parts cannot be told", async () => {
    const whole = store.values.get(KEY) as Uint8Array<ArrayBuffer>;
    for (const key of [KEY, "words/now.json"]) {
      store.values.set(key, new TextEncoder().encode('{ "version": "x", "parts": [] }'));
      await expect(prunedTwice()).rejects.toThrow(`memory: ${key}: the pointer: `);
      store.values.set(KEY, whole);
    }
    expect(versions()).toEqual(["a", "b", "c", "d"]);
    await expect(prune(memoryStore(), KEY, { keep: 1, graceSeconds: 0 })).rejects.toThrow("nothing was published");
  });

  test("that is killed at any step leaves all that is named, and a later one deletes the rest", async () => {
    let steps = 0;
    await pruned();
    time += HOUR;
    const copy = new Map(store.values);
    const count = around(store, (run, at) => {
      steps = at;
      return run();
    });
    await pruned({}, count);
    const expected = [...store.values.keys()].sort();
    expect(steps).toBeGreaterThan(12);
    for (let last = 1; last < steps; last++) {
      store.values.clear();
      for (const [key, bytes] of copy) store.values.set(key, bytes);
      const dying = around(store, (run, at) => (at > last ? Promise.reject(new Error("killed")) : run()));
      await expect(pruned({}, dying)).rejects.toThrow("killed");
      expect(await read()).toBe("d");
      await rollback(store, KEY);
      expect(await read()).toBe("c");
      await rollback(store, KEY, { to: "d" });
      time += HOUR;
      await pruned();
      expect([...store.values.keys()].sort(), `killed after ${last}`).toEqual(expected);
    }
  });

  test("deletes what a publication that was killed at any step has left", async () => {
    await prunedTwice();
    const before = [...store.values.keys()].sort();
    for (let last = 1; ; last++) {
      const dying = around(store, (run, at) => (at > last ? Promise.reject(new Error("killed")) : run()));
      const [outcome] = await Promise.allSettled([put("e", {}, dying)]);
      if (outcome?.status === "fulfilled") break;
      await prunedTwice();
      expect([...store.values.keys()].sort(), `killed after ${last}`).toEqual(before);
    }
  });

  test("lets another one go on only when it must have been killed", async () => {
    await pruned();
    time += HOUR;
    const dying = around(store, (run, _, call) => (call === "remove" ? Promise.reject(new Error("killed")) : run()));
    await expect(pruned({}, dying)).rejects.toThrow("killed");
    await expect(put("a")).rejects.toThrow("words/versions/a.json is being deleted: run midx prune to its end");
    await expect(rollback(store, KEY, { to: "a" })).rejects.toThrow("is being deleted");
    time += 599_999;
    await expect(pruned()).rejects.toThrow("another prune was deleting at 2026-11-28T01:00:00.000Z");
    time += 1;
    await pruned();
    expect(versions()).toEqual(["c", "d"]);
    expect(await put("a")).toMatchObject({ newParts: 2 });
  });
});

/** Runs `other` before the call number `at` of an action on the store. */
const interrupted = (at: number, other: () => Promise<unknown>): Store => {
  let isDone = false;
  return around(store, async (run, now) => {
    if (now === at && !isDone) {
      isDone = true;
      await other();
    }
    return run();
  });
};

describe("the ages that midx prune computes", () => {
  /** The same store as machines have it whose clocks are off, with the time of the store. */
  const withClock = (): Store => ({ ...store, time: async () => time });
  const off = (hours: number) => ({ now: () => time + hours * HOUR });

  test("are those of the clock of the store, whatever clocks the machines have", async () => {
    await pruned(off(-5), withClock());
    expect(await pruned(off(0), withClock())).toMatchObject({ deleted: [], marked: { length: 6 } });
    expect(await pruned(off(9000), withClock())).toMatchObject({ deleted: [], marked: { length: 6 } });
    time += HOUR;
    expect(await pruned(off(-9000), withClock())).toMatchObject({ deleted: { length: 6 }, marked: [] });
  });

  test("are those of the values, where a clock that was behind has made older marks", async () => {
    await pruned(off(-5));
    const written = time - HOUR + 1;
    store.writtenAt = () => written;
    expect(await pruned()).toMatchObject({ deleted: [], marked: { length: 6 } });
    time += 1;
    expect(await pruned()).toMatchObject({ deleted: { length: 6 } });
  });

  test("are not computed by a clock that values contradict", async () => {
    const newest = "versions/d.json";
    store.writtenAt = (key) => (key.endsWith(newest) ? time : 0);
    await expect(pruned(off(-1))).rejects.toThrow(
      `memory: the clock says 2026-11-27T23:00:00.000Z, but ${newest} was written at 2026-11-28T00:00:00.000Z, and a wrong clock`,
    );
    await expect(pruned({ ...off(-0.02), graceSeconds: 0, isDryRun: true })).rejects.toThrow("the clock says");
    expect(store.values.has("words/pruning.json")).toBe(false);
    expect(await pruned({ ...off(-0.01), graceSeconds: 0 })).toMatchObject({ deleted: { length: 6 } });
  });

  test("are those of the files in a folder, whose server may have another clock", async () => {
    const folder = folderStore(makeFolder());
    for (const version of ["a", "b", "c", "d"]) await put(version, {}, folder);
    const now = (hours: number) => ({ now: () => Date.now() + hours * HOUR });
    await pruned(now(-5), folder);
    expect(await pruned(now(5), folder)).toMatchObject({ deleted: [], marked: { length: 6 } });
    expect(await pruned({ ...now(-5), graceSeconds: 0 }, folder)).toMatchObject({ deleted: { length: 6 } });
  });

  test("are those of a bucket, as its answers say", async () => {
    const [id, secret] = ["an-id", "a-secret"];
    const server = await startS3("words", id, secret);
    const credentials = { accessKeyId: id, secretAccessKey: secret };
    const bucket = s3Store({ endpoint: server.url, bucket: "words", ...credentials }, new AbortController().signal);
    expect(await bucket.time()).toBeUndefined();
    await put("a", {}, bucket);
    const listed = await bucket.list("words/versions/");
    expect(listed).toEqual([{ key: "words/versions/a.json", writtenAt: Date.parse(WRITTEN_AT) }]);
    expect(Math.abs(((await bucket.time()) as number) - Date.now())).toBeLessThan(60_000);
    await server.close();
  });
});

describe.each<[string, (target: Store) => Promise<unknown>]>([
  ["a publication of what was marked", (target) => put("a", {}, target)],
  ["a rollback to what was marked", (target) => rollback(target, KEY, { to: "a" })],
])("%s", (_, publication) => {
  /** Marks, and lets the marks come of age. */
  const marked = async () => {
    store = memoryStore();
    for (const version of ["a", "b", "c", "d"]) await put(version);
    await pruned();
    time += HOUR;
  };
  /** What is current must be whole, whoever came first. */
  const settle = async (...outcomes: PromiseSettledResult<unknown>[]) => {
    const failures = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [String(outcome.reason)] : []));
    for (const failure of failures) {
      expect(failure).toMatch(/came first|is being deleted|there is no version|nothing that is published has changed/);
    }
    expect(["a", "d"]).toContain(await read());
    return failures.length;
  };

  test("loses nothing to a prune at any of its steps", async () => {
    for (let at = 1; at <= 40; at++) {
      await marked();
      let other: PromiseSettledResult<unknown>[] = [];
      const target = interrupted(at, async () => {
        other = await Promise.allSettled([pruned()]);
      });
      await settle(...(await Promise.allSettled([publication(target)])), ...other);
    }
  });

  test("loses nothing where it comes at any step of a prune", async () => {
    let successes = 0;
    for (let at = 1; at <= 30; at++) {
      await marked();
      let other: PromiseSettledResult<unknown>[] = [];
      const target = interrupted(at, async () => {
        other = await Promise.allSettled([publication(store)]);
      });
      const failures = await settle(...(await Promise.allSettled([pruned({}, target)])), ...other);
      successes += Number(failures === 0);
    }
    expect(successes).toBeGreaterThan(0);
  });
});

test("midx prune says what it did to a folder, and manifests keep their parts", async () => {
  const folder = makeFolder();
  const [first = "", second = "", third = ""] = await writeIndexes(3);
  for (const file of [first, second]) await midx(["publish", file, "--folder", folder]);
  const rows = join(makeFolder(), "rows.csv");
  writeFileSync(rows, Array.from({ length: 40 }, (_, i) => `${i % 7},${i % 5},${i % 3},1\n`).join(""));
  const built = join(makeFolder(), "parts");
  mkdirSync(built);
  expect(await midx(["build", rows, "--parts", "2", "--bits", "2", "-o", built])).toMatchObject({ code: 0 });
  const key = ["--folder", folder, "--key", "parts.json"];
  expect(await midx(["publish", join(built, "manifest.json"), "--as", "whole", ...key])).toMatchObject({ code: 0 });
  await midx(["publish", third, "--as", "third", "--folder", folder]);
  const names = () => readdirSync(join(folder, "versions"));
  expect(names()).toHaveLength(6);
  const dry = await midx(["prune", "--dry-run", "--grace-seconds", "0", "--folder", folder]);
  expect(dry.stdout).toMatch(
    /^kept .*third.*\nto delete +2\nto mark +0\ndelete versions\/\w+\.json\ndelete parts\/\w+\n$/,
  );
  const [event] = jsonLines((await midx(["prune", "--grace-seconds", "0", "--json", "--folder", folder])).stdout).slice(
    -1,
  );
  expect(event).toMatchObject({ event: "pruned", deleted: { length: 2 }, marked: [] });
  expect(names()).toHaveLength(5);
  const manifest = JSON.parse(readFileSync(join(folder, "parts.json"), "utf8"));
  for (const { pointer } of manifest.parts) {
    const part = await readPublished(
      async (name) => readFileSync(join(folder, name.replace(/^versions\/parts/, "parts"))),
      pointer,
    );
    expect(part?.version).toMatch(/^part-/);
  }
});
