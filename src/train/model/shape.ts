import type { Examples } from "./examples.ts";

/** The activations of a hidden layer. "none" means that there is no hidden layer. */
export const HIDDEN = ["none", "tanh", "relu"] as const;
/** The activation of a hidden layer, or "none" for a model without one. */
export type Hidden = (typeof HIDDEN)[number];

/** The encoders of sequences: "gru", gated recurrent units. */
export const ENCODERS = ["gru"] as const;
/** The encoder of a model of sequences. */
export type EncoderName = (typeof ENCODERS)[number];

/** The vectors of the items that an encoder reads: those of the classes, or a table of their own. */
export const ITEM_TABLES = ["tied", "own"] as const;

/**
 * The sizes of a model. The query of an example is z = Σ_k w_k P[k] ⊙ E[f_k] over its features f_k with weights w_k.
 * Without positions (positionCount 0) P is left out. A hidden layer h replaces z by h(W z + c). The logit of class i is z ·
 * V[i] + b_i (docs/method.md, section 1).
 */
export interface ModelShape {
  /** Number of classes. */
  readonly classCount: number;
  /** Number of features. */
  readonly featureCount: number;
  /** Number of values of a vector, a multiple of 4. */
  readonly dim: number;
  /** Number of positions. 0 means that the order of features does not matter. */
  readonly positionCount: number;
  /** The activation of the hidden layer, or "none". */
  readonly hidden: Hidden;
  /** The encoder of a model of sequences (docs/sequences.md). Its items are the classes. Absent in a model of features. */
  readonly encoder?: EncoderName;
  /** The number of values of the encoder's state, a multiple of 4. Only with `encoder`. */
  readonly units?: number;
  /** "tied": the encoder reads the vectors of the classes. "own": it reads the table `features`. Only with `encoder`. */
  readonly items?: (typeof ITEM_TABLES)[number];
}

/** The names of V, b, E, P, W and c, and of the weights of an encoder. */
export type TableName =
  | ("classes" | "bias" | "features" | "positions" | "hidden.weight" | "hidden.bias")
  | ("gru.inputWeight" | "gru.inputBias" | "gru.stateWeight" | "gru.stateBias")
  | ("projection.weight" | "projection.bias");

/** The size of a table. The names are those in a checkpoint file. */
export interface TableShape {
  readonly name: TableName;
  readonly rows: number;
  readonly width: number;
}

export function tableShapes(shape: ModelShape): TableShape[] {
  const { classCount, featureCount, dim, positionCount, hidden, units, items } = shape;
  const tables: TableShape[] = [
    { name: "classes", rows: classCount, width: dim },
    { name: "bias", rows: classCount, width: 1 },
  ];
  if (items !== "tied") tables.push({ name: "features", rows: featureCount, width: dim });
  if (units !== undefined) tables.push(...encoderTables(dim, units));
  if (positionCount > 0) tables.push({ name: "positions", rows: positionCount, width: dim });
  if (hidden !== "none") {
    tables.push({ name: "hidden.weight", rows: dim, width: dim }, { name: "hidden.bias", rows: dim, width: 1 });
  }
  return tables;
}

/**
 * The tables of an encoder: rows of the gates r, z and n, in the form of PyTorch, and a projection where the state has
 * another width than the query.
 */
export function encoderTables(dim: number, units: number): TableShape[] {
  const gates = 3 * units;
  const tables: TableShape[] = [
    { name: "gru.inputWeight", rows: gates, width: dim },
    { name: "gru.inputBias", rows: gates, width: 1 },
    { name: "gru.stateWeight", rows: gates, width: units },
    { name: "gru.stateBias", rows: gates, width: 1 },
  ];
  if (units === dim) return tables;
  return [
    ...tables,
    { name: "projection.weight", rows: dim, width: units },
    { name: "projection.bias", rows: dim, width: 1 },
  ];
}

export const MAX_DIM = 4096;
export const MAX_UNITS = 4096;

export function shapeFor(examples: Examples, dim: number, hidden: Hidden): ModelShape {
  if (!Number.isInteger(dim)) throw new TypeError(`"dim" expected an integer, got ${dim}`);
  if (dim < 4 || dim > MAX_DIM || dim % 4 !== 0) {
    throw new RangeError(`"dim" expected a multiple of 4 in 4..${MAX_DIM}, got ${dim}`);
  }
  if (!HIDDEN.includes(hidden)) throw new RangeError(`"hidden" expected ${HIDDEN.join(", ")}, got ${hidden}`);
  const { classCount, featureCount, positionCount } = examples;
  return { classCount, featureCount, dim, positionCount, hidden };
}
