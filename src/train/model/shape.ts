import type { Examples } from "./examples.ts";

export const HIDDEN = ["none", "tanh", "relu"] as const;
export type Hidden = (typeof HIDDEN)[number];

/**
 * The sizes of a model. Its query is z = Σ_k w_k P[k] ⊙ E[f_k] over the features f of an example, without P where
 * positionCount is 0, and h(W z + c) where there is a hidden layer h; logit i is z · V[i] + b_i.
 */
export interface ModelShape {
  readonly classCount: number;
  readonly featureCount: number;
  /** A multiple of 4. */
  readonly dim: number;
  readonly positionCount: number;
  readonly hidden: Hidden;
}

export type TableName = "classes" | "bias" | "features" | "positions" | "hidden.weight" | "hidden.bias";

/** V, b, E, P, W, c, by the names they have in a file. */
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
