// Top-k against other libraries and against plain scans (npm run bench:peers): recall and time of one query at a time on one
// core, builds, files, memory. Half an hour and more. With --write: bench/results/peers.json, and docs/peers.md, its figures
// and the README's block drawn from it; --draw draws these again and measures nothing. For a try: --words=10000 takes small
// sets, --sets=1 only the first, --only=<part of a name> some of the contenders; --json=<path> writes that result elsewhere.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { Contender } from "./peers/contender.ts";
import { contenders } from "./peers/contenders.ts";
import type { Peer } from "./peers/peer.ts";
import { have, loadSet, SETS, type SetName } from "./peers/row-sets.ts";
import { Running } from "./peers/running.ts";
import { drawPeers } from "./peers-docs.ts";
import type { PeerSet, PeersResult } from "./peers-result.ts";
import { recallTables } from "./peers-table.ts";
import { targetLines } from "./peers-targets.ts";

const ROUNDS = 4;
/** Queries of a burst: every round asks others. */
const BURST = 125;
const QUERIES = ROUNDS * BURST;

const { values: flags } = parseArgs({
  options: {
    write: { type: "boolean" },
    draw: { type: "boolean" },
    words: { type: "string" },
    only: { type: "string", default: "" },
    sets: { type: "string" },
    json: { type: "string" },
  },
});
const file = new URL("results/peers.json", import.meta.url);

if (flags.draw) {
  drawPeers(JSON.parse(readFileSync(file, "utf8")) as PeersResult);
} else {
  const everyone = (await contenders()).filter(({ name }) => name.includes(flags.only));
  const sets: PeerSet[] = [];
  for (const set of SETS.slice(0, Number(flags.sets ?? SETS.length))) {
    if (!have(set)) continue;
    const measured = await measureSet({ ...set, words: Number(flags.words ?? set.words) }, everyone);
    sets.push(measured);
    if (flags.json !== undefined) writeFileSync(flags.json, toJson({ ...header(), sets }));
    console.log(`\n${recallTables({ ...header(), sets: [measured] })}\n`);
  }
  const result: PeersResult = { ...header(), sets };
  console.log(targetLines(result));
  if (flags.write && flags.words === undefined && flags.only === "" && sets.length === SETS.length) {
    mkdirSync(new URL("./", file), { recursive: true });
    writeFileSync(file, toJson(result));
    drawPeers(result);
  }
}

function header(): Omit<PeersResult, "sets"> {
  return { machine: `${cpus()[0]?.model ?? "?"}, one core`, node: process.version, queries: QUERIES };
}

/** A point a line: there are thousands. */
function toJson(result: PeersResult): string {
  const text = JSON.stringify(result, undefined, 2);
  return `${text.replace(/\{\s+"label"[^}]*\}/g, (point) => point.replace(/\s+/g, " "))}\n`;
}

async function measureSet(name: SetName, everyone: readonly Peer[]): Promise<PeerSet> {
  // Here the exact neighbours are found, where no earlier run has; the contenders' processes find them in a file.
  const { metric, count, dim, known } = loadSet(name);
  console.log(`\n${name.name}, ${count} rows, ${metric}`);
  let running: Running[] = [];
  /** One that ends on the way is left out of this set. */
  const attempt = async (one: Running | undefined, what: () => Promise<void>): Promise<void> => {
    try {
      await what();
    } catch (error) {
      console.log(`left out: ${(error as Error).message}`);
      running = running.filter((other) => other !== one);
    }
  };
  for (const peer of everyone) {
    const contender = new Contender(peer.name);
    await attempt(undefined, async () => {
      const built = await contender.build(name);
      running.push(new Running(peer, contender, built));
      const [seconds, megabytes] = [built.buildSeconds.toFixed(1), (built.memoryBytes / 1e6).toFixed(0)];
      console.log(`${peer.name}: built in ${seconds} s, ${built.bytes} bytes, ${megabytes} MB in memory`);
    });
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const one of running) await attempt(one, () => one.ask(round * BURST, (round + 1) * BURST));
  }
  for (const { contender } of running) contender.end();
  const measured = running.map((one) => one.result(QUERIES));
  return { name: name.name, metric, count, dim, hasBias: known.bias !== undefined, contenders: measured };
}
