/** The place of the vectors of the items: the rows of the classes, or a tensor of the section. */
type Items = "rows" | "own";

/** Facts about gated recurrent units. */
export interface RecurrentFacts {
  readonly kind: "gru";
  /** The number of values of a state. */
  readonly units: number;
  readonly items: Items;
}

/** Facts about blocks of causal self-attention. */
export interface AttentionFacts {
  readonly kind: "attention";
  readonly blocks: number;
  /** The number of heads: 1, or heads of a multiple of 4 values each. */
  readonly heads: number;
  /** The most items that are read. */
  readonly length: number;
  readonly items: Items;
}

/** Facts about the encoder of sequences in a file. */
export type EncoderFacts = RecurrentFacts | AttentionFacts;
