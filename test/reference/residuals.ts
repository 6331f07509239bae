import { at } from "./at.ts";
import { laneSums, sumLanes } from "./lanes.ts";
import { codesOf, firstOutlierOf, positionsOf, type ReferenceIndex } from "./reference-index.ts";
import type { SlotPlaces } from "./slot-places.ts";

const f32 = Math.fround;

/** Half an ulp of 1 in f32. */
export const UNIT = 2 ** -24;
/** Residuals smaller than this may have vanished from a sum of squares. */
const FLOOR = 2 ** -64;

/** The residuals of the rows and their bounds (docs/method.md, section 5). */
export interface Residuals {
  /** (N): an upper bound of the norm of (stored row − its codewords), and of a whole outlier. */
  readonly residualNorms: Float32Array;
  /** (blocks · 32): the largest of these norms in a bucket, 0 in an empty slot. */
  readonly slotRadii: Float32Array<ArrayBuffer>;
  /** (blocks · 32): the largest bias of a bucket, 0 without biases. */
  readonly slotTops: Float32Array;
  /** An upper bound: the largest norms of codewords and rows, summed. */
  readonly normBound: number;
  /** The largest |bias|. */
  readonly biasBound: number;
  /** An upper bound of the norm of a stored row. */
  readonly rowBound: number;
}

/** Measures the residuals of an index. */
export function measureResiduals(index: ReferenceIndex, { slotPlaces }: SlotPlaces): Residuals {
  const grow = 1 + (index.facts.dim + 16) * UNIT;
  const residualNorms = new Float32Array(index.facts.itemCount);
  const slotRadii = new Float32Array(slotPlaces.length);
  const slotTops = new Float32Array(slotPlaces.length);
  for (const bucket of index.bucketCodes.keys()) {
    const { first, end } = positionsOf(index, bucket);
    const centre = centreOf(index, bucket);
    for (let p = first; p < end; p++) {
      residualNorms[p] = Math.sqrt(squaredDistance(rowOf(index, p), centre)) * grow + FLOOR;
    }
    const slot = slotPlaces.indexOf(bucket);
    slotRadii[slot] = Math.max(...residualNorms.subarray(first, end));
    slotTops[slot] = index.bias ? Math.max(...index.bias.subarray(first, end)) : 0;
  }
  const zeros = new Float32Array(index.facts.dim);
  for (let p = firstOutlierOf(index); p < index.facts.itemCount; p++) {
    residualNorms[p] = Math.sqrt(squaredDistance(rowOf(index, p), zeros)) * grow + FLOOR;
  }
  const { codebook1, codebook2, bias = new Float32Array(0) } = index;
  const codewords = largestNorm(codebook1, 2 ** index.facts.bits) + largestNorm(codebook2, 2 ** index.facts.bits);
  const largest = residualNorms.reduce((top, norm) => Math.max(top, norm), 0);
  return {
    residualNorms,
    slotRadii,
    slotTops,
    normBound: f32((2 * codewords + largest) * grow), // the norm of a row is at most codewords + largest
    biasBound: bias.reduce((top, value) => Math.max(top, Math.abs(value)), 0),
    rowBound: f32(largestRow(index) * grow + FLOOR),
  };
}

/** (D): the sum of a bucket's codewords in f32; with PQ their concatenation. */
function centreOf(index: ReferenceIndex, bucket: number): Float32Array {
  const { k1, k2 } = codesOf(index, bucket);
  const first = codeword(index.codebook1, k1, index);
  const second = codeword(index.codebook2, k2, index);
  if (index.facts.quantizer === "pq") return Float32Array.of(...first, ...second);
  return first.map((value, d) => value + at(second, d));
}

/** Codeword k of a codebook. */
export function codeword(codebook: Float32Array, k: number, { facts }: ReferenceIndex): Float32Array {
  const dim = codebook.length / 2 ** facts.bits;
  return codebook.subarray(k * dim, (k + 1) * dim);
}

/** (D): the values of a stored row; for int8 rows code · scale in f32. */
export function rowOf({ facts, rows, rowScales }: ReferenceIndex, position: number): Float32Array {
  const row = rows.subarray(position * facts.dim, (position + 1) * facts.dim);
  return rowScales ? row.map((code) => code * at(rowScales, position)) : row;
}

/** |row − centre|² in f32. */
export function squaredDistance(row: Float32Array, centre: Float32Array): number {
  const differences = row.map((value, d) => value - at(centre, d));
  return sumLanes(laneSums(differences.map((value) => value * value)));
}

/** The largest norm of a stored row, with its square in f32. */
function largestRow(index: ReferenceIndex): number {
  const zeros = new Float32Array(index.facts.dim);
  const squares = Array.from(index.ids.keys(), (position) => squaredDistance(rowOf(index, position), zeros));
  return Math.sqrt(squares.reduce((top, square) => Math.max(top, square), 0));
}

/** The largest norm of `count` rows, in f64. */
function largestNorm(rows: Float32Array, count: number): number {
  const dim = rows.length / count;
  const squares = Array.from({ length: count }, (_, i) =>
    rows.subarray(i * dim, (i + 1) * dim).reduce((sum, value) => sum + value * value, 0),
  );
  return Math.sqrt(Math.max(...squares));
}
