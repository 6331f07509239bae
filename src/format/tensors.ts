import { CODE_BLOCK, FINE_CODEWORDS, FINE_DIMS } from "../abi.ts";
import type { IndexFacts } from "./facts.ts";
import { FEATURES } from "./features.ts";
import { CURVE_FIELDS, CURVE_KS, CURVE_POINTS } from "./recall-curve.ts";
import { sectionTensors } from "./sections.ts";
import { labelTensors, type NamedSpec, paddedCodeword, padTo, VECTOR_BYTES } from "./tensor-spec.ts";

const ROW_DTYPE = { f32: "F32", f16: "F16", i8: "I8" } as const;
export const ROW_VALUE_BYTES = { f32: 4, f16: 2, i8: 1 } as const;

/**
 * Returns the number of query values that each codebook sees: all of them (RQ), or one half each, the first being the longer
 * one (PQ).
 */
export function codebookDims(facts: Pick<IndexFacts, "dim" | "quantizer">): [number, number] {
  if (facts.quantizer === "rq") return [facts.dim, facts.dim];
  const first = Math.ceil(facts.dim / 2);
  return [first, facts.dim - first];
}

/** Returns the number of values in a stored row, zero padding included. */
export const paddedRow = (facts: Pick<IndexFacts, "dim" | "rows">): number =>
  padTo(facts.dim, VECTOR_BYTES / ROW_VALUE_BYTES[facts.rows]);

/** Returns the bytes of a stored row, zero padding included. */
export const rowBytes = (facts: Pick<IndexFacts, "dim" | "rows">): number =>
  paddedRow(facts) * ROW_VALUE_BYTES[facts.rows];

/**
 * Returns the number of sub-quantizers of the fine codes, 0 without fine codes. Each has 4 bits for FINE_DIMS values of a
 * row. The number is even, so the last one may be of zeros.
 */
export const fineCount = ({ dim, hasFineCodes }: Pick<IndexFacts, "dim" | "hasFineCodes">): number =>
  hasFineCodes ? padTo(Math.ceil(dim / FINE_DIMS), 2) : 0;

/** Returns the number of blocks of CODE_BLOCK rows. */
export const codeBlocks = ({ itemCount }: Pick<IndexFacts, "itemCount">): number => Math.ceil(itemCount / CODE_BLOCK);

/** Lists the tensors of a file in file order: the table that parse, serialise and FORMAT.md share. */
export function tensorTable(facts: IndexFacts): NamedSpec[] {
  const codewordCount = 2 ** facts.bits;
  const [dim1, dim2] = codebookDims(facts);
  const items = padTo(facts.itemCount, 4);
  const buckets = padTo(facts.bucketCount, 4);
  const table: NamedSpec[] = [
    { name: "codebook1", dtype: "F32", shape: [codewordCount, paddedCodeword(dim1)] },
    { name: "codebook2", dtype: "F32", shape: [codewordCount, paddedCodeword(dim2)] },
    { name: "bucketCodes", dtype: "I32", shape: [buckets] },
    { name: "bucketOffsets", dtype: "I32", shape: [padTo(facts.bucketCount + 1, 4)] },
    { name: "ids", dtype: "I32", shape: [items] },
  ];
  if (facts.hasBias) table.push({ name: "bias", dtype: "F32", shape: [items] });
  if (facts.hasFineCodes) {
    table.push({ name: "fineCodebooks", dtype: "F32", shape: [fineCount(facts), FINE_DIMS, FINE_CODEWORDS] });
    table.push({ name: "fineCodes", dtype: "U8", shape: [codeBlocks(facts), fineCount(facts), CODE_BLOCK / 2] });
    table.push({ name: "recallCurves", dtype: "F32", shape: [CURVE_KS.length, CURVE_POINTS, CURVE_FIELDS] });
  }
  if (facts.rows === "i8") table.push({ name: "rowScales", dtype: "F32", shape: [items] });
  table.push({ name: "rows", dtype: ROW_DTYPE[facts.rows], shape: [facts.itemCount, paddedRow(facts)] });
  if (facts.hasLabels) table.push(...labelTensors("label", facts.itemCount, facts.labelBytes));
  table.push(...FEATURES.tensors(facts.features, facts.dim), ...sectionTensors(facts));
  return table;
}
