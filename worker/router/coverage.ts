/** The share of the classes that an answer covers. */
export interface Coverage {
  /** The number of parts that have answered. */
  readonly parts: number;
  /** The number of all parts. */
  readonly of: number;
  /** The share of the classes that these parts have. */
  readonly classes: number;
}
