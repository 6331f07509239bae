import type { ReferenceIndex } from "./reference/reference-index.ts";
import { EVERY } from "./size.ts";
import { anyCodes, type TinySpec, tinyIndex } from "./tiny-index.ts";
import { integerRows, randomRows } from "./train/rows.ts";

/** `count` biases in [−3, 3). */
export const biases = (count: number, seed: number): Float32Array => randomRows(count, seed).map((value) => 3 * value);

const [THOUSANDS, WIDE] = EVERY ? [5000, 1500] : [3300, 800];

const SPECS: Record<string, TinySpec> = {
  "no class": { itemCount: 0, dim: 3, bits: 0 },
  "no class of 64 codewords": { itemCount: 0, dim: 4, bits: 6, quantizer: "pq", bias: [] },
  "one class": { itemCount: 1, dim: 1, bits: 0, bias: [0.5] },
  "one bucket": { itemCount: 70, dim: 3, bits: 0, rows: "i8" },
  "pq of one dimension": { itemCount: 9, dim: 1, bits: 1, quantizer: "pq" },
  "pq of an odd dimension": { itemCount: 33, dim: 5, bits: 1, quantizer: "pq", bias: biases(33, 1) },
  "rq of 4 codewords, f16": { itemCount: 100, dim: 9, bits: 2, rows: "f16", bias: biases(100, 2) },
  "pq of 64 codewords, int8": { itemCount: 700, dim: 7, bits: 6, quantizer: "pq", rows: "i8", bias: biases(700, 3) },
  "rq of 64 codewords, dense": { itemCount: EVERY ? 3000 : 1800, dim: 4, bits: 6, scale: 2 },
  "rq of integers": { itemCount: 400, dim: 8, bits: 3, values: "integer", bias: integerRows(400, 4) },
  "pq of int8 rows without bias": { itemCount: 257, dim: 16, bits: 4, quantizer: "pq", rows: "i8" },
  "three buckets of thousands": {
    itemCount: THOUSANDS,
    dim: 2,
    bits: 1,
    codes: anyCodes(THOUSANDS, 3, 5),
    bias: biases(THOUSANDS, 5),
  },
  "one wide group": { itemCount: WIDE, dim: 3, bits: 9, codes: anyCodes(WIDE, 512, 6), bias: biases(WIDE, 6) },
  "few buckets far apart": { itemCount: 60, dim: 6, bits: 5, codes: anyCodes(60, 3, 7).map((code) => 400 * code + 9) },
  cosine: { itemCount: 90, dim: 5, bits: 3, metric: "cosine", rows: "f16" },
  "outliers and dispersions": {
    ...{ itemCount: 300, dim: 6, bits: 3, bias: biases(300, 10) },
    ...{ outliers: [3, 4, 77, 150, 299], dispersion: true },
  },
  "outliers of int8 rows, wide dispersions": {
    ...{ itemCount: 700, dim: 7, bits: 4, quantizer: "pq", rows: "i8", scale: 4 },
    ...{ outliers: [0, 5, 12, 300, 301, 302, 699], dispersion: true },
  },
  "outliers alone in their buckets": {
    ...{ itemCount: 40, dim: 3, bits: 1, codes: anyCodes(40, 3, 9).map((code, id) => (id < 5 ? 3 : code)) },
    outliers: [0, 1, 2, 3, 4],
  },
  "equal rows": { itemCount: 300, dim: 4, bits: 4, values: "integer", scale: 0 },
};

/** Indexes of every kind, named by what is special about them. */
export const INDEX_CASES: readonly (readonly [name: string, index: ReferenceIndex])[] = Object.entries(SPECS).map(
  ([name, spec], i) => [name, tinyIndex({ seed: i + 1, ...spec })],
);

/** Indexes whose logits reach ±10^3 and more: no f32 holds their masses side by side. */
export const LARGE_LOGIT_CASES: readonly (readonly [name: string, index: ReferenceIndex])[] = [
  ["rq, logits of hundreds", tinyIndex({ itemCount: 500, dim: 8, bits: 4, scale: 64, bias: biases(500, 8), seed: 31 })],
  ["pq, logits of thousands", tinyIndex({ itemCount: 300, dim: 7, bits: 3, quantizer: "pq", scale: 512, seed: 32 })],
  [
    "int8, biases of thousands",
    tinyIndex({
      itemCount: 200,
      dim: 6,
      bits: 3,
      rows: "i8",
      bias: biases(200, 9).map((bias) => 1000 * bias),
      seed: 33,
    }),
  ],
  ["rq, sparse", tinyIndex({ itemCount: 40, dim: 4, bits: 5, scale: 1000, rows: "f16", seed: 34 })],
];

/** A query of the index's dimension, in [−1, 1) times `scale`. */
export const anyQuery = (index: ReferenceIndex, seed: number, scale = 1): Float32Array =>
  randomRows(index.facts.dim, 900 + seed).map((value) => value * scale);
