import type { Codes } from "../../../src/train/codes/encode.ts";
import type { Quantizer } from "../../../src/train/kmeans/quantizer.ts";
import { chooseHead } from "./reference.ts";

// The softmax and the proposal of docs/method.md, computed class by class in f64 with the host's exp and log.

const at = (values: ArrayLike<number>, index: number): number => values[index] as number;

export interface Enumerated {
  readonly rows: Float32Array;
  readonly biases: Float32Array;
  readonly quantizer: Quantizer;
  readonly codes: Codes;
}

export interface EnumeratedQuery {
  readonly kl: number;
  readonly chiSquare: number;
  readonly logTotalError: number;
}

/** Score of the codewords of class `id` with the query. */
function score({ quantizer, codes }: Enumerated, query: ArrayLike<number>, id: number): number {
  const { kind, dim1, dim2, codebook1, codebook2 } = quantizer;
  const [k1, k2] = [at(codes.codes1, id), at(codes.codes2, id)];
  let sum = 0;
  for (let d = 0; d < dim1; d++) sum += at(query, d) * at(codebook1, k1 * dim1 + d);
  for (let d = 0; d < dim2; d++) sum += at(query, (kind === "rq" ? 0 : dim1) + d) * at(codebook2, k2 * dim2 + d);
  return sum;
}

/** `head` says which classes are scored exactly; without it the best buckets up to `scan` classes are. */
export function enumerate(
  index: Enumerated,
  query: ArrayLike<number>,
  scan: number,
  head: ReadonlySet<number> = headOf(index, query, scan),
): EnumeratedQuery {
  const { rows, biases } = index;
  const dim = index.quantizer.dim;
  const logits = Array.from(biases, (bias, id) => {
    let logit = bias;
    for (let d = 0; d < dim; d++) logit += at(query, d) * at(rows, id * dim + d);
    return logit;
  });
  const logMasses = logits.map((logit, id) => (head.has(id) ? logit : score(index, query, id) + at(biases, id)));
  const [logZ, logTotal] = [logSum(logits), logSum(logMasses)];
  let [kl, square] = [0, 0];
  for (const [id, logit] of logits.entries()) {
    const logP = logit - logZ;
    const logWeight = logP - (at(logMasses, id) - logTotal);
    kl += Math.exp(logP) * logWeight;
    square += Math.exp(logP + logWeight);
  }
  return { kl, chiSquare: square - 1, logTotalError: logTotal - logZ };
}

/** Classes of the best buckets. */
export function headOf(index: Enumerated, query: ArrayLike<number>, scan: number): ReadonlySet<number> {
  if (scan === 0) return new Set();
  const { quantizer, codes, biases } = index;
  const buckets = new Map<number, number[]>();
  for (let id = 0; id < biases.length; id++) {
    const bucket = at(codes.codes1, id) * quantizer.codewordCount + at(codes.codes2, id);
    buckets.set(bucket, [...(buckets.get(bucket) ?? []), id]);
  }
  const ordered = [...buckets].sort(([a], [b]) => a - b).map(([, ids]) => ids);
  const keys = ordered.map(
    (ids) => score(index, query, ids[0] as number) + logSum(ids.map((id) => at(biases, id))) - Math.log(ids.length),
  );
  const flags = chooseHead(
    keys,
    ordered.map(({ length }) => length),
    scan,
  );
  return new Set(ordered.flatMap((ids, b) => (flags[b] === 1 ? ids : [])));
}

function logSum(values: readonly number[]): number {
  const top = Math.max(...values);
  return top + Math.log(values.reduce((sum, value) => sum + Math.exp(value - top), 0));
}
