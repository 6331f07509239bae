// Made-up tables of rows and biases, and kinds of queries, for what topK promises of queries that nobody gave to the build.
import type { Random } from "../trust/synthetic.ts";

export const DIM = 32;

/** f32 (itemCount, DIM). */
type Rows = (random: Random, itemCount: number) => Float32Array;

/** f32 (count, DIM), made of the rows of a table or not. */
type Queries = (random: Random, rows: Float32Array, count: number) => Float32Array;

const eachRow = (count: number, write: (row: Float32Array, id: number) => void): Float32Array => {
  const rows = new Float32Array(count * DIM);
  for (let id = 0; id < count; id++) write(rows.subarray(id * DIM, (id + 1) * DIM), id);
  return rows;
};

/** Rows near a space of few dimensions. */
const inFewDimensions =
  (axisCount: number, noise: number): Rows =>
  ({ normal }, itemCount) => {
    const axes = Array.from({ length: axisCount }, () => Float32Array.from({ length: DIM }, normal));
    return eachRow(itemCount, (row) => {
      const parts = axes.map(normal);
      for (let d = 0; d < DIM; d++) {
        row[d] = axes.reduce((sum, axis, a) => sum + (parts[a] as number) * (axis[d] as number), noise * normal());
      }
    });
  };

/** Rows around 100 centres, each value off by `noise` times a normal number. */
const around =
  (noise: number): Rows =>
  ({ normal, below }, itemCount) => {
    const centres = Float32Array.from({ length: 100 * DIM }, normal);
    return eachRow(itemCount, (row) => {
      const centre = below(100) * DIM;
      for (let d = 0; d < DIM; d++) row[d] = (centres[centre + d] as number) + noise * normal();
    });
  };

export const ROWS = {
  independent: ({ normal }, itemCount) => Float32Array.from({ length: itemCount * DIM }, normal),
  clusters: around(0.4),
  "tight clusters": around(0.2),
  "four dimensions": inFewDimensions(4, 0.1),
  "twelve dimensions": inFewDimensions(12, 0.3),
  "a common mean": ({ normal }, itemCount) => Float32Array.from({ length: itemCount * DIM }, () => 2 + normal()),
  "wide norms": ({ normal }, itemCount) =>
    eachRow(itemCount, (row) => {
      const norm = Math.exp(0.6 * normal());
      for (let d = 0; d < DIM; d++) row[d] = norm * normal();
    }),
  "wide norms and a common mean": ({ normal }, itemCount) =>
    eachRow(itemCount, (row) => {
      const norm = Math.exp(0.6 * normal());
      for (let d = 0; d < DIM; d++) row[d] = norm * (1 + normal());
    }),
  "falling variances": ({ normal }, itemCount) =>
    Float32Array.from({ length: itemCount * DIM }, (_, i) => (2 * normal()) / Math.sqrt(1 + (i % DIM))),
} as const satisfies Record<string, Rows>;

export const BIASES = {
  "no biases": () => undefined,
  "normal biases": ({ normal }, itemCount) => Float32Array.from({ length: itemCount }, () => 2 * normal()),
  "biases of frequencies": (_, itemCount) => Float32Array.from({ length: itemCount }, (_, id) => -Math.log(1 + id)),
} as const satisfies Record<string, (random: Random, itemCount: number) => Float32Array | undefined>;

/** Random directions, with each value of a standard deviation. */
const inRandomDirections =
  (deviation: number): Queries =>
  ({ normal }, _, count) =>
    Float32Array.from({ length: count * DIM }, () => deviation * normal());

/** Random directions, and `share` times as much along the mean row. */
const alongTheMean =
  (share: number): Queries =>
  ({ normal }, rows, count) => {
    const mean = new Float64Array(DIM);
    for (const [i, value] of rows.entries()) mean[i % DIM] = (mean[i % DIM] as number) + value;
    const length = Math.hypot(...mean);
    return eachRow(count, (query) => {
      for (let d = 0; d < DIM; d++) query[d] = normal() + (share * Math.sqrt(DIM) * (mean[d] as number)) / length;
    });
  };

export const QUERIES = {
  "along the mean": alongTheMean(1.5),
  "against the mean": alongTheMean(-1.5),
  "random directions": inRandomDirections(1),
  "long random directions": inRandomDirections(3),
  "means of four rows": ({ below }, rows, count) => {
    const itemCount = rows.length / DIM;
    return eachRow(count, (query) => {
      for (let member = 0; member < 4; member++) {
        const start = below(itemCount) * DIM;
        for (let d = 0; d < DIM; d++) query[d] = (query[d] as number) + (rows[start + d] as number) / 4;
      }
    });
  },
  rows: ({ below }, rows, count) => {
    const itemCount = rows.length / DIM;
    return eachRow(count, (query) => {
      const start = below(itemCount) * DIM;
      query.set(rows.subarray(start, start + DIM));
    });
  },
  "rows with noise": ({ normal, below }, rows, count) => {
    const itemCount = rows.length / DIM;
    return eachRow(count, (query) => {
      const start = below(itemCount) * DIM;
      for (let d = 0; d < DIM; d++) query[d] = (rows[start + d] as number) + normal();
    });
  },
} as const satisfies Record<string, Queries>;
