import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { startNoise } from "../../bench/noise.ts";
import { Catalogue, type Change } from "../../scripts/live-load/catalogue.ts";
import { Loader } from "../../scripts/live-load/load.ts";
import { type Fleet, startFleet } from "../../scripts/live-load/services.ts";
import { compacted, publishFirst } from "../../scripts/live-load/versions.ts";
import { namedKeys } from "../../src/cli/publishing/named-keys.ts";
import { prune } from "../../src/cli/publishing/prune.ts";
import { rollback } from "../../src/cli/publishing/rollback.ts";
import { load } from "../../src/index.ts";
import type { Pointer } from "../../src/publication/pointer.ts";
import { readPointer } from "../../src/publication/publishing/current.ts";
import { readFile } from "../../src/publication/publishing/single-file.ts";
import { makeFolder } from "../cli/files.ts";

// workerd is killed with SIGKILL at random moments of a compaction. Its bucket and its objects are on the disk, and it starts again
// from there.

const [KILLS, DIM, ITEMS] = [18, 16, 400];
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
async function openCurrent({ store, key }: Fleet): Promise<Pointer> {
  const { pointer } = (await readPointer(store, key)) as { readonly pointer: Pointer };
  const index = await load(await readFile(store, key, pointer));
  index.dispose();
  return pointer;
}

test.skipIf(process.platform !== "linux").each(["object", "segments"] as const)(
  "a compactor whose workerd is killed leaves a whole version, and loses nothing that was acknowledged: log in %s",
  async (kind) => {
    const [folder, catalogue, random] = [makeFolder(), new Catalogue(DIM, ITEMS), startNoise()];
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
      const fleet = await startFleet(kind, folder);
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
    let [longest, interrupted] = [400, 0];
    const versions = new Set<string>();
    for (let kill = 0; kill < KILLS; kill++) {
      const { fleet, pid } = await start(16);
      versions.add((await openCurrent(fleet)).version);
      for (let i = 0; i < WRITES; i++) await writeNew(fleet);
      const began = performance.now();
      const compacting = fleet.compact().then(
        () => true,
        () => false,
      );
      const writing = [writeNew(fleet), writeNew(fleet)];
      if (kill > 0) await Promise.race([sleep(1.2 * longest * Math.abs(random())), compacting]);
      else expect(await compacting).toBe(true);
      if (kill === 0) longest = performance.now() - began;
      process.kill(pid, "SIGKILL");
      interrupted += Number(!(await compacting));
      await Promise.all(writing);
      await fleet.stop().catch(() => {});
    }
    expect(interrupted).toBeGreaterThan(KILLS / 4);
    expect(versions.size).toBeGreaterThan(1);
    const { fleet } = await start();
    try {
      for (let i = 0; i < WRITES; i++) await writeNew(fleet);
      const version = await compacted(fleet);
      expect(await openCurrent(fleet)).toMatchObject({ version, sequence: catalogue.complete });
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
