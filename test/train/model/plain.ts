import type { Examples } from "../../../src/train/model/examples.ts";
import { idsOf, lengthOf } from "../../../src/train/model/examples.ts";
import type { ModelShape, TableName } from "../../../src/train/model/shape.ts";

/** The tables of a model in f64, in which losses are differentiated numerically. */
export type PlainTables = Partial<Record<TableName, Float64Array>>;

/** Computes the query of a row. */
export function plainQuery(shape: ModelShape, tables: PlainTables, { features }: Examples, row: number): Float64Array {
  const { dim, hidden } = shape;
  const at = (name: TableName, index: number): number => tables[name]?.[index] ?? 1;
  const sum = new Float64Array(dim);
  for (let k = 0; k < lengthOf(features, row); k++) {
    const place = (features.offsets[row] as number) + k;
    const [id, weight] = [features.ids[place] as number, features.weights[place] as number];
    for (let d = 0; d < dim; d++) {
      sum[d] = (sum[d] as number) + weight * at("positions", k * dim + d) * at("features", id * dim + d);
    }
  }
  if (hidden === "none") return sum;
  return Float64Array.from({ length: dim }, (_, i) => {
    let value = at("hidden.bias", i);
    for (let d = 0; d < dim; d++) value += at("hidden.weight", i * dim + d) * (sum[d] as number);
    return hidden === "tanh" ? Math.tanh(value) : Math.max(0, value);
  });
}

function plainLogit(shape: ModelShape, tables: PlainTables, query: Float64Array, id: number): number {
  let sum = tables.bias?.[id] as number;
  for (let d = 0; d < shape.dim; d++) sum += (tables.classes?.[id * shape.dim + d] as number) * (query[d] as number);
  return sum;
}

const logSumExp = (values: readonly number[]): number => {
  const most = Math.max(...values);
  return most + Math.log(values.reduce((sum, value) => sum + Math.exp(value - most), 0));
};

/** Computes −(1/P) Σ log P over the positives of a row, by the softmax over all classes. */
export function plainFullLoss(shape: ModelShape, tables: PlainTables, examples: Examples, row: number): number {
  const query = plainQuery(shape, tables, examples, row);
  const logits = Array.from({ length: shape.classCount }, (_, id) => plainLogit(shape, tables, query, id));
  const own = [...idsOf(examples.positives, row)];
  return logSumExp(logits) - own.reduce((sum, id) => sum + (logits[id] as number), 0) / own.length;
}

/** Computes the sampled loss in either form (docs/method.md, section 7), with these draws and log Q of any class. */
export function plainSampledLoss(
  shape: ModelShape,
  tables: PlainTables,
  examples: Examples,
  row: number,
  form: "A" | "B",
  draws: ArrayLike<number>,
  logQ: (id: number) => number,
): number {
  const query = plainQuery(shape, tables, examples, row);
  const own = [...idsOf(examples.positives, row)];
  const logit = (id: number): number => plainLogit(shape, tables, query, id);
  const positives = own.map((id) => logit(id) - (form === "A" ? logQ(id) : 0));
  const more = form === "B" ? Math.log(draws.length) : 0;
  const negatives = Array.from(draws, (id) => logit(id) - logQ(id) - more);
  return logSumExp([...positives, ...negatives]) - positives.reduce((sum, x) => sum + x, 0) / own.length;
}
