import { CODE_BLOCK, FINE_CODEWORDS, FINE_DIMS } from "../abi.ts";
import { FormatError } from "../bytes/format-error.ts";
import { codeLane } from "../format/fine-codes.ts";
import { type IndexHeader, type TensorPlace, tensorChecksum } from "../format/header.ts";
import { firstWrongCurveValue } from "../format/recall-curve.ts";
import { bucketedCount } from "../format/sections.ts";
import { type LabelPrefix, paddedCodeword, type TensorName } from "../format/tensor-spec.ts";
import { codeBlocks, codebookDims, fineCount, paddedRow, ROW_VALUE_BYTES } from "../format/tensors.ts";
import { checksumWith } from "./checksum.ts";
import type { Kernels } from "./kernels.ts";
import type { MemoryPlan } from "./plan.ts";
import { TensorChecks } from "./tensor-checks.ts";
import { validateLabels } from "./validate-labels.ts";
import { validateSections } from "./validate-sections.ts";

/**
 * Checks everything that queries rely on, once and in O(N), over the tensors in memory, and fills the table of
 * positions. FormatError with the offset of the first wrong byte: tensor-checksum, tensor-padding, tensor-value,
 * bucket-codes, bucket-offsets, largest-bucket, ids, label-offsets, label-text, label-order.
 */
export function validateTensors(kernels: Kernels, header: IndexHeader, plan: MemoryPlan): void {
  const checks = new TensorChecks(kernels, header, plan);
  const { features, hasFineCodes, hasLabels, itemCount, labelBytes } = header.facts;
  checkChecksums(checks);
  checkVectors(checks);
  checkBuckets(checks);
  checkClassValues(checks);
  if (hasFineCodes) checkFineCodes(checks);
  if (hasLabels) checkLabels(checks, "label", itemCount, labelBytes);
  if (features?.hasFeatureLabels) {
    checkLabels(checks, "featureLabel", features.featureCount, features.featureLabelBytes);
  }
  checkRows(checks);
  validateSections(checks);
}

function checkChecksums({ kernels, header, plan }: TensorChecks): void {
  const memory = new Uint8Array(kernels.memory.buffer);
  const checksum = checksumWith(kernels, plan.regions.topIds); // the names: that region is free yet
  for (const [name, { begin, end }] of Object.entries(header.tensors) as [TensorName, TensorPlace][]) {
    const bytes = memory.subarray(plan.file + begin, plan.file + end);
    if (tensorChecksum(checksum, name, begin, bytes) !== header.checksums[name]) {
      throw new FormatError("tensor-checksum", begin, `"${name}" does not match its checksum`);
    }
  }
}

/** Checks codewords, vectors of features, and the padding of tensors with one value for each bucket or class. */
function checkVectors(checks: TensorChecks): void {
  const { bits, bucketCount, dim, features, itemCount } = checks.header.facts;
  const [dim1, dim2] = codebookDims(checks.header.facts);
  for (const [name, count, width] of [
    ["codebook1", 2 ** bits, dim1],
    ["codebook2", 2 ** bits, dim2],
    ["features", features?.featureCount ?? 0, dim],
    ["featurePositions", features?.positionCount ?? 0, dim],
  ] as const) {
    if (count === 0) continue;
    const values = paddedCodeword(width);
    checks.finite(name, count * values);
    checks.padding(name, count, values * 4, width * 4);
  }
  for (const [name, count] of [
    ["bucketCodes", bucketCount],
    ["bucketOffsets", bucketCount + 1],
    ["ids", itemCount],
    ["bias", itemCount],
    ["rowScales", itemCount],
  ] as const) {
    const { begin, end } = checks.header.tensors[name] ?? { begin: 0, end: 0 };
    if (end > begin) checks.padding(name, 1, end - begin, count * 4);
  }
}

/**
 * Checks that codes ascend, that offsets start at 0, rise (no listed bucket is empty) and end at the first outlier or at
 * N, and that the fullest bucket has the stated size.
 */
function checkBuckets(checks: TensorChecks): void {
  const { kernels, header } = checks;
  const { bits, bucketCount, largestBucket } = header.facts;
  const listed = bucketedCount(header.facts);
  const codeCount = 2 ** (2 * bits);
  const codes = kernels.firstUnordered(checks.address("bucketCodes"), bucketCount, codeCount);
  checks.value("bucket-codes", "bucketCodes", codes, 4, `expected ascending codes below ${codeCount}`);
  const fail = (code: string, at: number, message: string): never =>
    checks.fail(code, "bucketOffsets", at * 4, message);
  const start = checks.address("bucketOffsets");
  const offsets = new Int32Array(kernels.memory.buffer, start, bucketCount + 1);
  const bad = kernels.firstUnordered(start, bucketCount + 1, listed + 1);
  if (bad >= 0) fail("bucket-offsets", bad, `[${bad}] expected rising offsets up to ${listed}`);
  if (offsets[0] !== 0) fail("bucket-offsets", 0, `[0] expected 0, got ${offsets[0]}`);
  if (offsets[bucketCount] !== listed) {
    fail("bucket-offsets", bucketCount, `[${bucketCount}] expected ${listed}, got ${offsets[bucketCount]}`);
  }
  let [largest, before] = [0, 0];
  for (const offset of offsets) {
    largest = Math.max(largest, offset - before);
    before = offset;
  }
  if (largest !== largestBucket) {
    fail("largest-bucket", 0, `has a bucket of ${largest}, "largestBucket" says ${largestBucket}`);
  }
}

/** Checks that every class has a position, a bias if the index has biases, and a row scale if it has those. */
function checkClassValues(checks: TensorChecks): void {
  const { itemCount, hasBias, rows } = checks.header.facts;
  const id = checks.kernels.invertIds(checks.address("ids"), itemCount, checks.plan.regions.positions);
  checks.value("ids", "ids", id, 4, `expected every integer in 0..${itemCount - 1} once`);
  if (hasBias) checks.finite("bias", itemCount);
  if (rows === "i8") checks.within("rowScales", itemCount, 0, "expected a value in 0..2^40");
}

function checkFineCodes(checks: TensorChecks): void {
  const { facts } = checks.header;
  const [used, count] = [Math.ceil(facts.dim / FINE_DIMS), fineCount(facts)];
  const bookBytes = FINE_DIMS * FINE_CODEWORDS * 4;
  const codeBytes = CODE_BLOCK / 2;
  checks.finite("fineCodebooks", count * FINE_DIMS * FINE_CODEWORDS);
  checks.padding("fineCodebooks", 1, count * bookBytes, used * bookBytes);
  checks.padding("fineCodes", codeBlocks(facts), count * codeBytes, used * codeBytes);
  checkUncodedRows(checks);
  const wrong = firstWrongCurveValue(curveValues(checks.kernels, checks.header, checks.plan));
  checks.value("tensor-value", "recallCurves", wrong, 4, "is no recall curve's");
}

/** Checks that outliers, and rows beyond the last one, have codes of zero. */
function checkUncodedRows(checks: TensorChecks): void {
  const { facts } = checks.header;
  const bytes = checks.bytes("fineCodes");
  const blockBytes = fineCount(facts) * (CODE_BLOCK / 2);
  for (let row = bucketedCount(facts); row < codeBlocks(facts) * CODE_BLOCK; row++) {
    const { byte, shift } = codeLane(row);
    const block = Math.floor(row / CODE_BLOCK) * blockBytes;
    for (let at = block + byte; at < block + blockBytes; at += CODE_BLOCK / 2) {
      if ((((bytes[at] as number) >> shift) & 15) !== 0) {
        checks.fail("tensor-padding", "fineCodes", at, "has codes of an outlier, or after the last row");
      }
    }
  }
}

/** Returns a view of the recall curves in the file. */
export function curveValues({ memory }: Pick<Kernels, "memory">, header: IndexHeader, plan: MemoryPlan): Float32Array {
  const { begin, end } = header.tensors.recallCurves as TensorPlace;
  return new Float32Array(memory.buffer, plan.file + begin, (end - begin) / 4);
}

/** Checks the labels of `count` rows with `textBytes` bytes of text. */
function checkLabels(checks: TensorChecks, prefix: LabelPrefix, count: number, textBytes: number): void {
  for (const [part, used] of [
    ["Offsets", 4 * (count + 1)],
    ["Order", 4 * count],
    ["Text", textBytes],
  ] as const) {
    const name = `${prefix}${part}` as const;
    const { begin, end } = checks.place(name);
    checks.padding(name, 1, end - begin, used);
  }
  validateLabels(checks.kernels.memory.buffer, checks.header, checks.plan, prefix);
}

function checkRows(checks: TensorChecks): void {
  const { facts } = checks.header;
  const { dim, itemCount, rows } = facts;
  const values = paddedRow(facts);
  const valueBytes = ROW_VALUE_BYTES[rows];
  if (rows === "i8") {
    checks.codes("rows");
    return;
  }
  checks.padding("rows", itemCount, values * valueBytes, dim * valueBytes);
  if (rows === "f32") checks.finite("rows", itemCount * values);
  if (rows === "f16") {
    const bad = checks.kernels.firstNonFiniteF16(checks.address("rows"), itemCount * values);
    checks.value("tensor-value", "rows", bad, 2, "expected a finite value");
  }
}
