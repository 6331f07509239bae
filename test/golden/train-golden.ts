import { parseHeader, serialiseHeader } from "../../src/bytes/safetensors.ts";
import type { Examples, Sampler, TrainOptions } from "../../src/train/index.ts";
import { sha256 } from "./hash-answers.ts";
import { seededNumbers } from "./input.ts";

const WORDS = 64;
const ROWS = 1000;
const HISTORY = 3;

const word = (number: number): number => Math.floor(((number + 1) / 2) * WORDS);

const examples: Examples = {
  features: {
    offsets: Uint32Array.from({ length: ROWS + 1 }, (_, row) => HISTORY * row),
    ids: Int32Array.from(seededNumbers(HISTORY * ROWS, 6), word),
    weights: seededNumbers(HISTORY * ROWS, 7),
  },
  positives: {
    offsets: Uint32Array.from({ length: ROWS + 1 }, (_, row) => row),
    ids: Int32Array.from(seededNumbers(ROWS, 8), word),
  },
  featureCount: WORDS,
  classCount: WORDS,
  positionCount: HISTORY,
};

/** log 1/64. It is written out because a host's Math.log may round it differently. */
const LOG_Q = -4.1588830833596715;

/**
 * Draws every class with the same probability, by a generator in integers. Positives may be among the draws, as in form
 * A.
 */
export const sampler: Sampler = {
  name: "uniform",
  adaptive: false,
  draw(_query, count, _excluded, seed) {
    const start = Number(BigInt.asUintN(31, seed)) + 1;
    return { ids: Int32Array.from(seededNumbers(count, start), word), logQ: new Float64Array(count).fill(LOG_Q) };
  },
  logQ: (_query, ids) => new Float64Array(ids.length).fill(LOG_Q),
  refresh: () => ({ kind: "none", moved: 0, seconds: 0 }),
};

const TRAININGS: readonly TrainOptions[] = [
  { hidden: "tanh", optimizer: "adam", sampler: () => sampler, form: "A", negatives: 9, weightDecay: 0.1 },
  { hidden: "relu", optimizer: "adagrad", heldOut: examples },
];

/**
 * A checkpoint in the form from before its header had a version and checksums. The training is the same, so its hash
 * is.
 */
function plainCheckpoint(file: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[] {
  const { tensors, metadata, byteLength } = parseHeader(file, file.byteLength);
  const facts = Object.fromEntries(["midx.model", "midx.training"].map((key) => [key, metadata[key] as string]));
  return [Uint8Array.from(serialiseHeader(tensors, facts)), file.subarray(byteLength)];
}

/** SHA-256 of the checkpoints of a sampled and a full training in this runtime, without their checksums. */
export async function trainGolden(train: typeof import("../../src/train/index.ts").train): Promise<string> {
  const checkpoints: Uint8Array<ArrayBuffer>[] = [];
  for (const training of TRAININGS) {
    const onEpoch: TrainOptions["onEpoch"] = (_report, checkpoint) =>
      void checkpoints.push(...plainCheckpoint(checkpoint()));
    await train(examples, { ...training, dim: 12, epochs: 2, batchSize: 48, seed: 9, onEpoch });
  }
  return sha256(new Uint8Array(await new Blob(checkpoints).arrayBuffer()));
}
