import type { Sequences } from "../../../src/train/sequences/sequences.ts";
import { plainAttentionQueries } from "../../encoder/plain-attention.ts";
import { type Arithmetic, affine, F64, gruStep } from "../../encoder/plain-gru.ts";
import { at } from "../../reference/at.ts";

/** Tables of a model as numbers of any precision. */
export type PlainTables = Readonly<Record<string, number[]>>;

const rowsOf = (table: readonly number[], width: number): number[][] =>
  Array.from({ length: table.length / width }, (_, row) => table.slice(row * width, (row + 1) * width));

const table = (tables: PlainTables, name: string): number[] => {
  const found = tables[name];
  if (found === undefined) throw new RangeError(`"${name}" expected a table, got none`);
  return found;
};

/** Returns the query after each of some items: the reference of every encoder of the library. */
export function plainQueries(
  a: Arithmetic,
  tables: PlainTables,
  dim: number,
  items: readonly number[],
  heads = 1,
): number[][] {
  const vectors = rowsOf(tables.features ?? table(tables, "classes"), dim);
  if (tables["attention.positions"]) {
    const inputs = items.map((item) => vectors[item] ?? []);
    return plainAttentionQueries(a, { tables, dim, heads }, inputs);
  }
  const units = table(tables, "gru.stateBias").length / 3;
  const inputWeight = rowsOf(table(tables, "gru.inputWeight"), dim);
  const stateWeight = rowsOf(table(tables, "gru.stateWeight"), units);
  const projection = tables["projection.weight"] && rowsOf(tables["projection.weight"], units);
  let state: number[] = new Array(units).fill(0);
  return items.map((item) => {
    const inputs = affine(a, inputWeight, table(tables, "gru.inputBias"), vectors[item] ?? []);
    const states = affine(a, stateWeight, table(tables, "gru.stateBias"), state);
    state = gruStep(a, inputs, states, state).out;
    return projection ? affine(a, projection, table(tables, "projection.bias"), state) : state;
  });
}

/** The terms of a position's denominator, beside its own: a class and what is subtracted from its logit. */
export type Negatives = readonly { readonly id: number; readonly shift: number }[];

/** The mean loss over the positions of all sequences, in f64. Without negatives it is over all classes. */
export function plainLoss(
  tables: PlainTables,
  dim: number,
  sequences: Sequences,
  negatives?: Negatives,
  heads = 1,
): number {
  const classes = rowsOf(table(tables, "classes"), dim);
  const bias = table(tables, "bias");
  let [sum, count] = [0, 0];
  for (let row = 0; row + 1 < sequences.offsets.length; row++) {
    const items = [...sequences.ids.subarray(sequences.offsets[row], sequences.offsets[row + 1])];
    for (const [t, query] of plainQueries(F64, tables, dim, items.slice(0, -1), heads).entries()) {
      const logit = (id: number): number =>
        query.reduce((total, value, d) => total + value * at(classes[id] ?? [], d), at(bias, id));
      const target = at(items, t + 1);
      const others = negatives ?? classes.map((_, id) => ({ id, shift: 0 }));
      const terms = others.filter(({ id }) => id !== target).map(({ id, shift }) => Math.exp(logit(id) - shift));
      sum += Math.log(terms.reduce((total, term) => total + term, Math.exp(logit(target)))) - logit(target);
      count++;
    }
  }
  return sum / count;
}
