import { checkInteger, shown } from "../../checks/check.ts";
import type { Examples } from "./examples.ts";

/** The activations of a hidden layer. "none" means that there is no hidden layer. */
export const HIDDEN = ["none", "tanh", "relu"] as const;
/** The activation of a hidden layer, or "none" for a model without one. */
export type Hidden = (typeof HIDDEN)[number];

/** The encoders of sequences: "gru", gated recurrent units, and "attention", blocks of causal self-attention. */
export const ENCODERS = ["gru", "attention"] as const;
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
  /** The number of values of the encoder's state, a multiple of 4. Only with the encoder "gru". */
  readonly units?: number;
  /** The number of blocks. Only with the encoder "attention". */
  readonly blocks?: number;
  /** The number of heads of a block, each of dim / heads values, a multiple of 4. Only with the encoder "attention". */
  readonly heads?: number;
  /** The most items that are read: the rows of the table of positions. Only with the encoder "attention". */
  readonly length?: number;
  /** "tied": the encoder reads the vectors of the classes. "own": it reads the table `features`. Only with `encoder`. */
  readonly items?: (typeof ITEM_TABLES)[number];
}

/** The names of V, b, E, P, W and c, and of the weights of an encoder. */
export type TableName =
  | ("classes" | "bias" | "features" | "positions" | "hidden.weight" | "hidden.bias")
  | ("gru.inputWeight" | "gru.inputBias" | "gru.stateWeight" | "gru.stateBias")
  | ("projection.weight" | "projection.bias")
  | ("attention.positions" | "attention.normWeight" | "attention.normBias")
  | ("attention.inputWeight" | "attention.inputBias" | "attention.outputWeight" | "attention.outputBias")
  | ("attention.innerWeight" | "attention.innerBias" | "attention.outerWeight" | "attention.outerBias");

/** The size of a table. The names are those in a checkpoint file. */
export interface TableShape {
  readonly name: TableName;
  readonly rows: number;
  readonly width: number;
}

export function tableShapes(shape: ModelShape): TableShape[] {
  const { classCount, featureCount, dim, positionCount, hidden, items } = shape;
  const tables: TableShape[] = [
    { name: "classes", rows: classCount, width: dim },
    { name: "bias", rows: classCount, width: 1 },
  ];
  if (items !== "tied") tables.push({ name: "features", rows: featureCount, width: dim });
  tables.push(...encoderTables(shape));
  if (positionCount > 0) tables.push({ name: "positions", rows: positionCount, width: dim });
  if (hidden !== "none") {
    tables.push({ name: "hidden.weight", rows: dim, width: dim }, { name: "hidden.bias", rows: dim, width: 1 });
  }
  return tables;
}

/** The sizes that the tables of an encoder depend on. */
type EncoderSizes = Pick<ModelShape, "encoder" | "dim" | "units" | "blocks" | "length">;

/** Returns the tables of an encoder, or none for a model of features. */
export function encoderTables({ encoder, dim, units = dim, blocks = 1, length = 1 }: EncoderSizes): TableShape[] {
  if (encoder === "gru") return recurrentTables(dim, units);
  return encoder === "attention" ? attentionTables(dim, blocks, length) : [];
}

/**
 * Returns the rows of the gates r, z and n, in the form of PyTorch, and a projection if the state has another width than the
 * query.
 */
function recurrentTables(dim: number, units: number): TableShape[] {
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

/**
 * Returns the vectors of positions, and the weights of all blocks, the first block first: two norms for each block and one more
 * at the end, the products of queries, keys and values, the product of the heads' outputs, and the two layers behind them. A
 * norm is a column of values, because weight decay leaves columns alone.
 */
function attentionTables(dim: number, blocks: number, length: number): TableShape[] {
  const layer = (name: "input" | "output" | "inner" | "outer", outputs: number): TableShape[] => [
    { name: `attention.${name}Weight`, rows: blocks * outputs, width: dim },
    { name: `attention.${name}Bias`, rows: blocks * outputs, width: 1 },
  ];
  return [
    { name: "attention.positions", rows: length, width: dim },
    { name: "attention.normWeight", rows: (2 * blocks + 1) * dim, width: 1 },
    { name: "attention.normBias", rows: (2 * blocks + 1) * dim, width: 1 },
    ...[...layer("input", 3 * dim), ...layer("output", dim), ...layer("inner", dim), ...layer("outer", dim)],
  ];
}

export const MAX_DIM = 4096;

export function shapeFor(examples: Examples, dim: number, hidden: Hidden): ModelShape {
  checkInteger("dim", dim);
  if (dim < 4 || dim > MAX_DIM || dim % 4 !== 0) {
    throw new RangeError(`"dim" expected a multiple of 4 in 4..${MAX_DIM}, got ${dim}`);
  }
  if (!HIDDEN.includes(hidden)) throw new RangeError(`"hidden" expected ${HIDDEN.join(", ")}, got ${shown(hidden)}`);
  const { classCount, featureCount, positionCount } = examples;
  return { classCount, featureCount, dim, positionCount, hidden };
}
