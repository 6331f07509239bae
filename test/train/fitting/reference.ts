// The kernels of assembly/train/fitting/ as plain loops over arrays, in f64 and with the host's exp.

const at = (values: ArrayLike<number>, index: number): number => values[index] as number;

export function panelProducts(
  rows: Float32Array,
  vectors: Float32Array,
  rowCount: number,
  vectorCount: number,
  dim: number,
  offsets: Float32Array,
): Float64Array {
  const width = Math.ceil(vectorCount / 8) * 8;
  const out = new Float64Array(rowCount * width);
  for (let i = 0; i < rowCount; i++) {
    for (let k = 0; k < width; k++) {
      let sum = 0;
      for (let d = 0; d < dim && k < vectorCount; d++) sum += at(rows, i * dim + d) * at(vectors, k * dim + d);
      out[i * width + k] = sum + at(offsets, i);
    }
  }
  return out;
}

/** log Σ e^logit of each column. */
export function logSums(logits: Float32Array, width: number): Float64Array {
  return Float64Array.from({ length: width }, (_, q) => {
    const column = [...columnOf(logits, width, q)];
    const top = Math.max(...column);
    return top + Math.log(column.reduce((sum, logit) => sum + Math.exp(logit - top), 0));
  });
}

export function codewordMasses(
  logits: Float32Array,
  width: number,
  codes: Uint16Array,
  logPartitions: ArrayLike<number>,
  codewordCount: number,
): Float64Array {
  const masses = new Float64Array(codewordCount * width);
  for (let i = 0; i < logits.length; i++) {
    const to = at(codes, Math.floor(i / width)) * width + (i % width);
    masses[to] = at(masses, to) + Math.exp(at(logits, i) - at(logPartitions, i % width));
  }
  return masses;
}

export function classMasses(logits: Float32Array, width: number, logPartitions: ArrayLike<number>): Float64Array {
  const masses = new Float64Array(logits.length / width);
  for (let i = 0; i < logits.length; i++) {
    const row = Math.floor(i / width);
    masses[row] = at(masses, row) + Math.exp(at(logits, i) - at(logPartitions, i % width));
  }
  return masses;
}

export interface Buckets {
  /** k1·2^bits + k2. */
  readonly codes: Int32Array;
  readonly weights: Float64Array;
  readonly bits: number;
}

/** Σ weight · factors1[k1] · factors2[k2] by k1, by k2 and in all, over the buckets that `takes` says, of column q. */
export function proposalMasses(
  { codes, weights, bits }: Buckets,
  factors1: Float64Array,
  factors2: Float64Array,
  width: number,
  q: number,
  takes: (bucket: number) => boolean = () => true,
): { by1: Float64Array; by2: Float64Array; total: number } {
  const by1 = new Float64Array(2 ** bits);
  const by2 = new Float64Array(2 ** bits);
  let total = 0;
  for (const [b, code] of codes.entries()) {
    if (!takes(b)) continue;
    const [k1, k2] = [code >> bits, code % 2 ** bits];
    const mass = at(weights, b) * at(factors1, k1 * width + q) * at(factors2, k2 * width + q);
    by1[k1] = at(by1, k1) + mass;
    by2[k2] = at(by2, k2) + mass;
    total += mass;
  }
  return { by1, by2, total };
}

/** Flags of the head: buckets by descending key, ties by lower bucket, up to the first that would bring it over `target`. */
export function chooseHead(keys: ArrayLike<number>, counts: ArrayLike<number>, target: number): Uint8Array {
  const flags = new Uint8Array(keys.length);
  const order = Array.from(flags.keys()).sort((a, b) => at(keys, b) - at(keys, a) || a - b);
  let taken = 0;
  for (const b of order) {
    if (taken > 0 && taken + at(counts, b) > target) break;
    taken += at(counts, b);
    flags[b] = 1;
  }
  return flags;
}

export function weightedQueries(
  weights: Float64Array,
  queries: Float32Array,
  count: number,
  width: number,
  dim: number,
): Float64Array {
  const sums = new Float64Array(count * dim);
  for (let k = 0; k < count; k++) {
    for (let q = 0; q < width; q++) {
      for (let d = 0; d < dim; d++) {
        sums[k * dim + d] = at(sums, k * dim + d) + at(weights, k * width + q) * at(queries, q * dim + d);
      }
    }
  }
  return sums;
}

export function* columnOf(values: ArrayLike<number>, width: number, column: number): Generator<number> {
  for (let i = column; i < values.length; i += width) yield at(values, i);
}
