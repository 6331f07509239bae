// Top-k against other libraries and plain scans (npm run bench:peers): recall and time of one query at a time on one core,
// builds, files, memory. It takes about half an hour. --write writes bench/results/peers.json, docs/peers.md and its figures;
// --draw only draws the latter two again from the JSON. A set that is measured is kept in build/peers-sets, so that an
// interrupted run goes on; --fresh measures all again. --all measures also the contenders that are left out for their time. For
// a trial, --words=10000 takes small sets, --sets=1 only the first set, and --only=<part of a name> some contenders;
// --json=<path> writes the result to that path.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { originOf } from "./origin.ts";
import { Contender } from "./peers/contender.ts";
import { contenders } from "./peers/contenders.ts";
import { drawPeers } from "./peers/docs.ts";
import { keepSet, keptSet, type SetOrigin } from "./peers/kept-sets.ts";
import { leftOutOf } from "./peers/left-out.ts";
import type { Peer } from "./peers/peer.ts";
import type { LeftOut, PeerSet, PeersResult } from "./peers/result.ts";
import { have, loadSet, SETS, type SetName } from "./peers/row-sets.ts";
import { Running } from "./peers/running.ts";
import { indexTables } from "./peers/table.ts";
import { targetLines } from "./peers/targets.ts";

const ROUNDS = 4;
/** Queries per round. No round repeats those of another. */
const BURST = 125;
const QUERIES = ROUNDS * BURST;

const { values: flags } = parseArgs({
  options: {
    write: { type: "boolean" },
    draw: { type: "boolean" },
    fresh: { type: "boolean", default: false },
    all: { type: "boolean", default: false },
    words: { type: "string" },
    only: { type: "string", default: "" },
    sets: { type: "string" },
    json: { type: "string" },
  },
});
const file = new URL("results/peers.json", import.meta.url);
const header = { ...originOf("one core"), queries: QUERIES };

if (flags.draw) {
  drawPeers(JSON.parse(readFileSync(file, "utf8")) as PeersResult);
} else {
  const everyone = (await contenders()).filter(({ name }) => name.includes(flags.only));
  const names = everyone.map(({ name }) => name);
  const origin: SetOrigin = { ...header, options: JSON.stringify({ names, all: flags.all }) };
  const sets: PeerSet[] = [];
  for (const set of SETS.slice(0, Number(flags.sets ?? SETS.length))) {
    if (!have(set)) continue;
    const name = { ...set, words: Number(flags.words ?? set.words) };
    const key = `${name.name}-${name.metric}-${name.words}`;
    const kept = flags.fresh ? undefined : keptSet(key, origin);
    if (kept) console.log(`\n${key}: kept from an earlier run of this commit`);
    const measured = kept ?? (await measureSet(name, everyone));
    keepSet(key, origin, measured);
    sets.push(measured);
    if (flags.json !== undefined) writeFileSync(flags.json, toJson({ ...header, sets }));
    console.log(`\n${indexTables({ ...header, sets: [measured] }, true)}\n`);
  }
  const result: PeersResult = { ...header, sets };
  console.log(targetLines(result));
  if (flags.write && flags.words === undefined && flags.only === "" && sets.length === SETS.length) {
    mkdirSync(new URL("./", file), { recursive: true });
    writeFileSync(file, toJson(result));
    drawPeers(result);
  }
}

/** JSON with one point per line, as there are thousands. */
function toJson(result: PeersResult): string {
  const text = JSON.stringify(result, undefined, 2);
  return `${text.replace(/\{\s+"label"[^}]*\}/g, (point) => point.replace(/\s+/g, " "))}\n`;
}

async function measureSet(name: SetName, everyone: readonly Peer[]): Promise<PeerSet> {
  const start = performance.now();
  // Computes the exact neighbours unless an earlier run has; the contenders' processes read them from a file.
  const { metric, count, dim, known, asked } = loadSet(name);
  const kinds = asked.map(({ kind }) => kind);
  console.log(`\n${name.name}, ${count} rows, ${metric}`);
  const everyName = everyone.map((peer) => peer.name);
  const leftOut: LeftOut[] = flags.all ? [] : leftOutOf(name, everyName);
  let running: Running[] = [];
  /** Leaves a contender whose process fails out of this set. */
  const attempt = async (peer: string, one: Running | undefined, what: () => Promise<void>): Promise<void> => {
    try {
      await what();
    } catch (error) {
      console.log(`left out: ${(error as Error).message}`);
      leftOut.push({ name: peer, why: "its process failed" });
      running = running.filter((other) => other !== one);
    }
  };
  for (const peer of everyone.filter((one) => !leftOut.some((other) => other.name === one.name))) {
    const contender = new Contender(peer.name);
    await attempt(peer.name, undefined, async () => {
      const built = await contender.build(name);
      running.push(new Running(peer, contender, built, kinds));
      const [seconds, megabytes] = [built.buildSeconds.toFixed(1), (built.memoryBytes / 1e6).toFixed(0)];
      console.log(`${peer.name}: built in ${seconds} s, ${built.bytes} bytes, ${megabytes} MB in memory`);
    });
  }
  console.log(`built after ${secondsSince(start)} s`);
  for (let round = 0; round < ROUNDS; round++) {
    for (const one of running) {
      await attempt(one.contender.name, one, () => one.ask(round * BURST, (round + 1) * BURST));
      if (round === 0) one.dropHopeless();
    }
    console.log(`round ${round + 1} of ${ROUNDS} after ${secondsSince(start)} s`);
  }
  for (const { contender } of running) contender.end();
  const measured = running.map((one) => one.result());
  const seconds = secondsSince(start);
  const hasBias = known.bias !== undefined;
  return { name: name.name, metric, count, dim, hasBias, kinds, seconds, leftOut, contenders: measured };
}

function secondsSince(start: number): number {
  return Math.round((performance.now() - start) / 1000);
}
