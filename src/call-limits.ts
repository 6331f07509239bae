import { checkBatch, checkCount, checkFlag, checkNumber, checkSeed, type Vector } from "./check.ts";
import type { IndexInfo } from "./info.ts";
import {
  DEFAULT_DRAWS,
  DEFAULT_RECALL,
  DEFAULT_SCAN,
  DEFAULT_TARGET_ERROR,
  type EstimateOptions,
  type TopOptions,
} from "./options.ts";
import type { Limits } from "./plan.ts";
import { choosePoint } from "./recall-curve.ts";

/** What a call asks for, held to what the index has and was loaded for. TypeError and RangeError name the option. */
export class CallLimits {
  private readonly info: IndexInfo;
  private readonly limits: Limits;

  constructor(info: IndexInfo, limits: Limits) {
    this.info = info;
    this.limits = limits;
  }

  k(k: number): void {
    checkCount("k", k, this.limits.maxK, "maxK");
  }

  draws(draws: number): number {
    return checkCount("draws", draws, this.limits.maxDraws, "maxDraws");
  }

  /** Number of queries in `query`. */
  batch(query: Vector, batch: number | undefined): number {
    return checkBatch(query, this.info.dim, batch, this.limits.maxBatch);
  }

  /** Rows to score exactly of those that fine codes say are best. */
  rescore(rescore: number | undefined): number | undefined {
    if (rescore === undefined) return undefined;
    if (!this.info.hasFineCodes) {
      throw new RangeError('"rescore" expected an index built with "fineCodes", got one without');
    }
    return this.head("rescore", rescore);
  }

  /** What topK reads: a head of `scan` classes, or, with a `rescore`, as many codes. */
  topEffort(k: number, options: TopOptions): { readonly scan: number; readonly rescore?: number } {
    const { scan, recall } = options;
    const { itemCount, hasFineCodes, recallCurves } = this.info;
    const rescore = this.rescore(options.rescore);
    if (recall !== undefined) {
      if (!hasFineCodes) throw new RangeError('"recall" expected an index built with "fineCodes", got one without');
      for (const [name, given] of Object.entries({ scan, rescore })) {
        if (given === undefined) continue;
        throw new RangeError(`"recall" expected no "${name}" beside it, got ${name}: ${String(given)}`);
      }
    }
    if (rescore !== undefined) {
      // Codes are read where they lie: no cap.
      return {
        scan: Math.min(checkCount("scan", scan ?? itemCount, Number.POSITIVE_INFINITY, ""), itemCount),
        rescore,
      };
    }
    const isMeasured = recallCurves.some(({ points }) => points.length > 0);
    if (recall === undefined && (scan !== undefined || !isMeasured)) return { scan: this.scan(scan) };
    const wanted = checkNumber("recall", recall ?? DEFAULT_RECALL, 0, 1);
    const point = choosePoint(recallCurves, k, wanted);
    if (!("reached" in point)) return { scan: point.scan, rescore: Math.min(point.rescore, this.limits.maxScan) };
    if (recall === undefined) return { scan: this.scan() };
    throw new RangeError(
      `"recall" expected at most ${point.reached.toFixed(4)}, the most the build measured, got ${recall}`,
    );
  }

  /** A head budget. */
  scan(scan: number = Math.min(DEFAULT_SCAN, this.limits.maxScan)): number {
    return this.head("scan", scan);
  }

  estimate(options: EstimateOptions): CheckedEstimate {
    const { scan, draws = Math.min(DEFAULT_DRAWS, this.limits.maxDraws), targetError = DEFAULT_TARGET_ERROR } = options;
    return {
      exact: checkFlag("exact", options.exact),
      scan: scan === "auto" ? scan : this.scan(scan),
      targetError: checkNumber("targetError", targetError, 0, Number.POSITIVE_INFINITY),
      rescore: this.rescore(options.rescore),
      draws: this.draws(draws),
      seed: checkSeed(options.seed),
    };
  }

  /** Everything may be asked for by any number where the cap allows to score everything. */
  private head(name: string, size: number): number {
    const { itemCount } = this.info;
    const limit = itemCount <= this.limits.maxScan ? Number.POSITIVE_INFINITY : this.limits.maxScan;
    return Math.min(checkCount(name, size, limit, "maxScan"), itemCount);
  }
}

/** Options of an estimate, each with a value. */
export interface CheckedEstimate {
  readonly exact: boolean;
  readonly scan: number | "auto";
  readonly rescore: number | undefined;
  readonly targetError: number;
  readonly draws: number;
  readonly seed: bigint;
}
