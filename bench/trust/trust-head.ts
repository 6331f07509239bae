/** A softmax head with queries: logit = query · row + bias. */
export interface TrustHead {
  readonly itemCount: number;
  readonly dim: number;
  /** f32 (itemCount, dim). */
  readonly data: Float32Array;
  /** f32 (itemCount), or none. */
  readonly bias?: Float32Array;
  /** The number of times that each class occurs in the data that the head was trained on, where it is known. */
  readonly counts?: ArrayLike<number>;
  /** f32 (n, dim). The first half may be judged, the second half may be given to builds. */
  readonly queries: Float32Array;
}
