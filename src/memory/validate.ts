import { CODE_BLOCK, FINE_CODEWORDS, FINE_DIMS, LIMIT_EXPONENT } from "../abi.ts";
import { FormatError } from "../bytes/format-error.ts";
import {
  codeBlocks,
  codebookDims,
  fineCount,
  type LabelPrefix,
  paddedCodeword,
  paddedRow,
  ROW_VALUE_BYTES,
  type TensorName,
} from "../format/facts.ts";
import { codeLane } from "../format/fine-codes.ts";
import { type IndexHeader, type TensorPlace, tensorChecksum } from "../format/header.ts";
import { firstWrongCurveValue } from "../format/recall-curve.ts";
import { checksumWith } from "./checksum.ts";
import type { Kernels } from "./kernels.ts";
import type { MemoryPlan } from "./plan.ts";
import { validateLabels } from "./validate-labels.ts";

/**
 * Everything a query relies on, checked once over the tensors in memory, O(N); fills the positions table on the way.
 * FormatError with the offset of the first byte at fault: tensor-checksum, tensor-padding, tensor-value, bucket-codes,
 * bucket-offsets, largest-bucket, ids, label-offsets, label-text, label-order.
 */
export function validateTensors(kernels: Kernels, header: IndexHeader, plan: MemoryPlan): void {
  const { facts } = header;
  const { features } = facts;
  const limit = 2 ** LIMIT_EXPONENT;
  const [dim1, dim2] = codebookDims(facts);
  const codewordCount = 2 ** facts.bits;
  const place = (name: TensorName): TensorPlace => header.tensors[name] as TensorPlace;
  const address = (name: TensorName): number => plan.file + place(name).begin;
  const fail = (code: string, name: TensorName, byte: number, message: string): never => {
    throw new FormatError(code, place(name).begin + byte, `"${name}" ${message}`);
  };
  /** `index` as the kernels report it: the first value at fault, or -1. */
  const check = (code: string, name: TensorName, index: number, valueBytes: number, message: string): void => {
    if (index >= 0) fail(code, name, index * valueBytes, `[${index}] ${message}`);
  };
  const checkRows = (name: TensorName, rows: number, rowBytes: number, usedBytes: number): void => {
    const row = kernels.firstUnpadded(address(name), rows, rowBytes, usedBytes);
    if (row >= 0) fail("tensor-padding", name, row * rowBytes + usedBytes, `row ${row} is not padded with zeros`);
  };
  /** Labels of so many rows, of so many bytes in all. */
  const checkLabels = (prefix: LabelPrefix, count: number, bytes: number): void => {
    for (const [part, used] of [
      ["Offsets", 4 * (count + 1)],
      ["Order", 4 * count],
      ["Text", bytes],
    ] as const) {
      const name = `${prefix}${part}` as const;
      checkRows(name, 1, place(name).end - place(name).begin, used);
    }
    validateLabels(kernels.memory.buffer, header, plan, prefix);
  };
  const checkF32 = (name: TensorName, count: number, low: number, message: string): void =>
    check("tensor-value", name, kernels.firstOutsideF32(address(name), count, low, limit), 4, message);
  const expectsFinite = "expected a finite value of magnitude at most 2^40";

  checkChecksums(kernels, header, plan);

  for (const [name, count, dim] of [
    ["codebook1", codewordCount, dim1],
    ["codebook2", codewordCount, dim2],
    ["features", features?.featureCount ?? 0, facts.dim],
    ["featurePositions", features?.positionCount ?? 0, facts.dim],
  ] as const) {
    if (count === 0) continue;
    const values = paddedCodeword(dim);
    checkF32(name, count * values, -limit, expectsFinite);
    checkRows(name, count, values * 4, dim * 4);
  }
  for (const name of ["bucketCodes", "bucketOffsets", "ids", "bias", "rowScales"] as const) {
    const { begin, end } = header.tensors[name] ?? { begin: 0, end: 0 };
    const used =
      name === "bucketOffsets"
        ? facts.bucketCount + 1
        : name.startsWith("bucket")
          ? facts.bucketCount
          : facts.itemCount;
    if (end > begin) checkRows(name, 1, end - begin, used * 4);
  }
  const codes = kernels.firstUnordered(address("bucketCodes"), facts.bucketCount, codewordCount ** 2);
  check("bucket-codes", "bucketCodes", codes, 4, `expected ascending codes below ${codewordCount ** 2}`);
  checkOffsets(kernels, header, plan, fail);
  const id = kernels.invertIds(address("ids"), facts.itemCount, plan.regions.positions);
  check("ids", "ids", id, 4, `expected every integer in 0..${facts.itemCount - 1} once`);
  if (facts.hasBias) checkF32("bias", facts.itemCount, -limit, expectsFinite);
  if (facts.rows === "i8") checkF32("rowScales", facts.itemCount, 0, "expected a value in 0..2^40");

  if (facts.hasFineCodes) {
    const [used, count] = [Math.ceil(facts.dim / FINE_DIMS), fineCount(facts)];
    const bookBytes = FINE_DIMS * FINE_CODEWORDS * 4;
    const codeBytes = CODE_BLOCK / 2;
    checkF32("fineCodebooks", count * FINE_DIMS * FINE_CODEWORDS, -limit, expectsFinite);
    checkRows("fineCodebooks", 1, count * bookBytes, used * bookBytes);
    checkRows("fineCodes", codeBlocks(facts), count * codeBytes, used * codeBytes);
    checkLastBlock(kernels, header, plan, fail);
    check(
      "tensor-value",
      "recallCurves",
      firstWrongCurveValue(curveValues(kernels, header, plan)),
      4,
      "is no recall curve's",
    );
  }
  if (facts.hasLabels) checkLabels("label", facts.itemCount, facts.labelBytes);
  if (features?.hasFeatureLabels) checkLabels("featureLabel", features.featureCount, features.featureLabelBytes);
  const values = paddedRow(facts);
  checkRows("rows", facts.itemCount, values * ROW_VALUE_BYTES[facts.rows], facts.dim * ROW_VALUE_BYTES[facts.rows]);
  if (facts.rows === "f32") checkF32("rows", facts.itemCount * values, -limit, expectsFinite);
  if (facts.rows === "f16") {
    const bad = kernels.firstNonFiniteF16(address("rows"), facts.itemCount * values);
    check("tensor-value", "rows", bad, 2, "expected a finite value");
  }
  if (facts.rows === "i8") {
    // -128 would break the bound of the integer inner products (assembly/query.ts). 64 MB take 15 ms without a kernel.
    const codes = new Int8Array(kernels.memory.buffer, address("rows"), facts.itemCount * values);
    check("tensor-value", "rows", codes.indexOf(-128), 1, "expected a value in -127..127");
  }
}

function checkChecksums(kernels: Kernels, header: IndexHeader, plan: MemoryPlan): void {
  const memory = new Uint8Array(kernels.memory.buffer);
  const checksum = checksumWith(kernels, plan.regions.topIds); // the names: that region is free yet
  for (const [name, { begin, end }] of Object.entries(header.tensors) as [TensorName, TensorPlace][]) {
    const bytes = memory.subarray(plan.file + begin, plan.file + end);
    if (tensorChecksum(checksum, name, begin, bytes) !== header.checksums[name]) {
      throw new FormatError("tensor-checksum", begin, `"${name}" is not what its checksum was taken of`);
    }
  }
}

/** A view of the curves in the file. */
export function curveValues({ memory }: Pick<Kernels, "memory">, header: IndexHeader, plan: MemoryPlan): Float32Array {
  const { begin, end } = header.tensors.recallCurves as TensorPlace;
  return new Float32Array(memory.buffer, plan.file + begin, (end - begin) / 4);
}

/** Rows behind the last have zeros for codes. */
function checkLastBlock(
  kernels: Kernels,
  header: IndexHeader,
  plan: MemoryPlan,
  fail: (code: string, name: TensorName, byte: number, message: string) => never,
): void {
  const { begin, end } = header.tensors.fineCodes as TensorPlace;
  const bytes = new Uint8Array(kernels.memory.buffer, plan.file + begin, end - begin);
  for (let row = header.facts.itemCount; row % CODE_BLOCK !== 0; row++) {
    const { byte, shift } = codeLane(row);
    for (
      let at = end - begin - fineCount(header.facts) * (CODE_BLOCK / 2) + byte;
      at < bytes.length;
      at += CODE_BLOCK / 2
    ) {
      if ((((bytes[at] as number) >> shift) & 15) !== 0)
        fail("tensor-padding", "fineCodes", at, "has codes behind the last row");
    }
  }
}

/** Offsets start at 0, rise (no bucket of the list is empty), and end at N; the fullest bucket is the one stated. */
function checkOffsets(
  kernels: Kernels,
  header: IndexHeader,
  plan: MemoryPlan,
  fail: (code: string, name: TensorName, byte: number, message: string) => never,
): void {
  const { bucketCount, itemCount, largestBucket } = header.facts;
  const start = plan.file + (header.tensors.bucketOffsets as TensorPlace).begin;
  const offsets = new Int32Array(kernels.memory.buffer, start, bucketCount + 1);
  const bad = kernels.firstUnordered(start, bucketCount + 1, itemCount + 1);
  if (bad >= 0) fail("bucket-offsets", "bucketOffsets", bad * 4, `[${bad}] expected rising offsets up to ${itemCount}`);
  if (offsets[0] !== 0) fail("bucket-offsets", "bucketOffsets", 0, `[0] expected 0, got ${offsets[0]}`);
  if (offsets[bucketCount] !== itemCount) {
    const got = offsets[bucketCount];
    fail("bucket-offsets", "bucketOffsets", bucketCount * 4, `[${bucketCount}] expected ${itemCount}, got ${got}`);
  }
  let largest = 0;
  for (let b = 0; b < bucketCount; b++) {
    const count = (offsets[b + 1] as number) - (offsets[b] as number);
    if (count > largest) largest = count;
  }
  if (largest !== largestBucket) {
    fail("largest-bucket", "bucketOffsets", 0, `has a bucket of ${largest}, "largestBucket" says ${largestBucket}`);
  }
}
