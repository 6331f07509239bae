import { type KnotPlace, ownKnot, placeAmongKnots } from "../src/memory/knots.ts";
import { bytesOf, float32Of, int32Of, type RawFile, readRaw } from "./index-file.ts";
import { exp32 } from "./reference/exp.ts";

/** The tables of an index file as plain numbers. Positions run through the buckets in the order of the file. */
export interface StoredIndex {
  readonly itemCount: number;
  readonly dim: number;
  readonly metric: string;
  /** Values of the query that the first codebook sees, and the first value that the second sees. */
  readonly firstEnd: number;
  readonly secondFrom: number;
  readonly codebook1: readonly (readonly number[])[];
  readonly codebook2: readonly (readonly number[])[];
  readonly buckets: readonly Bucket[];
  /** Positions of the outliers that take part. They lie behind the last bucket and belong to none. */
  readonly outliers: readonly number[];
  /** The facts about residuals. A file of format 1.0 states none. */
  readonly dispersion: StoredDispersion | undefined;
  /** Class at a position. */
  readonly ids: Int32Array;
  /** Values at a position, `dim` of them; int8 rows: their codes. */
  readonly rows: readonly (readonly number[])[];
  /** The scales, for int8 rows only. */
  readonly rowScales: Float32Array | undefined;
  readonly bias: Float32Array | undefined;
}

export interface StoredDispersion {
  /** The mean squared residual, by bucket. */
  readonly buckets: Float32Array;
  /** The directions in which residuals vary more, `dim` values each and padding. */
  readonly directions: readonly (readonly number[])[];
}

export interface Bucket {
  /** Codewords. */
  readonly first: number;
  readonly second: number;
  /** Positions [begin, end). */
  readonly begin: number;
  readonly end: number;
  /** log w_b; −∞ where no class of it takes part. */
  readonly logWeight: number;
  /** Share of the bucket each class is drawn with, in units of 2^-31. */
  readonly widths: readonly number[];
}

/** The conditions of the weights: e^(bias / temperature) of the classes that are not excluded. */
export interface Weighing {
  readonly temperature?: number;
  readonly takesPart?: (id: number) => boolean;
}

export function storedIndex(file: Uint8Array, weighing: Weighing = {}): StoredIndex {
  const raw = readRaw(file);
  const buckets = bucketsOf(raw, weighing);
  const { metadata } = raw;
  const dim = Number(metadata.dim);
  const itemCount = Number(metadata.itemCount);
  const halves = metadata.quantizer === "pq";
  return {
    itemCount,
    dim,
    metric: metadata.metric as string,
    firstEnd: halves ? Math.ceil(dim / 2) : dim,
    secondFrom: halves ? Math.ceil(dim / 2) : 0,
    codebook1: matrixOf(raw, "codebook1"),
    codebook2: matrixOf(raw, "codebook2"),
    buckets,
    outliers: outliersOf(raw, buckets.at(-1)?.end ?? 0, weighing),
    dispersion: dispersionOf(raw),
    ids: int32Of(raw, "ids").subarray(0, itemCount),
    rows: matrixOf(raw, "rows"),
    rowScales: metadata.rows === "i8" ? float32Of(raw, "rowScales") : undefined,
    bias: biasOf(raw),
  };
}

const biasOf = (raw: RawFile): Float32Array | undefined =>
  raw.metadata.hasBias === "true" ? float32Of(raw, "bias").subarray(0, Number(raw.metadata.itemCount)) : undefined;

function outliersOf(raw: RawFile, begin: number, { takesPart = () => true }: Weighing): number[] {
  const ids = int32Of(raw, "ids");
  const positions = Array.from({ length: Number(raw.metadata["outliers.count"] ?? 0) }, (_, i) => begin + i);
  return positions.filter((position) => takesPart(ids[position] as number));
}

function dispersionOf(raw: RawFile): StoredDispersion | undefined {
  if (!("dispersion.buckets" in raw.tensors)) return;
  return { buckets: float32Of(raw, "dispersion.buckets"), directions: matrixOf(raw, "dispersion.directions") };
}

function bucketsOf(raw: RawFile, { temperature = 1, takesPart = () => true }: Weighing): Bucket[] {
  const bias = biasOf(raw);
  const ids = int32Of(raw, "ids");
  const codewordCount = 2 ** Number(raw.metadata.bits);
  const offsets = int32Of(raw, "bucketOffsets");
  const codes = int32Of(raw, "bucketCodes").subarray(0, Number(raw.metadata.bucketCount));
  return Array.from(codes, (code, b) => {
    const begin = offsets[b] as number;
    const end = offsets[b + 1] as number;
    const place = { first: Math.floor(code / codewordCount), second: code % codewordCount, begin, end };
    const biases = bias?.subarray(begin, end) ?? new Float32Array(end - begin);
    const taking = Array.from(ids.subarray(begin, end), takesPart);
    const inverse = Math.fround(1 / temperature);
    if (!("dispersion.buckets" in raw.tensors)) return { ...place, ...sharesOf(biases, taking, inverse) };
    return {
      ...place,
      ...sharesAmongKnots(
        biases,
        taking,
        bias && Number(raw.metadata.itemCount) >= 2 * codes.length ? placeAmongKnots(inverse) : ownKnot(inverse),
      ),
    };
  });
}

/**
 * One unit of 2^-31 a class that takes part, the rest by e^(bias / T), cut down where each class begins
 * (assembly/exact/weights.ts). exp32 is the library's: another rounding could move a cut by a unit, which is a factor 2
 * for a class that has only one.
 */
function sharesOf(
  bias: Float32Array,
  taking: readonly boolean[],
  scale: number,
): { logWeight: number; widths: number[] } {
  const count = taking.filter(Boolean).length;
  const top = bias.reduce((a, beta, i) => (taking[i] ? Math.max(a, beta) : a), Number.NEGATIVE_INFINITY);
  const weights = Array.from(bias, (beta, i) => (taking[i] ? exp32(Math.fround(Math.fround(beta - top) * scale)) : 0));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const perWeight = (2 ** 31 - count) / total;
  const starts: number[] = [];
  let before = 0;
  let sum = 0;
  for (const [i, weight] of weights.entries()) {
    starts.push(before < count ? before + Math.floor(sum * perWeight) : 2 ** 31);
    sum += weight;
    before += taking[i] ? 1 : 0;
  }
  starts.push(2 ** 31);
  const widths = weights.map((_, i) => (starts[i + 1] as number) - (starts[i] as number));
  return { logWeight: top * scale + Math.log(total), widths };
}

/**
 * Weights on the chord between two knots, and shares of the nearer one: one unit a class and its part of the rest, rounded down,
 * with what is left for the last class (assembly/shares.ts).
 */
function sharesAmongKnots(
  bias: Float32Array,
  taking: readonly boolean[],
  place: KnotPlace,
): { logWeight: number; widths: number[] } {
  const top = bias.reduce((a, beta, i) => (taking[i] ? Math.max(a, beta) : a), Number.NEGATIVE_INFINITY);
  const weightsAt = (scale: number): number[] =>
    Array.from(bias, (beta, i) => (taking[i] ? exp32(Math.fround(Math.fround(beta - top) * scale)) : 0));
  const totalAt = (scale: number): number => weightsAt(scale).reduce((sum, weight) => sum + weight, 0);
  const logWeightAt = (knot: number): number =>
    knot === Number.POSITIVE_INFINITY ? top : top * knot + Math.log(totalAt(knot));
  const { low, high, lowPart, highPart, shares } = place;
  const logWeight = highPart === 0 ? logWeightAt(low) : lowPart * logWeightAt(low) + highPart * logWeightAt(high);
  const count = taking.filter(Boolean).length;
  const perWeight = Math.fround(((2 ** 31 - count) * (1 - 2 ** -20)) / totalAt(shares));
  const widths = weightsAt(shares).map((weight, i) =>
    taking[i] ? 1 + Math.floor(Math.fround(weight * perWeight)) : 0,
  );
  const last = taking.lastIndexOf(true);
  if (last >= 0) widths[last] = (widths[last] as number) + 2 ** 31 - widths.reduce((sum, width) => sum + width, 0);
  return { logWeight, widths };
}

/** The rows of a matrix, padding included. */
function matrixOf(raw: RawFile, name: string): number[][] {
  const { dtype, shape } = raw.tensors[name] as RawFile["tensors"][string];
  const bytes = bytesOf(raw, name);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const valueAt = {
    F32: (i: number) => view.getFloat32(4 * i, true),
    F16: (i: number) => halfValue(view.getUint16(2 * i, true)),
    I8: (i: number) => view.getInt8(i),
  }[dtype] as (i: number) => number;
  const [count = 0, width = 0] = shape;
  return Array.from({ length: count }, (_, row) => {
    const values: number[] = [];
    for (let d = 0; d < width; d++) values.push(valueAt(row * width + d));
    return values;
  });
}

function halfValue(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = (half & 1023) / 1024;
  return exponent === 0 ? sign * fraction * 2 ** -14 : sign * (1 + fraction) * 2 ** (exponent - 15);
}
