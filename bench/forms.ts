// Compares the two forms of the loss: models of the sets of the paper's comparison, trained with the default options of
// `train`. Perplexity and NDCG@20 are of the test part, with one seed. --write puts the sets that it has measured into
// bench/results/forms.json and the table of docs/results.md.
//   npm run bench:forms -- [--sets ptb,ml-1m] [--write]
import { parseArgs } from "node:util";
import { rowCount } from "../src/train/model/examples.ts";
import { metricsAt } from "../src/train/model/metrics.ts";
import { trainWith } from "../src/train/model/train.ts";
import type { SamplerFactory } from "../src/train/model/train-options.ts";
import type { Figures, FormsOfSampler, FormsOfSet, FormsResult } from "./forms/result.ts";
import { formsTable } from "./forms/table.ts";
import { modelKernels } from "./library.ts";
import { replaceBetween } from "./page.ts";
import { readResult, writeResult } from "./results-file.ts";
import { type Proposal, samplerFactory, samplingOf } from "./tables/proposals.ts";
import { readSet, type SetName, type TableSet } from "./tables/sets.ts";

const { values: options } = parseArgs({
  options: {
    sets: { type: "string", default: "ptb,ml-1m,citeulike-t" },
    write: { type: "boolean", default: false },
  },
});

const EPOCHS = 2;
const DRAWS = 100;
const SAMPLERS: readonly (readonly [name: string, proposal: Proposal])[] = [
  ["MIDX", "MIDX-RQ"],
  ["unigram", "unigram"],
  ["uniform", "uniform"],
];

async function figuresOf(set: TableSet, sampler?: SamplerFactory, form?: "A" | "B"): Promise<Figures> {
  const { model } = await trainWith(modelKernels(), set.train, {
    epochs: EPOCHS,
    ...(sampler && form && { sampler, form, negatives: DRAWS }),
  });
  const { examples, rows, passedOver } = set.test;
  const [metrics] = metricsAt(modelKernels(), model, examples, rows, [20], passedOver);
  return { perplexity: metrics?.perplexity as number, ndcg: metrics?.ndcg as number };
}

async function measure(name: SetName): Promise<FormsOfSet> {
  const set = readSet(name);
  const { positives } = set.train;
  const samplers: FormsOfSampler[] = [];
  for (const [sampler, proposal] of SAMPLERS) {
    const factory = samplerFactory(
      samplingOf(proposal, DRAWS) as NonNullable<ReturnType<typeof samplingOf>>,
      set.train,
    );
    samplers.push({ sampler, A: await figuresOf(set, factory, "A"), B: await figuresOf(set, factory, "B") });
    console.error(name, JSON.stringify(samplers.at(-1)));
  }
  return { set: name, positives: positives.ids.length / rowCount(positives), full: await figuresOf(set), samplers };
}

/** Puts a set into the results. */
function writeSet(measured: FormsOfSet): void {
  const others = readResult<FormsResult>("forms").sets.filter(({ set }) => set !== measured.set);
  const sets = [...others, measured].sort((a, b) => a.positives - b.positives);
  replaceBetween("docs/results.md", "forms", formsTable(writeResult("forms", { epochs: EPOCHS, draws: DRAWS, sets })));
}

for (const name of options.sets.split(",")) {
  const measured = await measure(name as SetName);
  if (options.write) writeSet(measured);
  else console.log(formsTable({ epochs: EPOCHS, draws: DRAWS, sets: [measured] }));
}
