import type { BuildOptions } from "../../train/build/build-options.ts";
import type { Quality } from "../../train/index.ts";

/** What a build may choose by itself. */
export type Structure = Required<Pick<BuildOptions, "quantizer" | "bits" | "rowType">>;

/** A structure that was built and measured. */
export interface Trial extends Structure {
  /** The share of the ten best classes by the rows as given that are the ten best as stored. */
  readonly rowRecall: number;
  readonly quality: Quality;
  /** Multiply-adds of predict with its default effort, at most. */
  readonly work: number;
  /** work · error², which is the work for answers of a given error: more draws make both smaller or larger alike. */
  readonly cost: number;
}

/** What --tune tried and took. */
export interface Tuning {
  readonly trials: readonly Trial[];
  readonly taken: Structure;
  /** False if there was no time for all that it would have tried. */
  readonly isComplete: boolean;
}
