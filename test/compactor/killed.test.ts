import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Catalogue, type Change } from "../../scripts/live-load/catalogue.ts";
import { Loader } from "../../scripts/live-load/load.ts";
import { type Fleet, startFleet } from "../../scripts/live-load/services.ts";
import { compacted, publishFirst } from "../../scripts/live-load/versions.ts";
import { compactPublished } from "../../src/cli/compacting/compact-published.ts";
import { namedKeys } from "../../src/cli/publishing/named-keys.ts";
import { prune } from "../../src/cli/publishing/prune.ts";
import { rollback } from "../../src/cli/publishing/rollback.ts";
import { load } from "../../src/index.ts";
import type { ChangeLog } from "../../src/publication/change-log.ts";
import { folderOf } from "../../src/publication/pointer.ts";
import { isManifest, type Published, readPointer, sequenceOf } from "../../src/publication/publishing/current.ts";
import { pointerOf } from "../../src/publication/publishing/pointer-of-part.ts";
import { readFile } from "../../src/publication/publishing/single-file.ts";
import { makeFolder } from "../cli/files.ts";
import { memoryStore, sha256Of } from "../cli/publishing/memory-store.ts";

// workerd is killed with SIGKILL at moments from the first to the last of a compaction. Its bucket and its objects are on the disk,
// and it starts again from there.

const [KILLS, DIM, ITEMS] = [12, 16, 400];
/** More than the labels that make a compaction due. */
const WRITES = 12;

/** The processes of workerd that this process has started. */
const runtimes = (): number[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const [, name, , parent] = /^\d+ \((.*)\) (\S) (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
        return name === "workerd" && Number(parent) === process.pid;
      } catch {
        return false;
      }
    });

/** Kills a process after some milliseconds, in which the first call of a Miniflare may keep this process from doing anything. */
async function killAfter(pid: number, ms: number): Promise<void> {
  await once(spawn("sh", ["-c", `sleep ${ms / 1000}; kill -KILL ${pid}`]), "exit");
}

/** A write whose answer did not come. */
interface Unanswered {
  readonly change: Change;
  readonly key: string;
}

/** Sends a change. Returns its number in the log, undefined if no answer comes. */
async function send(fleet: Fleet, { change, key }: Unanswered): Promise<number | undefined> {
  const response = await fetch(fleet.url + change.path, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: `Bearer ${fleet.writeToken}`,
      "idempotency-key": key,
    },
    body: JSON.stringify(change.body),
  }).catch(() => undefined);
  if (!response?.ok) return undefined;
  const answer = (await response.json().catch(() => undefined)) as { readonly sequence: string } | undefined;
  return answer && Number(answer.sequence);
}

/** Reads all of the version that the pointer names, and opens it. */
async function openCurrent({ store, key }: Pick<Fleet, "store" | "key">): Promise<Published> {
  const { pointer } = (await readPointer(store, key)) as { readonly pointer: Published };
  const files = isManifest(pointer)
    ? await Promise.all(pointer.parts.map((part) => pointerOf(store, key, pointer, part)))
    : [pointer];
  for (const file of files) {
    const index = await load(await readFile(store, key, file));
    index.dispose();
  }
  return pointer;
}

/** Returns the hashes of all that a version has, and of its pointer, by key. */
async function valuesOf({ store, key }: Pick<Fleet, "store" | "key">): Promise<ReadonlyMap<string, string>> {
  const values = new Map<string, string>();
  const { keys } = await namedKeys(store, key, 0);
  for (const named of [key, ...[...keys].map((own) => folderOf(key) + own)]) {
    values.set(named, sha256Of((await store.get(named))?.bytes as Uint8Array));
  }
  return values;
}

/** Returns what midx compact would publish, which nothing kills. The bucket and the log stay as they are. */
async function byCommand({ store, key, log }: Fleet): Promise<ReadonlyMap<string, string>> {
  const copy = memoryStore();
  for (const named of (await valuesOf({ store, key })).keys()) {
    await copy.put(named, (await store.get(named))?.bytes as Uint8Array<ArrayBuffer>);
  }
  const untrimmed: ChangeLog = {
    append: (...given) => log.append(...given),
    read: (...given) => log.read(...given),
    trim: async () => {},
  };
  await compactPublished(copy, key, untrimmed, { compact: { calibrate: "carry" }, onStep: () => {} });
  return valuesOf({ store: copy, key });
}

const CASES = [
  { served: "file", log: "object" },
  { served: "file", log: "segments" },
  { served: "parts", log: "object" },
  { served: "parts", log: "segments" },
] as const;

test.skipIf(process.platform !== "linux").each(CASES)(
  "a compactor whose workerd is killed leaves a whole version, and loses nothing that was acknowledged: $served, log in $log",
  async ({ served, log }) => {
    const [folder, catalogue] = [makeFolder(), new Catalogue(DIM, ITEMS)];
    let unanswered: Unanswered[] = [];
    const write = async (fleet: Fleet, one: Unanswered): Promise<void> => {
      const sequence = await send(fleet, one);
      if (sequence === undefined) unanswered.push(one);
      else catalogue.settle(one.change, sequence);
    };
    const writeNew = (fleet: Fleet): Promise<void> => write(fleet, { change: catalogue.propose(), key: randomUUID() });
    /** Starts workerd, and checks what it has after it was killed. */
    const start = async (most?: number): Promise<{ readonly fleet: Fleet; readonly pid: number }> => {
      const before = runtimes();
      const fleet = await startFleet({ log, served, folder });
      const pid = runtimes().find((one) => !before.includes(one)) as number;
      if (!(await readPointer(fleet.store, fleet.key))) await publishFirst(fleet, catalogue);
      const { version } = await openCurrent(fleet);
      const again = unanswered;
      unanswered = [];
      for (const one of again) await write(fleet, one);
      expect(unanswered).toEqual([]);
      const loader = new Loader(catalogue, { ...fleet, seconds: 0, readsPerSecond: 0, writesPerSecond: 0 });
      await loader.checkChanged(most);
      expect(loader.report).toMatchObject({ failures: [], missing: [] });
      for (const url of [fleet.url, fleet.readerUrl]) {
        expect(await (await fetch(`${url}/v1/info`)).json()).toMatchObject({ version });
      }
      return { fleet, pid };
    };
    let [lastMs, interrupted] = [0, 0];
    const versions = new Set<string>();
    for (let kill = 0; kill < KILLS; kill++) {
      const { fleet, pid } = await start(16);
      versions.add((await openCurrent(fleet)).version);
      for (let i = 0; i < WRITES; i++) await writeNew(fleet);
      const began = performance.now();
      const killed = kill > 0 && killAfter(pid, (1.5 * lastMs * kill) / KILLS);
      const compacting = fleet.compact().then(
        () => {
          lastMs = performance.now() - began;
          return true;
        },
        () => false,
      );
      const writing = [writeNew(fleet), writeNew(fleet)];
      if (kill === 0) expect(await compacting).toBe(true);
      await (killed || killAfter(pid, 0));
      interrupted += Number(!(await compacting));
      await Promise.all(writing);
      await fleet.stop().catch(() => {});
    }
    expect(interrupted).toBeGreaterThan(KILLS / 3);
    expect(versions.size).toBeGreaterThan(1);
    const { fleet } = await start();
    try {
      for (let i = 0; i < WRITES; i++) await writeNew(fleet);
      const expected = await byCommand(fleet);
      const version = await compacted(fleet);
      const pointer = await openCurrent(fleet);
      expect([pointer.version, sequenceOf(pointer)]).toEqual([version, catalogue.complete]);
      expect(await valuesOf(fleet)).toEqual(expected);
      const { store, key } = fleet;
      await prune(store, key, { keep: 1, graceSeconds: 0 });
      const { keys } = await namedKeys(store, key, 1);
      const left = [...(await store.list("words/versions/")), ...(await store.list("words/parts/"))];
      expect(left.map((one) => one.key.slice("words/".length)).sort()).toEqual([...keys].sort());
      expect(await rollback(store, key)).toMatchObject({ outcome: "rolled-back" });
      await openCurrent(fleet);
    } finally {
      await fleet.stop();
    }
  },
);
