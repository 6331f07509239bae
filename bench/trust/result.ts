import type { BoundsCheck, Cell } from "./grid.ts";
import type { RecallRow } from "./recall.ts";

/** The kind of build of an index. */
export interface BuildKind {
  /** Built with counts, where the head has them, and with queries that are not those judged. */
  readonly isInformed: boolean;
  readonly hasFineCodes: boolean;
}

/** Everything that was measured on one index. */
export interface BuildResult extends BuildKind {
  readonly buildSeconds: number;
  readonly cells: readonly Cell[];
  readonly bounds: BoundsCheck;
  /** Only with fine codes. */
  readonly recall: readonly RecallRow[];
}

export interface HeadResult {
  readonly name: string;
  readonly itemCount: number;
  readonly dim: number;
  readonly hasBias: boolean;
  readonly hasCounts: boolean;
  /** The number of queries that were judged. */
  readonly queryCount: number;
  /** The median over the queries of the share of Z in the 1,024 likeliest classes, at temperature 1. */
  readonly likeliestShare: number;
  readonly builds: readonly BuildResult[];
}
