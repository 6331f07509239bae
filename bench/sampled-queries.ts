// Error bars of indexes of sequences, calibrated with stand-ins, with sequences that the model draws (midx encode --sample) and
// with held-out ones, and judged on other held-out ones (npm run bench:sampled-queries). It needs the checkpoints of
//   npm run bench:sequences -- --sets amazon-beauty,ptb --samplers midx-averaged --seeds 1
// and leaves out a set without one. --write writes bench/results/sampled-queries.json and the table of docs/trust-results.md.
import type { BuildOptions } from "../src/train/build/build-options.ts";
import { GRIDS } from "../src/train/calibration/grid.ts";
import { idsOf, rowCount } from "../src/train/model/examples.ts";
import type { Model } from "../src/train/model/model.ts";
import { spacedRows } from "../src/train/model/order.ts";
import { raggedOf } from "../src/train/model/tasks.ts";
import { queriesAfter } from "../src/train/sequences/metrics.ts";
import type { Sequences } from "../src/train/sequences/sequences.ts";
import { sampleQueries } from "../src/train/stand-ins/sampled-sequences.ts";
import { haveData } from "./data.ts";
import { build, buildMeasured, load, modelKernels } from "./library.ts";
import { replaceBetween } from "./page.ts";
import { writeResult } from "./results-file.ts";
import { type CalibratedIndex, type SampledQueriesResult, sampledQueriesTable } from "./sampled-queries/table.ts";
import { COMPARISONS, runsOf } from "./sequences/plan.ts";
import { protocolOf } from "./sequences/protocols.ts";
import { readSet, type SetName } from "./sequences/sets.ts";
import { finishedModel } from "./sequences/training.ts";
import { TEMPERATURES } from "./trust/grid.ts";

const SETS: readonly SetName[] = ["amazon-beauty", "ptb"];
/** Sequences that are judged, and as many that calibrate. */
const QUERIES = 400;
/** The words of a window of a text. */
const WINDOW = 35;
const LARGE_ERROR = 0.26;

/** Returns the queries of `count` held-out sequences before their last items, or of windows of a text. */
function heldOutQueries(model: Model, set: SetName, test: Sequences, count: number): Float32Array {
  const lists = protocolOf(set)
    ? Array.from(spacedRows(rowCount(test), count), (row) => idsOf(test, row).slice(0, -1))
    : Array.from(spacedRows(test.ids.length - WINDOW, count), (at) => test.ids.slice(at, at + WINDOW));
  const sequences = { ...raggedOf(lists), itemCount: test.itemCount };
  return queriesAfter(modelKernels(), model, sequences, Array.from(lists.keys()));
}

async function judged(set: SetName, model: Model, test: Sequences): Promise<CalibratedIndex[]> {
  const { classes, bias } = model.tables as { readonly classes: Float32Array; readonly bias: Float32Array };
  const { dim } = model.shape;
  const [embeddings, itemCount] = [{ data: classes, shape: [bias.length, dim] } as const, bias.length];
  const heldOut = heldOutQueries(model, set, test, 2 * QUERIES);
  // Judged and calibrating sequences take turns.
  const every = (first: number): Float32Array =>
    Float32Array.from({ length: QUERIES * dim }, (_, i) => {
      const row = 2 * Math.floor(i / dim) + first;
      return heldOut[row * dim + (i % dim)] as number;
    });
  const kernels = modelKernels();
  const encode = (items: readonly (number | string)[]): Float32Array =>
    queriesAfter(kernels, model, { ...raggedOf([items as readonly number[]]), itemCount }, [0]);
  const sampledFrom = await load(await build(embeddings, { bias, rowType: "f32" }));
  const { queries: sampled } = await sampleQueries({ encode }, sampledFrom, { count: QUERIES, seed: 0n });
  const kinds: readonly [calibratedWith: string, options: BuildOptions][] = [
    ["stand-ins made of rows", { calibrate: "full" }],
    [`${GRIDS.quick.sequences} sequences that the model draws, as in a build with \`--encoder\``, { encoder: model }],
    [`${QUERIES} sequences that the model draws`, { calibrate: "full", queries: sampled }],
    [`${QUERIES} held-out sequences`, { calibrate: "full", queries: every(1) }],
  ];
  const asked = every(0);
  const indexes: CalibratedIndex[] = [];
  for (const [calibratedWith, options] of kinds) {
    const index = await load(await buildMeasured(embeddings, { bias, ...options }));
    const exactOf = (query: Float32Array, temperature: number): number =>
      index.logPartition(query, { temperature, exact: true }).logPartition;
    const temperatures = TEMPERATURES.map((temperature) => {
      let [flagged, wrong] = [0, 0];
      for (let seed = 0; seed < QUERIES; seed++) {
        const query = asked.subarray(seed * dim, (seed + 1) * dim);
        const { logPartition, lowEss } = index.predict(query, 10, { scan: 1024, temperature, seed });
        if (lowEss) flagged++;
        else if (Math.abs(logPartition - exactOf(query, temperature)) > LARGE_ERROR) wrong++;
      }
      return { temperature, flagged: flagged / QUERIES, wrong: wrong / (QUERIES - flagged) };
    });
    indexes.push({ set, itemCount, calibratedWith, temperatures });
    index.dispose();
  }
  return indexes;
}

const indexes: CalibratedIndex[] = [];
for (const set of SETS) {
  if (!haveData(set)) continue;
  const comparison = COMPARISONS.find((each) => each.set === set);
  const run = comparison && runsOf(comparison).find(({ sampler, seed }) => sampler === "midx-averaged" && seed === 0);
  const sequences = readSet(set);
  const model = run && (await finishedModel(sequences, run));
  if (model) indexes.push(...(await judged(set, model, sequences.test)));
  else
    console.log(`${set} has no finished training: npm run bench:sequences -- --sets ${set} --samplers midx-averaged`);
}
const result: SampledQueriesResult = { indexes };
console.log(sampledQueriesTable(result));
if (process.argv.includes("--write")) {
  const written = writeResult("sampled-queries", result);
  replaceBetween("docs/trust-results.md", "sampled-queries", sampledQueriesTable(written));
}
