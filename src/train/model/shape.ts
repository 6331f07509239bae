import type { Examples } from "./examples.ts";

/** The activations of a hidden layer. "none" means that there is no hidden layer. */
export const HIDDEN = ["none", "tanh", "relu"] as const;
/** The activation of a hidden layer, or "none" for a model without one. */
export type Hidden = (typeof HIDDEN)[number];

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
}

/** The names of V, b, E, P, W and c. */
export type TableName = "classes" | "bias" | "features" | "positions" | "hidden.weight" | "hidden.bias";

/** The size of a table. The names are those in a checkpoint file. */
export interface TableShape {
  readonly name: TableName;
  readonly rows: number;
  readonly width: number;
}

export function tableShapes({ classCount, featureCount, dim, positionCount, hidden }: ModelShape): TableShape[] {
  const tables: TableShape[] = [
    { name: "classes", rows: classCount, width: dim },
    { name: "bias", rows: classCount, width: 1 },
    { name: "features", rows: featureCount, width: dim },
  ];
  if (positionCount > 0) tables.push({ name: "positions", rows: positionCount, width: dim });
  if (hidden !== "none") {
    tables.push({ name: "hidden.weight", rows: dim, width: dim }, { name: "hidden.bias", rows: dim, width: 1 });
  }
  return tables;
}

export const MAX_DIM = 4096;

export function shapeFor(examples: Examples, dim: number, hidden: Hidden): ModelShape {
  if (!Number.isInteger(dim)) throw new TypeError(`"dim" expected an integer, got ${dim}`);
  if (dim < 4 || dim > MAX_DIM || dim % 4 !== 0) {
    throw new RangeError(`"dim" expected a multiple of 4 in 4..${MAX_DIM}, got ${dim}`);
  }
  if (!HIDDEN.includes(hidden)) throw new RangeError(`"hidden" expected ${HIDDEN.join(", ")}, got ${hidden}`);
  const { classCount, featureCount, positionCount } = examples;
  return { classCount, featureCount, dim, positionCount, hidden };
}
