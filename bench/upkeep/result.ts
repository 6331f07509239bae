import type { Origin } from "../origin.ts";

/** The contents of bench/results/upkeep.json. */
export interface UpkeepResult extends Origin {
  readonly itemCount: number;
  readonly dim: number;
  readonly batch: number;
  readonly negatives: number;
  readonly queryCount: number;
  readonly starts: readonly Start[];
}

/** An index built from the classes after `steps` steps of a training that then continues. */
export interface Start {
  readonly steps: number;
  /** 1 / (1 + χ²) of the index when built: the median over the queries. */
  readonly effectiveSampleShare: number;
  readonly states: readonly DriftedState[];
}

export interface DriftedState {
  /** Steps since the index was built. */
  readonly steps: number;
  /** Σ ‖row − codewords‖² / Σ ‖row‖² now, over its value when the index was built. */
  readonly energyGrowth: number;
  /** 1 + χ² of the unchanged index now, divided by its value when built: the mean over the queries. */
  readonly chiSquareGrowth: number;
  /** CPU milliseconds of a training step with draws by MIDX. */
  readonly stepMillis: number;
  /** The kinds of upkeep measured. */
  readonly upkeep: readonly Upkeep[];
}

export interface Upkeep {
  readonly name: string;
  readonly kl: number;
  readonly effectiveSampleShare: number;
  /** The share of the classes that changed their bucket; absent for a full rebuild, which has other buckets. */
  readonly movedShare?: number;
  /** CPU seconds of the upkeep. */
  readonly seconds: number;
}
