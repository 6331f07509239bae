import { at } from "../reference/at.ts";
import { type Arithmetic, affine } from "./plain-gru.ts";

type Row = number[];

/** Sums in four lanes, which are then added as those of the kernels are. */
function laneSum({ round }: Arithmetic, values: Row): number {
  const lanes = [0, 0, 0, 0];
  for (const [i, value] of values.entries()) lanes[i % 4] = round(at(lanes, i % 4) + value);
  return round(round(at(lanes, 0) + at(lanes, 2)) + round(at(lanes, 1) + at(lanes, 3)));
}

/** The floor of a variance, as a kernel rounds it. */
const floorOf = ({ round }: Arithmetic): number => round(1e-5);

/** Returns a row brought to mean 0 and variance 1, and the inverse of its deviation. */
function normed(a: Arithmetic, row: Row): { readonly values: Row; readonly inverse: number } {
  const { round } = a;
  const mean = round(laneSum(a, row) / row.length);
  const centred = row.map((value) => round(value - mean));
  const squares = centred.map((value) => round(value * value));
  const variance = round(laneSum(a, squares) / row.length);
  const inverse = round(1 / round(Math.sqrt(round(variance + floorOf(a)))));
  return { values: centred.map((value) => round(value * inverse)), inverse };
}

/** Brings a row to mean 0 and variance 1, then scales and shifts it. */
export function plainNorm(a: Arithmetic, row: Row, weights: Row, biases: Row): Row {
  const { round } = a;
  return normed(a, row).values.map((value, d) => round(round(value * at(weights, d)) + at(biases, d)));
}

/** The backward pass of plainNorm: the gradients by the row and by the weights. Those by the biases are `gradient`. */
export function plainNormBack(
  a: Arithmetic,
  row: Row,
  weights: Row,
  gradient: Row,
): Readonly<Record<"row" | "weights", Row>> {
  const { round } = a;
  const { values, inverse } = normed(a, row);
  const scaled = gradient.map((g, d) => round(g * at(weights, d)));
  const mean = round(laneSum(a, scaled) / row.length);
  const products = scaled.map((s, d) => round(s * at(values, d)));
  const slope = round(laneSum(a, products) / row.length);
  return {
    row: scaled.map((s, d) => round(round(round(s - mean) - round(at(values, d) * slope)) * inverse)),
    weights: gradient.map((g, d) => round(g * at(values, d))),
  };
}

/** What a weight of attention is multiplied by: 1, or by dropout 0 or more. */
export type FactorOf = (query: number, key: number) => number;
const kept: FactorOf = () => 1;

const dot = ({ round }: Arithmetic, left: Row, right: Row): number =>
  left.reduce((sum, value, d) => round(sum + round(value * at(right, d))), 0);

const scaleOf = ({ round }: Arithmetic, query: Row): number => round(1 / round(Math.sqrt(query.length)));

/** The weights of the keys up to the position of each query, by the softmax. */
const weigh = (a: Arithmetic, queries: Row[], keys: Row[]): Row[] =>
  queries.map((query, r) => {
    const { round, exp } = a;
    const scores = keys.slice(0, r + 1).map((key) => dot(a, query, key));
    const most = Math.max(...scores);
    const raised = scores.map((score) => exp(round(round(score - most) * scaleOf(a, query))));
    const inverse = round(1 / laneSum(a, raised));
    return raised.map((value) => round(value * inverse));
  });

/** Σ_k weights[k] · rows[k], with k ascending. */
const mix = ({ round }: Arithmetic, weights: Row, rows: Row[]): Row =>
  (rows[0] as Row).map((_, d) =>
    weights.reduce((sum, weight, k) => round(sum + round(weight * at(rows[k] as Row, d))), 0),
  );

/** Causal attention of one head: a row for each query, which is that of the position of the same number. */
export function plainAttention(a: Arithmetic, queries: Row[], keys: Row[], values: Row[], factorOf = kept): Row[] {
  const weights = weigh(a, queries, keys);
  return weights.map((row, r) =>
    mix(
      a,
      row.map((weight, k) => a.round(weight * factorOf(r, k))),
      values,
    ),
  );
}

/** The backward pass of plainAttention, from the gradients by its rows. */
export function plainAttentionBack(
  a: Arithmetic,
  [queries, keys, values]: readonly [Row[], Row[], Row[]],
  gradients: Row[],
  factorOf: FactorOf,
): Readonly<Record<"queries" | "keys" | "values", Row[]>> {
  const { round } = a;
  const weights = weigh(a, queries, keys);
  const slopes = weights.map((row, r) => {
    const by = row.map((_, k) => round(dot(a, gradients[r] as Row, values[k] as Row) * factorOf(r, k)));
    const products = row.map((weight, k) => round(weight * at(by, k)));
    const mean = laneSum(a, products);
    return row.map((weight, k) => round(round(weight * round(at(by, k) - mean)) * scaleOf(a, queries[r] as Row)));
  });
  /** Σ_r of[r][k] · rows[r] over the positions r from k on. */
  const columns = (of: Row[], rows: Row[]): Row[] =>
    of.map((_, k) =>
      mix(
        a,
        of.slice(k).map((row) => at(row, k)),
        rows.slice(k),
      ),
    );
  const dropped = weights.map((row, r) => row.map((weight, k) => round(weight * factorOf(r, k))));
  return {
    queries: slopes.map((row) => mix(a, row, keys)),
    keys: columns(slopes, queries),
    values: columns(dropped, gradients),
  };
}

/** What a reference of the encoder computes with: tables by name, of any precision. */
export interface PlainBlocks {
  readonly tables: Readonly<Record<string, Row>>;
  readonly dim: number;
  readonly heads: number;
}

/** The queries after each of the vectors of some items: the reference of every encoder of blocks of the library. */
export function plainAttentionQueries(a: Arithmetic, { tables, dim, heads }: PlainBlocks, vectors: Row[]): Row[] {
  const { round } = a;
  const table = (name: string): Row => tables[`attention.${name}`] ?? [];
  const part = (name: string, of: number, size: number): Row => table(name).slice(of * size, (of + 1) * size);
  const blocks = (table("normWeight").length / dim - 1) / 2;
  const norm = (row: Row, of: number) => plainNorm(a, row, part("normWeight", of, dim), part("normBias", of, dim));
  const add = (left: Row, right: Row): Row => left.map((value, d) => round(value + at(right, d)));
  /** Rows `first` … `first + count` of the weights of a block, which has `outputs` of them. */
  const layer = (name: string, block: number, outputs: number, input: Row, first = 0, count = outputs): Row => {
    const weights = part(`${name}Weight`, block, outputs * dim);
    const rows = Array.from({ length: count }, (_, i) => weights.slice((first + i) * dim, (first + i + 1) * dim));
    return affine(a, rows, part(`${name}Bias`, block, outputs).slice(first, first + count), input);
  };
  let rows = vectors.map((vector, t) => add(vector, part("positions", t, dim)));
  for (let block = 0; block < blocks; block++) {
    const inputs = rows;
    const normed = inputs.map((row) => norm(row, 2 * block));
    const queries = normed.map((row) => layer("input", block, 3 * dim, row, 0, dim));
    const [keys, values] = [1, 2].map((i) => inputs.map((row) => layer("input", block, 3 * dim, row, i * dim, dim)));
    const width = dim / heads;
    const ofHead = (of: Row[], head: number) => of.map((row) => row.slice(head * width, (head + 1) * width));
    const outputs = Array.from({ length: heads }, (_, head) =>
      plainAttention(a, ofHead(queries, head), ofHead(keys as Row[], head), ofHead(values as Row[], head)),
    );
    rows = inputs.map((_, t) => {
      const attended = outputs.flatMap((head) => head[t] as Row);
      const mixed = norm(add(layer("output", block, dim, attended), normed[t] as Row), 2 * block + 1);
      const inner = layer("inner", block, dim, mixed).map((value) => Math.max(value, 0));
      return add(layer("outer", block, dim, inner), mixed);
    });
  }
  return rows.map((row) => norm(row, 2 * blocks));
}
