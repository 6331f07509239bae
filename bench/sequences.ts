// Trains encoders of sequences on MovieLens-1M or the Penn Treebank and measures them after each epoch:
//
//   npm run bench:sequences -- ml-1m --sampler midx --epochs 20
//
// Checkpoints and a line for each epoch go to --folder, and a run that finds its checkpoint goes on from there. Options of
// trainSequences are given as --options '{"batchSize": 32}', or as --preset clicks-gru, which leaves out those of the set. With
// --select the model is that of the epoch with the highest Recall@10 on the validation items, seen ones left out, as in the
// published protocols; --patience 10 then ends the training after ten epochs that were not better. --sampler none measures
// popularity and item-to-item counts instead.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { occurrences, rowCount } from "../src/train/model/examples.ts";
import type { Model } from "../src/train/model/model.ts";
import { raggedOf } from "../src/train/model/tasks.ts";
import type { SamplerFactory } from "../src/train/model/train-options.ts";
import { createSamplerWith, type SamplerOptions } from "../src/train/samplers/create.ts";
import { sequenceMetrics } from "../src/train/sequences/metrics.ts";
import type { SequenceOptions } from "../src/train/sequences/options.ts";
import { PRESET_NAMES } from "../src/train/sequences/presets.ts";
import type { Sequences } from "../src/train/sequences/sequences.ts";
import { trainSequencesWith } from "../src/train/sequences/train.ts";
import { haveData, loader, placeOf } from "./data.ts";
import { modelKernels, samplerTools } from "./library.ts";
import { baselines } from "./sequence-baselines.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sampler: { type: "string", default: "full" },
    epochs: { type: "string", default: "5" },
    folder: { type: "string", default: "build/sequence-runs" },
    options: { type: "string", default: "{}" },
    preset: { type: "string" },
    select: { type: "boolean", default: false },
    patience: { type: "string" },
  },
});

interface SequenceSet {
  readonly train: Sequences;
  readonly valid: Sequences;
  readonly test: Sequences;
  readonly options: SequenceOptions;
  /** Returns the figures of a model. */
  measure(model: Model, of: Sequences): Record<string, number>;
}

/** Leave one out: the last item of a user is the test, the one before it the validation. */
function clicks(set: string, itemCount: number): SequenceSet {
  const { n, row } = loader().rag(`${placeOf(set)}/sequences.rag.gz`);
  const users = Array.from({ length: n }, (_, user) => row(user));
  const until = (left: number): Sequences => ({
    ...raggedOf(users.map((items) => items.slice(0, items.length - left))),
    itemCount,
  });
  const length = 200;
  return {
    ...{ train: until(2), valid: until(1), test: until(0) },
    options: { dim: 64, length, batchSize: 32, dropout: 0.2 },
    measure(model, of) {
      const read = model.shape.length ?? length;
      const common = { k: 10, positions: "last", length: read, carry: false, limit: Number.MAX_SAFE_INTEGER } as const;
      const unseen = sequenceMetrics(modelKernels(), model, of, { ...common, withoutSeen: true });
      const all = sequenceMetrics(modelKernels(), model, of, { ...common, withoutSeen: false });
      return { loss: all.loss, recall: unseen.recall, ndcg: unseen.ndcg, recallOfAll: all.recall, ndcgOfAll: all.ndcg };
    },
  };
}

function words(): SequenceSet {
  const { train, valid, test } = loader().ptb(placeOf("ptb"));
  const of = (ids: Uint16Array): Sequences => ({ ...raggedOf([ids]), itemCount: 10_000 });
  return {
    ...{ train: of(train), valid: of(valid), test: of(test) },
    options: { dim: 200, carry: true, length: 35, batchSize: 20, dropout: 0.3, negatives: 500 },
    measure(model, text) {
      const common = { k: 10, positions: "all", length: 35, carry: true, limit: Number.MAX_SAFE_INTEGER } as const;
      const { loss, perplexity } = sequenceMetrics(modelKernels(), model, text, { ...common, withoutSeen: false });
      return { loss, perplexity };
    },
  };
}

const SETS: Readonly<Record<string, () => SequenceSet>> = {
  "ml-1m": () => clicks("ml-1m", 3706),
  "amazon-beauty": () => clicks("amazon-beauty", 12_101),
  ptb: words,
};
const SAMPLERS: Readonly<Record<string, SamplerOptions>> = {
  midx: { kind: "midx" },
  uniform: { kind: "uniform" },
  unigram: { kind: "unigram" },
  "log-uniform": { kind: "log-uniform" },
};

const [set = "ml-1m"] = positionals;
const made = SETS[set];
if (made === undefined) throw new RangeError(`expected one of ${Object.keys(SETS).join(", ")}, got ${set}`);
if (haveData(set)) {
  if (values.sampler === "none") console.log(JSON.stringify(baselines(made().train, made().test)));
  else await run(made());
}

async function run({ train, valid, test, options: defaults, measure }: SequenceSet): Promise<void> {
  const counts = occurrences(train.ids, train.itemCount);
  const own: SequenceOptions = JSON.parse(values.options);
  const drawn = SAMPLERS[values.sampler];
  const sampler: SamplerFactory | undefined =
    drawn && ((rows, biases) => createSamplerWith(samplerTools(), drawn, { rows, biases, counts }));
  const preset = PRESET_NAMES.find((name) => name === values.preset);
  if (preset !== values.preset)
    throw new RangeError(`expected one of ${PRESET_NAMES.join(", ")}, got ${values.preset}`);
  if (values.patience !== undefined && !values.select) throw new RangeError("--patience expected --select beside it");
  const { negatives, proposals, ...others } = { ...(preset ? { preset } : defaults), ...own };
  const sampled = sampler && { sampler, ...(negatives && { negatives }), ...(proposals && { proposals }) };
  mkdirSync(values.folder, { recursive: true });
  const name = `${values.folder}/${set}-${values.sampler}-${preset ?? ""}${values.options.replaceAll(/[^\w.]+/g, "")}`;
  const checkpoint = `${name}.safetensors`;
  let from = performance.now();
  const { model, epoch, history } = await trainSequencesWith(modelKernels(), train, {
    ...others,
    ...sampled,
    epochs: Number(values.epochs),
    heldOut: valid,
    heldOutLimit: values.select ? rowCount(valid) : 10_000,
    ...(values.select && { selectBy: "recall", withoutSeen: true, patience: Number(values.patience ?? values.epochs) }),
    ...(existsSync(checkpoint) && { resume: readFileSync(checkpoint) }),
    onEpoch(report, bytes) {
      writeFileSync(checkpoint, bytes());
      const seconds = Number(((performance.now() - from) / 1000).toFixed(1));
      const line = JSON.stringify({ seconds, ...report });
      writeFileSync(`${name}.jsonl`, `${line}\n`, { flag: "a" });
      console.log(line);
      from = performance.now();
    },
  });
  const result = { epochs: history.length, epoch, valid: measure(model, valid), test: measure(model, test) };
  writeFileSync(`${name}.jsonl`, `${JSON.stringify(result)}\n`, { flag: "a" });
  console.log(JSON.stringify(result));
}
