import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { SAMPLER_OPTIONS } from "../../src/cli/training/sampler-options.ts";
import { occurrences, rowCount } from "../../src/train/model/examples.ts";
import type { Metrics } from "../../src/train/model/metrics.ts";
import type { Model } from "../../src/train/model/model.ts";
import type { EpochReport, SamplerFactory } from "../../src/train/model/train-options.ts";
import { createSamplerWith, type SamplerOptions } from "../../src/train/samplers/create.ts";
import { type SequenceMeasure, sequenceMetrics } from "../../src/train/sequences/metrics.ts";
import type { SequenceOptions } from "../../src/train/sequences/options.ts";
import { isOfText, PRESETS, unigramShareOf } from "../../src/train/sequences/presets.ts";
import type { Sequences } from "../../src/train/sequences/sequences.ts";
import { trainSequencesWith } from "../../src/train/sequences/train.ts";
import { modelKernels, samplerTools } from "../library.ts";
import { meanOf } from "../mean-and-deviation.ts";
import { type FullName, hasOwnDraws, isFull, keyOf, type Run, type SamplerName, timesOfDraws } from "./plan.ts";
import { figureOf, protocolOf } from "./protocols.ts";
import type { SequenceSet, SetName } from "./sets.ts";

/** An epoch, with the CPU seconds of its steps. Measuring the held-out items is not in them. */
export interface Passed extends EpochReport {
  readonly seconds: number;
}

/** The figures of a model, over the softmax of all classes. */
export interface Figures {
  readonly loss: number;
  /** By the protocol of the set. Texts have none. */
  readonly recall?: number;
  readonly ndcg?: number;
  readonly mrr?: number;
  /** The figure over all classes, where the protocol leaves out those of the sequence. */
  readonly recallOfAll?: number;
  readonly ndcgOfAll?: number;
}

export interface Trained extends Run {
  readonly passed: readonly Passed[];
  /** The epoch that the held-out items chose. */
  readonly epoch: number;
  readonly test: Figures;
  /** The ranks of the test items that the protocol asks for, 0 for the best, in order. */
  readonly ranks: readonly number[];
}

const FOLDER = new URL("../../build/sequence-runs/", import.meta.url);

/** Returns the finished run, or undefined. */
export function finishedRun(run: Run): Trained | undefined {
  const place = placeOf(run, "json");
  return existsSync(place) ? (JSON.parse(readFileSync(place, "utf8")) as Trained) : undefined;
}

/**
 * Trains a run, and writes its result. A checkpoint and the figures of each epoch are kept, so that a run which was interrupted
 * goes on from there.
 */
export async function trainRun({ train, valid, test }: SequenceSet, run: Run): Promise<Trained> {
  mkdirSync(FOLDER, { recursive: true });
  const [checkpoint, lines] = [placeOf(run, "safetensors"), placeOf(run, "jsonl")];
  const resume = existsSync(checkpoint) ? readFileSync(checkpoint) : undefined;
  const clock = startClock();
  const { model, epoch, history } = await trainSequencesWith(modelKernels(), train, {
    ...optionsOf(run, { train, valid }),
    ...(resume && { resume }),
    onProgress: ({ done, total }) => done === total && clock.stop(),
    onEpoch(report, bytes) {
      const passed: Passed = { ...report, seconds: clock.seconds() };
      appendFileSync(lines, `${JSON.stringify(passed)}\n`);
      writeFileSync(checkpoint, bytes());
      console.log(keyOf(run), JSON.stringify(passed));
      clock.restart();
    },
  });
  // An epoch has two lines if the run was interrupted between its line and its checkpoint. The later one is that of the model.
  const all = readFileSync(lines, "utf8").trim().split("\n");
  const byEpoch = new Map(all.map((line) => JSON.parse(line) as Passed).map((passed) => [passed.epoch, passed]));
  const passed = history.map((report) => byEpoch.get(report.epoch) as Passed);
  const trained: Trained = { ...run, passed, epoch, ...measured(model, test, run.set) };
  writeFileSync(placeOf(run, "json"), JSON.stringify(trained));
  return trained;
}

/** Returns the model of a finished run whose checkpoint is here, or undefined. */
export async function finishedModel(set: SequenceSet, run: Run): Promise<Model | undefined> {
  const checkpoint = placeOf(run, "safetensors");
  if (!finishedRun(run) || !existsSync(checkpoint)) return undefined;
  const options = { ...optionsOf(run, set), resume: readFileSync(checkpoint) };
  return (await trainSequencesWith(modelKernels(), set.train, options)).model;
}

const placeOf = (run: Run, extension: string): URL => new URL(`${keyOf(run)}.${extension}`, FOLDER);

function optionsOf(
  { set, preset, sampler, seed, epochs, patience = epochs, blocks }: Run,
  { train: { ids, itemCount }, valid }: Pick<SequenceSet, "train" | "valid">,
): SequenceOptions {
  const { selectBy } = PRESETS[preset].selected;
  const factory = samplerOf(sampler, occurrences(ids, itemCount), unigramShareOf(preset));
  const { withoutSeen = false } = protocolOf(set) ?? {};
  return {
    preset,
    epochs,
    seed,
    patience,
    selectBy,
    withoutSeen,
    ...(blocks && { blocks }),
    averaging: sampler.endsWith("-averaged"),
    heldOut: valid,
    heldOutLimit: isOfText(preset) ? 10_000 : rowCount(valid),
    ...(factory && { sampler: factory, negatives: timesOfDraws(sampler) * PRESETS[preset].sampled.negatives }),
    ...(hasOwnDraws(sampler) && { sharedBy: 0 }),
  };
}

function samplerOf(name: SamplerName, counts: Uint32Array, shareOfPreset: number): SamplerFactory | undefined {
  if (isFull(name)) return undefined;
  return (rows, biases, _, queries) =>
    createSamplerWith(samplerTools(), drawsOf(name, shareOfPreset, queries), { rows, biases, counts });
}

function drawsOf(
  name: Exclude<SamplerName, FullName>,
  shareOfPreset: number,
  queries: Parameters<SamplerFactory>[3],
): SamplerOptions {
  switch (name) {
    case "midx-half":
      return { kind: "midx", unigramShare: 0.5 };
    case "midx-averaged":
    case "midx-more-averaged":
      return { kind: "midx", unigramShare: shareOfPreset };
    case "midx-own":
      return { kind: "midx" };
    case "uniform-own":
      return { kind: "uniform" };
    default:
      return SAMPLER_OPTIONS[name](queries);
  }
}

function measured(model: Model, test: Sequences, set: SetName): Pick<Trained, "test" | "ranks"> {
  const protocol = protocolOf(set);
  const measure = (options: Omit<SequenceMeasure, "limit">): Metrics =>
    sequenceMetrics(modelKernels(), model, test, { ...options, limit: Number.MAX_SAFE_INTEGER });
  if (protocol === undefined) {
    const { loss } = measure({ k: 1, positions: "all", length: 35, carry: true, withoutSeen: false });
    return { test: { loss }, ranks: [] };
  }
  const { positions, withoutSeen, k, figures } = protocol;
  const common = { k, positions, length: model.shape.length ?? 200, carry: false } as const;
  const byPlace = new Map<number, number>();
  const { loss } = measure({ ...common, withoutSeen, onRank: (at, rank) => byPlace.set(at, rank) });
  const ranks = [...byPlace].sort(([a], [b]) => a - b).map(([, rank]) => rank);
  const own = figures.map((figure) => [figure, meanOf(ranks.map((rank) => figureOf(figure, rank, { k })))]);
  const ofAll = withoutSeen ? measure({ ...common, withoutSeen: false }) : undefined;
  return {
    test: {
      loss,
      ...Object.fromEntries(own),
      ...(ofAll && { recallOfAll: ofAll.recall, ndcgOfAll: ofAll.ndcg }),
    },
    ranks,
  };
}

/** Starts a clock of the CPU time of this thread. */
function startClock() {
  const now = (): number => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1e6;
  };
  let [from, to] = [now(), 0];
  return {
    restart(): void {
      from = now();
    },
    stop(): void {
      to = now();
    },
    seconds: (): number => Number((to - from).toFixed(2)),
  };
}
