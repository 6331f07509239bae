import type { openEncoder } from "../../src/encoder/index.ts";
import type { load } from "../../src/index.ts";
import type { build, SequenceOptions, trainSequences } from "../../src/train/index.ts";
import { sha256 } from "./hash-answers.ts";
import { seededNumbers } from "./input.ts";
import { sampler } from "./train-golden.ts";

/** The library under test, in some runtime. */
export interface SequenceLibrary {
  readonly load: typeof load;
  readonly build: typeof build;
  readonly trainSequences: typeof trainSequences;
  readonly openEncoder: typeof openEncoder;
}

const ITEMS = 64;
const LENGTH = 12;
const ids = Int32Array.from(seededNumbers(40 * LENGTH, 11), (number) => Math.floor(((number + 1) / 2) * ITEMS));
const sequences = { offsets: Uint32Array.from({ length: 41 }, (_, row) => LENGTH * row), ids, itemCount: ITEMS };

const RECURRENT: readonly SequenceOptions[] = [
  { dim: 12, units: 20, tied: false, sampler: () => sampler, negatives: 9 },
  { dim: 12, carry: true, length: 7, batchSize: 5, optimizer: "adagrad", learningRate: 0.1 },
];

const ATTENTION: readonly SequenceOptions[] = [
  { encoder: "attention", dim: 12, length: 8, sampler: () => sampler, negatives: 9 },
  { encoder: "attention", dim: 12, heads: 3, tied: false, betas: [0.9, 0.98], warmup: 2, schedule: "cosine" },
];

/** Builds an index with an encoder of random weights. */
export function encoderFile(builder: typeof build): Promise<Uint8Array<ArrayBuffer>> {
  const [dim, units] = [12, 20];
  const sizes = {
    classes: ITEMS * dim,
    "gru.inputWeight": 3 * units * dim,
    "gru.inputBias": 3 * units,
    "gru.stateWeight": 3 * units * units,
    "gru.stateBias": 3 * units,
    "projection.weight": dim * units,
    "projection.bias": dim,
  };
  const tables = Object.fromEntries(
    Object.entries(sizes).map(([name, size], i) => [name, seededNumbers(size, 20 + i)] as const),
  );
  const encoder = { shape: { encoder: "gru", units, items: "tied" }, tables } as const;
  return builder({ data: tables.classes as Float32Array, shape: [ITEMS, dim] }, { encoder, calibrate: "off" });
}

/** SHA-256 of queries and states that the encoder of such a file makes in this runtime. */
export async function encodedGolden(
  library: Pick<SequenceLibrary, "load" | "openEncoder">,
  file: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const index = await library.load(file);
  const encoder = await library.openEncoder(index);
  const pieces = Array.from({ length: 20 }, (_, row) => index.encode(ids.subarray(row, 2 * row + 1)));
  const { state, query } = encoder.step(encoder.step(encoder.start(), 3).state, 17);
  return sha256(new Uint8Array(await new Blob([...pieces, state, query]).arrayBuffer()));
}

/** SHA-256 of the tables of a sampled and a full training of gated units, and of queries that their indexes encode. */
export const sequencesGolden = (library: SequenceLibrary): Promise<string> => trainedGolden(library, RECURRENT);

/** The same of attention. */
export const attentionGolden = (library: SequenceLibrary): Promise<string> => trainedGolden(library, ATTENTION);

async function trainedGolden(library: SequenceLibrary, trainings: readonly SequenceOptions[]): Promise<string> {
  const pieces: Float32Array<ArrayBuffer>[] = [];
  for (const training of trainings) {
    const { model } = await library.trainSequences(sequences, { epochs: 2, batchSize: 6, seed: 9, ...training });
    pieces.push(...Object.values(model.tables));
    const data = model.tables.classes as Float32Array;
    const index = await library.load(await library.build({ data, shape: [ITEMS, 12] }, { encoder: model }));
    const encoder = await library.openEncoder(index);
    for (let row = 0; row < 10; row++) pieces.push(index.encode(ids.subarray(row, row + 1 + row)));
    pieces.push(encoder.step(encoder.start(), 3).state);
    index.dispose();
  }
  return sha256(new Uint8Array(await new Blob(pieces).arrayBuffer()));
}
