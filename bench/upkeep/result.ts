/** bench/results/upkeep.json. */
export interface UpkeepResult {
  readonly machine: string;
  readonly node: string;
  readonly itemCount: number;
  readonly dim: number;
  readonly batch: number;
  readonly negatives: number;
  readonly queryCount: number;
  readonly starts: readonly Start[];
}

/** An index that was built of the classes after so many steps, while the training went on. */
export interface Start {
  readonly steps: number;
  /** Of the index as built: 1 / (1 + χ²), median over the queries. */
  readonly effectiveSampleShare: number;
  readonly states: readonly DriftedState[];
}

export interface DriftedState {
  /** Since the index was built. */
  readonly steps: number;
  /** Σ ‖row − codewords‖² / Σ ‖row‖² now, over the same when it was built. */
  readonly energyGrowth: number;
  /** 1 + χ² of the index as it was, now over when it was built: mean over the queries. */
  readonly chiSquareGrowth: number;
  /** CPU milliseconds of a training step with draws of MIDX. */
  readonly stepMillis: number;
  /** By what was done to the index. */
  readonly upkeep: readonly Upkeep[];
}

export interface Upkeep {
  readonly name: string;
  readonly kl: number;
  readonly effectiveSampleShare: number;
  /** Share of the classes that changed their bucket; of a full rebuild, whose buckets are others: none. */
  readonly movedShare?: number;
  /** CPU seconds. */
  readonly seconds: number;
}
