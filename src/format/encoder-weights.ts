import type { EncoderFacts } from "./encoder-facts.ts";

// Kernels take four values at once. So vectors and states of a number of values that is no multiple of 4, such as SASRec's 50,
// are stored with zeros behind them, in the rows of weights and among them.
//
//   weight of a gate, U = 3, D = 2:   │ w w 0 0 │ w w 0 0 │ w w 0 0 │ 0 0 0 0 │

/** A table of weights: `parts` tables of `rows` × `columns` values. */
export interface WeightTable {
  /** The name of its tensor, without that of the section. */
  readonly name: string;
  readonly parts: number;
  /** The values of a vector or state, which are padded. Absent: one, and no padding. */
  readonly rows?: number;
  readonly columns?: number;
}

/** Rounds a number of values up to a multiple of 4. */
export const padded = (count: number): number => Math.ceil(count / 4) * 4;

/** Returns the shape of the tensor of a table. */
export const storedShape = ({ parts, rows, columns }: WeightTable): number[] => [
  parts * (rows === undefined ? 1 : padded(rows)),
  ...(columns === undefined ? [] : [padded(columns)]),
];

/** Lists the tables of the weights of an encoder of queries of `dim` values. A file has a projection only where widths differ. */
export const weightTables = (facts: EncoderFacts, dim: number, hasProjection?: boolean): WeightTable[] =>
  facts.kind === "gru" ? recurrentTables(facts.units, dim, hasProjection) : attentionTables(facts, dim);

const recurrentTables = (units: number, dim: number, hasProjection = units !== dim): WeightTable[] => [
  { name: "inputWeight", parts: 3, rows: units, columns: dim },
  { name: "inputBias", parts: 3, rows: units },
  { name: "stateWeight", parts: 3, rows: units, columns: units },
  { name: "stateBias", parts: 3, rows: units },
  ...(hasProjection
    ? [
        { name: "projectionWeight", parts: 1, rows: dim, columns: units },
        { name: "projectionBias", parts: 1, rows: dim },
      ]
    : []),
];

function attentionTables(
  { blocks, length }: EncoderFacts & { readonly kind: "attention" },
  dim: number,
): WeightTable[] {
  const layer = (name: string, parts: number): WeightTable[] => [
    { name: `${name}Weight`, parts, rows: dim, columns: dim },
    { name: `${name}Bias`, parts, rows: dim },
  ];
  return [
    { name: "positions", parts: length, columns: dim },
    { name: "normWeight", parts: 2 * blocks + 1, rows: dim },
    { name: "normBias", parts: 2 * blocks + 1, rows: dim },
    ...[
      ...layer("input", 3 * blocks),
      ...layer("output", blocks),
      ...layer("inner", blocks),
      ...layer("outer", blocks),
    ],
  ];
}

/** The number of values of a table. */
export const valueCount = ({ parts, rows = 1, columns = 1 }: WeightTable): number => parts * rows * columns;

/**
 * Puts zeros behind the values of a table, as its tensor has them. Returns the table itself if it needs none.
 *
 * @param stored the table that the tensor stores, which may be wider
 */
export function withPadding(table: WeightTable, values: Float32Array, stored = table): Float32Array {
  const wide = new Float32Array(storedShape(stored).reduce((product, size) => product * size, 1));
  if (wide.length === values.length) return values;
  const { parts, rows = 1, columns = 1 } = table;
  const [wideRows, wideColumns] = [wide.length / parts / widthOf(stored), widthOf(stored)];
  for (let row = 0; row < parts * rows; row++) {
    const at = (Math.floor(row / rows) * wideRows + (row % rows)) * wideColumns;
    wide.set(values.subarray(row * columns, (row + 1) * columns), at);
  }
  return wide;
}

/** Returns the place of the first value of a tensor that is padding and not 0; −1 if there is none. */
export function faultyPadding(table: WeightTable, stored: Float32Array): number {
  if (stored.length === valueCount(table)) return -1;
  const { parts, rows = 1, columns = 1 } = table;
  const [wideRows, wideColumns] = [stored.length / parts / widthOf(table), widthOf(table)];
  return stored.findIndex((value, i) => {
    const isPadding = i % wideColumns >= columns || Math.floor(i / wideColumns) % wideRows >= rows;
    return isPadding && value !== 0;
  });
}

const widthOf = ({ columns }: WeightTable): number => (columns === undefined ? 1 : padded(columns));
