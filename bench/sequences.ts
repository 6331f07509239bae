// Encoders of sequences, trained with draws of several samplers and with the full softmax, with equal settings and epochs.
// Each seed is a run; finished runs are kept in build/sequence-runs, and one that was interrupted goes on from its last epoch.
// --write writes bench/results/sequences.json and its parts of docs/sequence-results.md, of the runs that are finished. What was written
// of samplers that have no finished run here stays.
//   npm run bench:sequences -- [--sets ml-1m,ptb] [--presets clicks-gru] [--samplers midx,uniform] [--seeds 1] [--threads 2]
//     [--write]
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { haveData } from "./data.ts";
import { readResult, writeResult } from "./results-file.ts";
import { writeSequencesPage } from "./sequences/docs.ts";
import { withKept } from "./sequences/kept.ts";
import { ALL_SAMPLERS, COMPARISONS, isSame, type Run, runsOf } from "./sequences/plan.ts";
import type { SequencesResult } from "./sequences/result.ts";
import { SET_NAMES } from "./sequences/sets.ts";
import { hasFinishedRun, summaryOf } from "./sequences/summary.ts";
import { finishedRun, type Trained } from "./sequences/training.ts";
import { openPool } from "./training-pool.ts";

const { values: options } = parseArgs({
  options: {
    sets: { type: "string", default: SET_NAMES.join() },
    presets: { type: "string", default: COMPARISONS.map(({ preset }) => preset).join() },
    samplers: { type: "string", default: ALL_SAMPLERS.join() },
    seeds: { type: "string", default: "3" },
    threads: { type: "string", default: String(availableParallelism()) },
    write: { type: "boolean", default: false },
  },
});
const wanted = {
  sets: options.sets.split(","),
  presets: options.presets.split(","),
  samplers: options.samplers.split(","),
};
const runs = COMPARISONS.filter(({ set, preset }) => wanted.sets.includes(set) && wanted.presets.includes(preset))
  .filter(({ set }) => haveData(set))
  .flatMap(runsOf)
  .filter(({ sampler, seed }) => wanted.samplers.includes(sampler) && seed < Number(options.seeds));

const pool = openPool<Run, Trained>(new URL("sequences/worker.ts", import.meta.url), Number(options.threads));
// The first seed of every run comes first.
const missing = runs.filter((run) => finishedRun(run) === undefined).sort((a, b) => a.seed - b.seed);
await pool.train(missing, ({ set, preset, sampler, seed, test }) => {
  console.log(JSON.stringify({ set, preset, sampler, seed, ...test }));
});
await pool.close();

if (options.write) {
  const { comparisons: written } = readResult<SequencesResult>("sequences");
  const comparisons = COMPARISONS.flatMap((comparison) => {
    const before = written.find((other) => isSame(other, comparison));
    if (hasFinishedRun(comparison)) return before ? withKept(summaryOf(comparison), before) : summaryOf(comparison);
    return before ?? (haveData(comparison.set) ? summaryOf(comparison) : []);
  });
  writeSequencesPage(writeResult("sequences", { comparisons }));
}
