/** The share of the classes that an answer covers. */
export interface Coverage {
  /** The number of parts that have answered. */
  readonly parts: number;
  /** The number of all parts. */
  readonly of: number;
  /** The share of the classes that these parts have. */
  readonly classes: number;
}

/** Tells whether no part is missing. */
export const isWhole = ({ parts, of }: Pick<Coverage, "parts" | "of">): boolean => parts === of;
