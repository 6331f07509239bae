import type { BuildOptions } from "../../train/build/build-options.ts";
import type { Quality } from "../../train/index.ts";

/** The least rowRecall of a row type that is taken, unless an option names it. */
export const LEAST_ROW_RECALL = 0.99;

/** The structure of an index, which a build may choose by itself. */
export type Structure = Required<Pick<BuildOptions, "quantizer" | "bits" | "rowType">>;

/** A structure that was built and measured. */
export interface Trial extends Structure {
  /** The share of the ten best classes by the given rows that are among the ten best by the stored rows. */
  readonly rowRecall: number;
  readonly quality: Quality;
  /** Multiply-adds of predict with its default effort, at most. */
  readonly work: number;
  /** work · error², which is proportional to the work for answers of a given error, whatever the number of draws. */
  readonly cost: number;
}

/** The structures that --tune tried, and the one it took. */
export interface Tuning {
  readonly trials: readonly Trial[];
  readonly taken: Structure;
  /** False if there was no time for some of the structures. */
  readonly isComplete: boolean;
}
