import { type CallLibrary, callsGolden } from "../../golden/calls-golden.ts";
import { samplersGolden } from "../../golden/samplers-golden.ts";
import {
  attentionGolden,
  encodedGolden,
  type SequenceLibrary,
  sequencesGolden,
} from "../../golden/sequences-golden.ts";
import { trainGolden } from "../../golden/train-golden.ts";
import { buildGolden } from "./build-golden.ts";
import { keepPromises, type Report } from "./keep-promises.ts";
import type { Files, Library } from "./library.ts";

type Training = Pick<typeof import("../../../src/train/index.ts"), "createSampler" | "train">;

/** Everything that a report needs of the package, from the modules that an entry imports. */
export type WholeLibrary = Library & CallLibrary & SequenceLibrary & Training;

/** The report of a runtime that builds and trains. */
export interface BuildingReport extends Report {
  /** SHA-256 of queries that an encoder makes. */
  readonly encoded: string;
  /** SHA-256 of answers of decoding, changed logits, parts and changes. */
  readonly calls: string;
  /** SHA-256 of the file. */
  readonly built: string;
  /** SHA-256 of the checkpoints. */
  readonly trained: string;
  /** SHA-256 of draws of every sampler. */
  readonly samplers: string;
  /** SHA-256 of models of sequences and of queries that their indexes encode. */
  readonly sequences: string;
  /** SHA-256 of models with attention and of queries that their indexes encode. */
  readonly attention: string;
}

export async function buildingReport(library: WholeLibrary, files: Files): Promise<BuildingReport> {
  return {
    ...(await keepPromises(library, files)),
    encoded: await encodedGolden(library, files.encoder),
    calls: await callsGolden(library),
    built: await buildGolden(library.build),
    trained: await trainGolden(library.train),
    samplers: await samplersGolden(library.createSampler),
    sequences: await sequencesGolden(library),
    attention: await attentionGolden(library),
  };
}
