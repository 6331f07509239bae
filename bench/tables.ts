// The paper's comparison: proposals on real data of three task families, with the same model and epochs, and with the
// learning rate tuned for each on the same grid. Finished runs are kept in build/tables-runs.jsonl and not repeated.
// --write writes bench/results/tables.json and its part of docs/results.md. --complete starts from the runs in that
// file.
//   npm run bench:tables -- [--sets ptb,ml-1m] [--proposals "uniform,MIDX-RQ"] [--seeds 1] [--threads 2]
//     [--complete] [--write]
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { rowCount } from "../src/train/model/examples.ts";
import { haveData } from "./data.ts";
import { writeResultsPage } from "./tables/docs.ts";
import { bestRate, keyOf, tableRuns, tuningRuns } from "./tables/plan.ts";
import { PROPOSALS } from "./tables/proposals.ts";
import type { SetFacts, TablesResult } from "./tables/result.ts";
import { readSet, SET_NAMES, type SetName } from "./tables/sets.ts";
import type { Run, Trained } from "./tables/training.ts";
import { unseenShares } from "./tables/unseen.ts";
import { openPool } from "./training-pool.ts";

const { values: options } = parseArgs({
  options: {
    sets: { type: "string", default: SET_NAMES.join() },
    proposals: { type: "string", default: PROPOSALS.join() },
    seeds: { type: "string", default: "3" },
    threads: { type: "string", default: "1" },
    complete: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});
const wanted = { sets: options.sets.split(","), proposals: options.proposals.split(",") };
const place = new URL("../build/tables-runs.jsonl", import.meta.url);
const resultPlace = new URL("results/tables.json", import.meta.url);
const done = new Map<string, Trained>();
if (options.complete) {
  const { runs: written } = JSON.parse(readFileSync(resultPlace, "utf8")) as TablesResult;
  for (const run of written) keep(run);
}
if (existsSync(place)) {
  for (const line of readFileSync(place, "utf8").split("\n").filter(Boolean)) keep(JSON.parse(line) as Trained);
}

const pool = openPool<Run, Trained>(new URL("tables/worker.ts", import.meta.url), Number(options.threads));
const sets = SET_NAMES.filter(haveData).map(factsOf);
const compared = sets
  .filter(({ name }) => wanted.sets.includes(name))
  .flatMap((set) => PROPOSALS.filter((name) => wanted.proposals.includes(name)).map((proposal) => ({ set, proposal })));
await trainAll(compared.flatMap(({ set, proposal }) => tuningRuns(set, proposal)));
const runs = compared.flatMap(({ set, proposal }) => {
  const tuned = tuningRuns(set, proposal).map(doneOf);
  return tableRuns(set, proposal, bestRate(set, tuned));
});
// The first seed of every run comes first.
await trainAll(runs.filter(({ seed }) => seed <= Number(options.seeds)).sort((a, b) => a.seed - b.seed));
await pool.close();
if (options.write) {
  const machine = cpus()[0]?.model ?? "an unknown processor";
  const result: TablesResult = { machine, node: process.version, sets, runs: [...done.values()] };
  writeFileSync(resultPlace, linesOf(result));
  writeResultsPage(result);
}

/** JSON with one run per line. */
function linesOf({ runs, ...facts }: TablesResult): string {
  const lines = runs.map((run) => JSON.stringify(run));
  return `${JSON.stringify(facts).slice(0, -1)},"runs":[\n${lines.join(",\n")}\n]}\n`;
}

function keep(trained: Trained): void {
  done.set(keyOf(trained), trained);
}

function doneOf(run: Run): Trained {
  return done.get(keyOf(run)) as Trained;
}

async function trainAll(runs: readonly Run[]): Promise<void> {
  const missing = runs.filter((run) => !done.has(keyOf(run)));
  await pool.train(missing, (trained) => {
    keep(trained);
    appendFileSync(place, `${JSON.stringify(trained)}\n`);
    const passed = trained.epochsPassed.map(({ seconds, valid }) => `${seconds.toFixed(1)} s ${valid.toPrecision(5)}`);
    console.log(`${keyOf(trained)}: ${passed.join(", ")}`);
  });
}

function factsOf(name: SetName): SetFacts {
  const { measure, ks, epochs, train, test } = readSet(name);
  const { classCount, positives } = train;
  return { name, measure, ks, epochs, classCount, examples: rowCount(positives), ...unseenShares(train, test) };
}
