/** Draws classes for a loss, each with the log of the probability that it is drawn with. */
export interface Sampler {
  /** The kind of the sampler, for reports. */
  readonly name: string;
  /** True where draws depend on the query. */
  readonly adaptive: boolean;
  /**
   * Makes `count` independent draws for one query, f32 (dim). No draw is among `excluded`, the ids of some classes, and log
   * Q is normalised over the other classes. The same query, count, excluded ids and seed give the same draws. A RangeError
   * names the argument that is out of range.
   *
   * @param query f32 (dim)
   * @param count the number of draws
   * @param excluded ids of classes that no draw may be
   * @param seed the seed of the draws
   * @returns the draws with their log Q
   *
   * @example
   * const { ids, logQ } = sampler.draw(query, 20, [7], 1n); // 20 draws, none of class 7
   */
  draw(query: Float32Array, count: number, excluded: ArrayLike<number>, seed: bigint): SampledClasses;
  /**
   * Returns log Q, f64 (ids.length), of the classes `ids` under the same proposal. It is −Infinity for excluded classes.
   *
   * @param query f32 (dim)
   * @param ids classes
   * @param excluded the same ids as in `draw`
   * @returns one log Q for each id, in their order
   *
   * @example
   * const logQ = sampler.logQ(query, [7], []); // of a positive, for form "A" of the loss
   */
  logQ(query: Float32Array, ids: ArrayLike<number>, excluded: ArrayLike<number>): Float64Array;
  /**
   * Updates the proposal after training has changed the classes: rows f32 (N, dim), biases f32 (N). It runs synchronously.
   * Until then draws and log Q belong to the old rows, which is exact but less efficient.
   *
   * @param rows the current class vectors
   * @param biases the current biases
   * @returns what changed, and the time it took
   *
   * @example
   * const { kind, moved } = sampler.refresh(rows, biases);
   */
  refresh(rows: Float32Array, biases: Float32Array): RefreshReport;
  /**
   * Sets the current batch of a sampler that draws from its positives ("in-batch"). `train` calls it before each step.
   *
   * @param positives ids of the positives, each as often as it occurs in the batch
   *
   * @example
   * sampler.useBatch?.([3, 7, 7, 12]);
   */
  useBatch?(positives: ArrayLike<number>): void;
}

/** Draws of a sampler. */
export interface SampledClasses {
  /** i32 (count): the classes drawn. A class can occur more than once. */
  readonly ids: Int32Array;
  /** f64 (count): log Q of each draw, normalised over the classes that are not excluded. */
  readonly logQ: Float64Array;
}

/** The report of a refresh. */
export interface RefreshReport {
  /** "none": nothing. "reassigned": classes got new codewords. "rebuilt": the tables were made again. */
  readonly kind: "none" | "reassigned" | "rebuilt";
  /** The number of classes whose place in the tables of the proposal changed. */
  readonly moved: number;
  /** The time that the refresh took. */
  readonly seconds: number;
}
