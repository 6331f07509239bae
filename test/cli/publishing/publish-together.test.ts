import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { withLock } from "../../../src/cli/publishing/file-lock.ts";
import { folderStore } from "../../../src/cli/publishing/folder-store.ts";
import { thisOwner } from "../../../src/cli/publishing/lock-owner.ts";
import { publish } from "../../../src/cli/publishing/publish.ts";
import { EVERY } from "../../run/size.ts";
import { makeFolder } from "../files.ts";
import { sha256Of } from "./memory-store.ts";
import { runProgram } from "./run-program.ts";

const KEY = "words/current.json";
/** The lease in ms. An owner acts for half of it, which has to be enough for a publication on a busy machine. */
const LEASE = 1500;
const WAIT = { timeout: 600_000, interval: 50 };
const hidden = (folder: string): string[] => readdirSync(folder).filter((name) => name.startsWith("."));
const versionsOf = (folder: string): string[] => {
  const versions: string[] = [];
  const read = (path: string) => JSON.parse(readFileSync(join(folder, "words", path), "utf8"));
  for (let pointer = read("current.json"); ; pointer = read(`versions/${pointer.previous}.json`)) {
    versions.unshift(pointer.version);
    if (pointer.previous === undefined) return versions;
  }
};

test("of publications that come together each is current in its turn or told that another came first", async () => {
  const folder = makeFolder();
  const ended = await Promise.all(["a", "b", "c"].map((name) => runProgram("publish-some.ts", folder, name, 25)));
  for (const { code, stderr } of ended) expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const published = ended.flatMap(({ lines }) => lines);
  expect(published.length).toBeGreaterThanOrEqual(25);
  expect(versionsOf(folder).toSorted()).toEqual(published.toSorted());
  expect(hidden(join(folder, "words"))).toEqual([]);
});

test("a lock excludes all others, though its owners are killed while they hold it", async () => {
  const folder = makeFolder();
  writeFileSync(join(folder, "counter"), "0");
  const ended = await Promise.all([20, 4, 7, 11].map((fatal) => runProgram("count-under-lock.ts", folder, 20, fatal)));
  expect(ended.map(({ signal }) => signal)).toEqual([null, "SIGKILL", "SIGKILL", "SIGKILL"]);
  const added = ended.flatMap(({ lines }) => lines);
  expect(added).toHaveLength(20 + 4 + 7 + 11);
  await withLock(join(folder, "lock"), {}, async () => undefined);
  expect(readFileSync(join(folder, "counter"), "utf8")).toBe(String(added.length));
  expect(readdirSync(folder)).toEqual(["counter"]);
});

/** Makes a folder with a version and a lock with this text. */
async function lockedFolder(text: string) {
  const folder = makeFolder();
  const lock = join(folder, "words/.current.json.lock");
  const file = (version: string) => new TextEncoder().encode(`file ${version}`);
  await publish(folderStore(folder), KEY, file("a"), { version: "a" });
  writeFileSync(lock, text);
  const notes: string[] = [];
  const publishNext = (leaseMs?: number, signal?: AbortSignal) =>
    publish(
      folderStore(folder, {
        onNote: (note) => notes.push(note),
        ...(leaseMs !== undefined && { leaseMs }),
        ...(signal && { signal }),
      }),
      KEY,
      file("b"),
      { version: "b" },
    );
  return { folder, lock, notes, publishNext };
}

test.each([
  ["whose process is gone", () => ({ ...thisOwner(), pid: 2 ** 22 + 1 })],
  ["whose process id another one has now", () => ({ ...thisOwner(), started: "1" })],
])("a lock %s is removed at once, and said", async (_, owner) => {
  const { folder, notes, publishNext } = await lockedFolder(JSON.stringify(owner()));
  await publishNext();
  expect(versionsOf(folder)).toEqual(["a", "b"]);
  expect(notes).toEqual([
    expect.stringMatching(/^removed the lock .*\.current\.json\.lock of process \d+ on .*, which ended without/),
  ]);
  expect(hidden(join(folder, "words"))).toEqual([]);
});

const WATCHED = [
  ["of a process elsewhere", JSON.stringify({ ...thisOwner(), host: "elsewhere" }), "process \\d+ on elsewhere"],
  ["that nobody can read", "{", "an unknown process"],
] as const;

test.each(EVERY ? WATCHED : WATCHED.slice(0, 1))(
  "a lock %s is removed after it has been watched for a lease",
  async (_, text, owner) => {
    const { folder, notes, publishNext } = await lockedFolder(text);
    const begun = performance.now();
    await publishNext(LEASE);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(LEASE);
    expect(versionsOf(folder)).toEqual(["a", "b"]);
    expect(notes.at(-1)).toMatch(new RegExp(`^removed the lock .* of ${owner}`));
  },
);

test("a lock that was taken while a removal waited for its turn stays", async () => {
  const stale = JSON.stringify({ ...thisOwner(), pid: 2 ** 22 + 1 });
  const held = JSON.stringify(thisOwner());
  const { folder, lock, notes, publishNext } = await lockedFolder(stale);
  let publishing: Promise<unknown> = Promise.resolve();
  await withLock(`${lock}.${sha256Of(new TextEncoder().encode(stale)).slice(0, 16)}`, {}, async () => {
    publishing = publishNext();
    await new Promise((resolve) => setTimeout(resolve, 500)); // time to see the stale lock
    writeFileSync(lock, held);
  });
  await vi.waitFor(() => expect(notes.at(-1)).toContain(`waiting for the lock ${lock} `), WAIT);
  expect(readFileSync(lock, "utf8")).toBe(held);
  rmSync(lock);
  await publishing;
  expect(versionsOf(folder)).toEqual(["a", "b"]);
});

test("a wait for a lock that is held is told, ends when it is interrupted, and leaves the lock", async () => {
  const text = JSON.stringify(thisOwner());
  const { folder, lock, notes, publishNext } = await lockedFolder(text);
  const controller = new AbortController();
  const publishing = publishNext(undefined, controller.signal);
  const ended = expect(publishing).rejects.toThrow();
  await vi.waitFor(() => expect(notes).toHaveLength(1), WAIT);
  controller.abort(new Error("interrupted"));
  await ended;
  expect(notes).toEqual([expect.stringMatching(/^waiting for the lock .* of process \d+ on /)]);
  expect(readFileSync(lock, "utf8")).toBe(text);
  expect(versionsOf(folder)).toEqual(["a"]);
});

test("an owner that was stopped for too long changes nothing more, and leaves the lock to be removed", async () => {
  const folder = makeFolder();
  const lock = join(folder, "lock");
  const holding = withLock(lock, { leaseMs: 1000 }, async (checkHeld) => {
    await new Promise((resolve) => setTimeout(resolve, 600));
    checkHeld();
  });
  await expect(holding).rejects.toThrow("the lock has expired because this process was suspended");
  expect(readdirSync(folder)).toEqual(["lock"]);
  await withLock(lock, { leaseMs: 1000 }, async () => undefined);
  expect(readdirSync(folder)).toEqual([]);
});
