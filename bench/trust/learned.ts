// Softmax heads that this repository's own training makes of data sets, and matrix factors. They are kept as
// midx-bench/trust-… in the folder for temporary files, and later runs read them from there.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { queriesOf } from "../../src/train/model/evaluation.ts";
import { type Examples, occurrences, rowCount } from "../../src/train/model/examples.ts";
import { spacedRows } from "../../src/train/model/order.ts";
import { nextWordExamples } from "../../src/train/model/tasks.ts";
import { trainWith } from "../../src/train/model/train.ts";
import { createSamplerWith } from "../../src/train/samplers/create.ts";
import { loader, placeOf } from "../data.ts";
import { modelKernels, samplerTools } from "../library.ts";
import { readSet } from "../tables/sets.ts";
import { WORDS, wordsOf } from "../text.ts";
import { startRandom } from "./synthetic.ts";
import type { TrustHead } from "./trust-head.ts";

const DIM = 64;
const QUERIES = 2000;

/** The words of WikiText-2: a bag of the four words before, by position, peaks on few of 33,278 words. */
export const wordsHead = (): Promise<TrustHead> =>
  trainedHead(
    "words-1",
    1,
    () => nextWordExamples(wordsOf("train"), WORDS, 4),
    () => nextWordExamples(wordsOf("valid"), WORDS, 4),
  );

/** The items of diginetica: the mean of the items of a session before leaves thousands of 43,097 possible. */
export const sessionsHead = (): Promise<TrustHead> => {
  const set = readSet("diginetica");
  return trainedHead(
    "sessions-1",
    3,
    () => set.train,
    () => set.test.examples,
  );
};

/** Trains as `midx train --sampler midx` does. Queries come from held-out examples, evenly spaced. */
async function trainedHead(
  name: string,
  epochs: number,
  training: () => Examples,
  heldOut: () => Examples,
): Promise<TrustHead> {
  const examples = training();
  const { classCount } = examples;
  const counts = occurrences(examples.positives.ids, classCount);
  const [data, bias, queries] = await kept(name, [classCount * DIM, classCount, QUERIES * DIM] as const, async () => {
    const { model } = await trainWith(modelKernels(), examples, {
      dim: DIM,
      epochs,
      negatives: 100,
      form: "B",
      refreshEvery: 500,
      seed: 1,
      sampler: (rows, biases) => createSamplerWith(samplerTools(), { kind: "midx" }, { rows, biases, counts }),
    });
    const others = heldOut();
    const rows = spacedRows(rowCount(others.positives), QUERIES);
    const { classes, bias } = model.tables as { readonly classes: Float32Array; readonly bias: Float32Array };
    return [classes, bias, queriesOf(modelKernels(), model, others, rows)];
  });
  return { itemCount: classCount, dim: DIM, data, bias, counts, queries: shuffled(queries, DIM) };
}

const PLACES = 40_981;
const POWER_STEPS = 5;
/** The length of a query. A ranking needs none, and a softmax gets neither flat nor peaked by it. */
const LENGTH = 40;

/**
 * Matrix factors without bias: the 64 right singular vectors of the users × places of gowalla. A user's query is the sum
 * of the vectors of the places seen.
 */
export async function factorsHead(): Promise<TrustHead> {
  const sizes = [PLACES * DIM, QUERIES * DIM] as const;
  const [data, queries] = await kept("factors-4", sizes, () => {
    const seen = loader().rag(`${placeOf("gowalla")}/train.rag.gz`);
    const vectors = singularVectors(Array.from({ length: seen.n }, (_, user) => seen.row(user)));
    const asked = spacedRows(seen.n, QUERIES);
    const queries = new Float32Array(QUERIES * DIM);
    for (const [row, user] of asked.entries()) {
      const query = queries.subarray(row * DIM, (row + 1) * DIM);
      addRows(query, vectors, seen.row(user));
      const length = Math.hypot(...query) || 1;
      for (let d = 0; d < DIM; d++) query[d] = (at(query, d) / length) * LENGTH;
    }
    return [vectors, queries];
  });
  return { itemCount: PLACES, dim: DIM, data, queries: shuffled(queries, DIM) };
}

/** Subspace iteration: V ← orthonormal(Aᵀ A V). */
function singularVectors(sets: readonly Uint16Array[]): Float32Array {
  const { normal } = startRandom(5);
  let vectors = orthonormal(Float32Array.from({ length: PLACES * DIM }, normal));
  for (let step = 0; step < POWER_STEPS; step++) {
    const product = new Float32Array(PLACES * DIM);
    for (const items of sets) {
      const user = new Float32Array(DIM);
      addRows(user, vectors, items);
      for (const id of items)
        for (let d = 0; d < DIM; d++) product[id * DIM + d] = at(product, id * DIM + d) + at(user, d);
    }
    vectors = orthonormal(product);
  }
  return vectors;
}

const at = (values: Float32Array, index: number): number => values[index] as number;

function addRows(sum: Float32Array, rows: Float32Array, ids: Uint16Array): void {
  for (const id of ids) for (let d = 0; d < DIM; d++) sum[d] = at(sum, d) + at(rows, id * DIM + d);
}

/** Gram and Schmidt, column by column. */
function orthonormal(columns: Float32Array): Float32Array {
  const product = (a: number, b: number): number => {
    let sum = 0;
    for (let i = 0; i < columns.length; i += DIM) sum += at(columns, i + a) * at(columns, i + b);
    return sum;
  };
  for (let column = 0; column < DIM; column++) {
    for (let before = 0; before < column; before++) {
      const share = product(column, before);
      for (let i = 0; i < columns.length; i += DIM)
        columns[i + column] = at(columns, i + column) - share * at(columns, i + before);
    }
    const length = Math.sqrt(product(column, column));
    for (let i = 0; i < columns.length; i += DIM) columns[i + column] = at(columns, i + column) / length;
  }
  return columns;
}

/** Queries in a random order, so that halves of them are alike. */
function shuffled(queries: Float32Array, dim: number): Float32Array {
  const { below } = startRandom(7);
  const order = Array.from({ length: queries.length / dim }, (_, row) => row);
  for (let last = order.length - 1; last > 0; last--) {
    const other = below(last + 1);
    [order[last], order[other]] = [order[other] as number, order[last] as number];
  }
  const mixed = new Float32Array(queries.length);
  for (const [to, from] of order.entries()) mixed.set(queries.subarray(from * dim, (from + 1) * dim), to * dim);
  return mixed;
}

type Tables = readonly Float32Array[];

/** Reads tables of these sizes from the cache, or makes and keeps them. */
async function kept<T extends readonly number[]>(
  name: string,
  sizes: T,
  make: () => Tables | Promise<Tables>,
): Promise<{ -readonly [I in keyof T]: Float32Array }> {
  const path = `${tmpdir()}/midx-bench/trust-${name}.f32`;
  const length = sizes.reduce((a, b) => a + b, 0);
  let values = existsSync(path) ? new Float32Array(new Uint8Array(readFileSync(path)).buffer) : new Float32Array(0);
  if (values.length !== length) {
    values = new Float32Array(length);
    let begin = 0;
    for (const table of await make()) {
      values.set(table, begin);
      begin += table.length;
    }
    mkdirSync(`${tmpdir()}/midx-bench`, { recursive: true });
    writeFileSync(`${path}.${process.pid}`, values);
    renameSync(`${path}.${process.pid}`, path); // at once: another benchmark may run beside this one
  }
  const ends = sizes.map((_, i) => sizes.slice(0, i + 1).reduce((a, b) => a + b));
  return sizes.map((size, i) => values.slice((ends[i] as number) - size, ends[i])) as {
    -readonly [I in keyof T]: Float32Array;
  };
}
