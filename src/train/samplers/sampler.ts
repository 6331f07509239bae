/** Draws classes for a loss, each with the log of the probability it was drawn with. */
export interface Sampler {
  readonly name: string;
  /** Whether draws depend on the query. */
  readonly adaptive: boolean;
  /**
   * `count` independent draws for one query (dim) f32, none of them of `excluded` (distinct ids): log Q is that of what
   * is left.
   */
  draw(query: Float32Array, count: number, excluded: ArrayLike<number>, seed: bigint): SampledClasses;
  /** log Q of these classes under the same proposal (−Infinity for the excluded). */
  logQ(query: Float32Array, ids: ArrayLike<number>, excluded: ArrayLike<number>): Float64Array;
  /**
   * Takes note of changed class vectors and biases: (itemCount × dim) f32, (itemCount) f32. Says what it did and what
   * it cost.
   */
  refresh(rows: Float32Array, biases: Float32Array): RefreshReport;
}

export interface SampledClasses {
  readonly ids: Int32Array;
  /** Normalised over the classes that were not excluded. */
  readonly logQ: Float64Array;
}

export interface RefreshReport {
  readonly kind: "none" | "reassigned" | "rebuilt";
  /** Classes whose place in the proposal's tables changed. */
  readonly moved: number;
  readonly seconds: number;
}
