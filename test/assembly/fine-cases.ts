import { biases } from "../fixtures/index-cases.ts";
import { anyCodes, type TinySpec, tinyIndex } from "../fixtures/tiny-index.ts";
import type { ReferenceIndex } from "../reference/reference-index.ts";
import { integerRows } from "../train/rows.ts";

const SPECS: Record<string, TinySpec> = {
  "no class": { itemCount: 0, dim: 3, bits: 2 },
  "one class of one value": { itemCount: 1, dim: 1, bits: 0, bias: [-2] },
  "31 classes, one group": { itemCount: 31, dim: 2, bits: 0, rows: "i8" },
  "32 classes, pq of one value": { itemCount: 32, dim: 1, bits: 1, quantizer: "pq" },
  "33 classes, pq": { itemCount: 33, dim: 5, bits: 1, quantizer: "pq", bias: biases(33, 1) },
  "groups in the middle of blocks": { itemCount: 700, dim: 3, bits: 4, bias: biases(700, 2) },
  "f16, groups smaller than a block": { itemCount: 500, dim: 17, bits: 6, rows: "f16" },
  "integers, ties": { itemCount: 900, dim: 4, bits: 2, values: "integer", bias: integerRows(900, 3) },
  "all alike": { itemCount: 300, dim: 4, bits: 2, values: "integer", scale: 0 },
  "int8, pq, odd": { itemCount: 611, dim: 7, bits: 3, quantizer: "pq", rows: "i8", bias: biases(611, 4) },
  cosine: { itemCount: 260, dim: 17, bits: 2, metric: "cosine", rows: "f32", bias: biases(260, 5) },
  "two groups of thousands": {
    itemCount: 3000,
    dim: 6,
    bits: 3,
    codes: anyCodes(3000, 16, 6).map((code) => 3 * 8 + code + 8),
    scale: 4,
  },
  "outliers and dispersions": {
    ...{ itemCount: 640, dim: 7, bits: 3, rows: "i8", bias: biases(640, 7) },
    ...{ outliers: [0, 31, 32, 33, 300, 638, 639], dispersion: true },
  },
  "pq with an outlier, wide dispersions": {
    ...{ itemCount: 200, dim: 6, bits: 2, quantizer: "pq", scale: 4, outliers: [77], dispersion: true },
  },
  "a wide row": { itemCount: 70, dim: 200, bits: 2 },
};

/** Indexes with fine codes, named by what is special about them. */
export const FINE_CASES: readonly (readonly [name: string, index: ReferenceIndex])[] = Object.entries(SPECS).map(
  ([name, spec], i) => [name, tinyIndex({ seed: 100 + i, ...spec, fineCodes: true })],
);

export const WITH_CLASSES = FINE_CASES.filter(([, index]) => index.facts.itemCount > 0);
