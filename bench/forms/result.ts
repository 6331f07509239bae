/** The contents of bench/results/forms.json. */
export interface FormsResult {
  readonly epochs: number;
  readonly draws: number;
  readonly sets: readonly FormsOfSet[];
}

export interface FormsOfSet {
  readonly set: string;
  /** The mean number of positives of an example. */
  readonly positives: number;
  readonly full: Figures;
  readonly samplers: readonly FormsOfSampler[];
}

export interface FormsOfSampler {
  readonly sampler: string;
  readonly A: Figures;
  readonly B: Figures;
}

/** The figures of a model on the test part. */
export interface Figures {
  readonly perplexity: number;
  readonly ndcg: number;
}
