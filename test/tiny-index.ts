import query from "../build/query.wasm";
import { DISPERSION_DIRECTIONS } from "../src/abi.ts";
import { floatsToHalves, floatToHalf, halfToFloat } from "../src/bytes/float16.ts";
import { dtypeBytes } from "../src/bytes/safetensors.ts";
import { type CalibrationValues, calibrationToValues } from "../src/format/calibration-values.ts";
import type { IndexFacts } from "../src/format/facts.ts";
import { paddedCodeword, type TensorName } from "../src/format/tensor-spec.ts";
import { codebookDims, paddedRow, tensorTable } from "../src/format/tensors.ts";
import { checksumWith } from "../src/memory/checksum.ts";
import { instantiateQuery } from "../src/memory/kernels.ts";
import type { FeatureTable } from "../src/train/build/build-options.ts";
import { encodeFeatures } from "../src/train/build/encode-features.ts";
import { encodeLabels } from "../src/train/build/encode-labels.ts";
import type { ReferenceIndex } from "./reference/reference-index.ts";
import { serialise } from "./serialise.ts";
import { integerRows, randomRows } from "./train/rows.ts";

/**
 * Rows, codebooks and biases are made up, and classes are put into buckets at will. Nothing is trained, so every shape
 * is available.
 */
export interface TinySpec {
  readonly itemCount: number;
  readonly dim: number;
  readonly bits: number;
  readonly quantizer?: IndexFacts["quantizer"];
  readonly rows?: IndexFacts["rows"];
  readonly metric?: IndexFacts["metric"];
  /** By class. */
  readonly bias?: ArrayLike<number>;
  /** k1·K + k2 by class; arbitrary by default. */
  readonly codes?: ArrayLike<number>;
  /** "integer": values from −4 to 4, whose inner products are exact. The default, "random": values in [−1, 1). */
  readonly values?: "integer" | "random";
  /** The factor of codewords and rows; a power of two keeps integers exact. */
  readonly scale?: number;
  /** Adds arbitrary sub-quantizers and codes. */
  readonly fineCodes?: boolean;
  /** By class. */
  readonly labels?: readonly string[];
  readonly features?: FeatureTable;
  /** Ids of classes that lie behind the last bucket, ascending. */
  readonly outliers?: readonly number[];
  /** Adds arbitrary dispersions. */
  readonly dispersion?: boolean;
  readonly calibration?: IndexFacts["calibration"];
  readonly report?: IndexFacts["report"];
  readonly seed?: number;
}

/** The calibration that a file states, in numbers that f32 holds. */
export const CALIBRATION: CalibrationValues = {
  ...{ factor: 1.25, limit: 4096, coverage: 0.9375, flagged: 0.25, answers: 512, largestMiss: 2.5, spread: 1.5 },
};

export function tinyIndex(spec: TinySpec): ReferenceIndex {
  const { itemCount, dim, bits, quantizer = "rq", rows = "f32", metric = "dot", scale = 1, seed = 1 } = spec;
  const values = (count: number, stream: number): Float32Array =>
    (spec.values === "integer" ? integerRows : randomRows)(count, 16 * seed + stream);
  const scaled = (count: number, stream: number): Float32Array => values(count, stream).map((value) => value * scale);
  const codewordCount = 2 ** bits;
  const [dim1, dim2] = codebookDims({ dim, quantizer });
  const codes = Int32Array.from(spec.codes ?? anyCodes(itemCount, codewordCount ** 2, seed));
  const { outliers = [] } = spec;
  const codeOf = (id: number): number => (outliers.includes(id) ? Number.POSITIVE_INFINITY : (codes[id] as number));
  const bucketed = Int32Array.from(codes.keys()).filter((id) => !outliers.includes(id));
  const listed = bucketed.sort((a, b) => codeOf(a) - codeOf(b) || a - b);
  const ids = Int32Array.of(...listed, ...outliers);
  const bucketCodes = Int32Array.from(new Set(Array.from(listed, codeOf))).sort();
  const firstOf = new Map(Array.from(listed, (id, position) => [codeOf(id), position] as const).reverse());
  const bucketOffsets = Int32Array.of(...Array.from(bucketCodes, (code) => firstOf.get(code) as number), listed.length);
  const counts = Array.from(
    bucketCodes,
    (_, bucket) => (bucketOffsets[bucket + 1] as number) - (bucketOffsets[bucket] as number),
  );
  const { bias } = spec;
  const labels = spec.labels && encodeLabels(spec.labels, itemCount);
  const features = spec.features && encodeFeatures(spec.features, dim);
  return {
    facts: {
      itemCount,
      dim,
      bits,
      quantizer,
      rows,
      metric,
      hasBias: bias !== undefined,
      hasFineCodes: spec.fineCodes === true,
      hasLabels: labels !== undefined,
      labelBytes: labels?.text.length ?? 0,
      ...(features && { features: features.facts }),
      bucketCount: bucketCodes.length,
      largestBucket: Math.max(0, ...counts),
      seed: 0n,
      source: "0".repeat(16),
      builder: "tiny",
      ...(outliers.length > 0 && { outliers: { count: outliers.length } }),
      ...(spec.dispersion && { dispersion: {} }),
      ...(spec.calibration && { calibration: spec.calibration }),
      ...(spec.report && { report: spec.report }),
    },
    codebook1: scaled(codewordCount * dim1, 1),
    codebook2: scaled(codewordCount * dim2, 2),
    bucketCodes,
    bucketOffsets,
    ids,
    rows: rowsOf(rows, scaled(itemCount * dim, 3)),
    rowScales: rows === "i8" ? values(itemCount, 4).map((value) => Math.abs(value) * scale) : undefined,
    bias: bias && Float32Array.from(ids, (id) => bias[id] as number),
    fineCodebooks: spec.fineCodes ? scaled(Math.ceil(dim / 2) * 32, 6) : undefined,
    labels,
    features: Object.fromEntries(
      Object.entries(features?.tensors ?? {}).map(([name, pieces]) => [name, endToEnd([...(pieces ?? [])])]),
    ),
    fineCodes: spec.fineCodes
      ? Uint8Array.from(anyCodes(itemCount * Math.ceil(dim / 2), 16, seed + 7919)).fill(
          0,
          listed.length * Math.ceil(dim / 2),
        )
      : undefined,
    dispersions: spec.dispersion
      ? values(bucketCodes.length, 8).map((value) => Math.abs(value) * scale * scale)
      : undefined,
    directions: directionsOf(dim, values),
    means: values(3, 9).map(Math.abs),
  };
}

/** (DISPERSION_DIRECTIONS, D) of which the first two are not zero. */
function directionsOf(dim: number, values: (count: number, stream: number) => Float32Array): Float32Array {
  const directions = new Float32Array(DISPERSION_DIRECTIONS * dim);
  directions.set(values(2 * dim, 11).map((value) => value / 2));
  return directions;
}

function endToEnd(pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** Seeded codes below `limit`. */
export const anyCodes = (count: number, limit: number, seed: number): number[] =>
  Array.from(randomRows(count, 16 * seed + 5), (value) => Math.floor(((value + 1) / 2) * limit));

/** The values that rows of this type can hold: rounded for f16, integers for int8. */
function rowsOf(rows: IndexFacts["rows"], values: Float32Array): Float32Array {
  if (rows === "f16") return values.map((value) => halfToFloat(floatToHalf(value)));
  const largest = values.reduce((top, value) => Math.max(top, Math.abs(value)), 0) || 1;
  return rows === "i8" ? values.map((value) => Math.round((127 * value) / largest)) : values;
}

const checksum = checksumWith(instantiateQuery(query));

/** The bytes of the index file. */
export function indexFile(index: ReferenceIndex): Uint8Array<ArrayBuffer> {
  const { facts } = index;
  const [dim1, dim2] = codebookDims(facts);
  const values: Partial<
    Record<TensorName, Int32Array | Float32Array | Uint16Array | Int8Array | Uint8Array | undefined>
  > = {
    codebook1: padRows(index.codebook1, 2 ** facts.bits, dim1, paddedCodeword(dim1)),
    codebook2: padRows(index.codebook2, 2 ** facts.bits, dim2, paddedCodeword(dim2)),
    bucketCodes: index.bucketCodes,
    bucketOffsets: index.bucketOffsets,
    ids: index.ids,
    bias: index.bias,
    fineCodebooks: index.fineCodebooks,
    fineCodes: codeBlocks(index),
    recallCurves: new Float32Array(0),
    rowScales: index.rowScales,
    rows: storedRows(index),
    labelOffsets: index.labels?.offsets,
    labelOrder: index.labels?.order,
    labelText: index.labels?.text,
    ...index.features,
    "dispersion.buckets": index.dispersions,
    "dispersion.directions": padRows(index.directions, DISPERSION_DIRECTIONS, facts.dim, paddedCodeword(facts.dim)),
    "dispersion.means": index.means,
    "calibration.values": calibrationToValues(CALIBRATION),
  };
  const bytes: Partial<Record<TensorName, Uint8Array>> = {};
  for (const { name, dtype, shape } of tensorTable(facts)) {
    const given = values[name] as Float32Array;
    const whole = new Uint8Array(shape.reduce((product, length) => product * length, dtypeBytes(dtype)));
    whole.set(new Uint8Array(given.buffer, given.byteOffset, given.byteLength));
    bytes[name] = whole;
  }
  return serialise(facts, bytes, checksum);
}

/** The fine codes as they lie in a file (FORMAT.md): (⌈N / 32⌉, M, 16), M = 2 ⌈D / 4⌉. */
function codeBlocks({ facts, fineCodes }: ReferenceIndex): Uint8Array {
  const [used, count] = [Math.ceil(facts.dim / 2), 2 * Math.ceil(facts.dim / 4)];
  const blocks = new Uint8Array(Math.ceil(facts.itemCount / 32) * count * 16);
  for (const [i, code] of (fineCodes ?? []).entries()) {
    const [position, m] = [Math.floor(i / used), i % used];
    const [half, lane] = [Math.floor((position % 32) / 16), position % 16];
    const byte = (Math.floor(position / 32) * count + m) * 16 + (lane < 8 ? 2 * lane : 2 * (lane - 8) + 1);
    blocks[byte] = (blocks[byte] as number) | (code << (4 * half));
  }
  return blocks;
}

/** The rows as they lie in a file: (N, padded D) of the row type. */
export function storedRows({ facts, rows }: ReferenceIndex): Float32Array | Uint16Array | Int8Array {
  const padded = padRows(rows, facts.itemCount, facts.dim, paddedRow(facts));
  if (facts.rows === "f16") return floatsToHalves(padded);
  return facts.rows === "i8" ? Int8Array.from(padded) : padded;
}

/** Pads rows from (count, dim) to (count, stride), with zeros behind each. */
export function padRows(values: Float32Array, count: number, dim: number, stride: number): Float32Array {
  const padded = new Float32Array(count * stride);
  for (let row = 0; row < count; row++) padded.set(values.subarray(row * dim, (row + 1) * dim), row * stride);
  return padded;
}
