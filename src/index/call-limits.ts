import {
  DEFAULT_DRAWS,
  DEFAULT_RECALL,
  DEFAULT_SCAN,
  DEFAULT_TARGET_ERROR,
  type EstimateOptions,
  type TopOptions,
} from "../answers/options.ts";
import { checkCount, checkFlag, checkLoaded, checkNumber, checkSeed } from "../checks/check.ts";
import { choosePoint } from "../format/recall-curve.ts";
import type { Limits } from "../memory/plan.ts";
import type { IndexInfo } from "./info.ts";

const WITH_FINE_CODES = 'an index built with "fineCodes" (--fine-codes)';

/** What a call asks for, held to what the index has and was loaded for. TypeError and RangeError name the option. */
export class CallLimits {
  private readonly info: IndexInfo;
  private readonly limits: Limits;

  constructor(info: IndexInfo, limits: Limits) {
    this.info = info;
    this.limits = limits;
  }

  /** Classes to answer with, at most all there are. */
  k(k: number): number {
    return this.upToAll("k", k, "maxK");
  }

  draws(draws: number): number {
    return checkLoaded("draws", draws, this.limits.maxDraws, "maxDraws");
  }

  /** Rows to score exactly of those that fine codes say are best. */
  rescore(rescore: number | undefined): number | undefined {
    if (rescore === undefined) return undefined;
    if (!this.info.hasFineCodes) {
      throw new RangeError(`"rescore" expected ${WITH_FINE_CODES}, got one without`);
    }
    return this.head("rescore", rescore);
  }

  /** What topK reads: a head of `scan` classes, or, with a `rescore`, as many codes; or, `exact`, what certainty takes. */
  topEffort(k: number, options: TopOptions): TopEffort {
    const exact = checkFlag("exact", options.exact);
    const { scan, recall } = options;
    const { itemCount, hasFineCodes, recallCurves } = this.info;
    const rescore = this.rescore(options.rescore);
    if (recall !== undefined && !hasFineCodes) {
      throw new RangeError(`"recall" expected ${WITH_FINE_CODES}, got one without: give "scan" or "exact" instead`);
    }
    if (exact) return { exact, scan: 0 };
    if (rescore !== undefined) {
      // Codes are read where they lie: no cap.
      const coded = checkCount("scan", scan ?? itemCount, Number.POSITIVE_INFINITY, "");
      return { exact, scan: Math.min(coded, itemCount), rescore, isMeasured: false };
    }
    const hasCurve = recallCurves.some(({ points }) => points.length > 0);
    if (recall === undefined && (scan !== undefined || !hasCurve)) return { exact, scan: this.scan(scan) };
    const wanted = checkNumber("recall", recall ?? DEFAULT_RECALL, 0, 1);
    const point = choosePoint(recallCurves, k, wanted);
    if (!("reached" in point)) {
      return { exact, scan: point.scan, rescore: Math.min(point.rescore, this.limits.maxScan), isMeasured: true };
    }
    // Above what the build measured only certainty is known to be enough; the default is no promise of the caller's.
    return recall === undefined ? { exact, scan: this.scan() } : { exact: true, scan: 0 };
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

  private head(name: string, size: number): number {
    return this.upToAll(name, size, "maxScan");
  }

  /** Everything may be asked for by any number where the cap allows for everything. */
  private upToAll(name: string, size: number, option: "maxK" | "maxScan"): number {
    const { itemCount } = this.info;
    const limit = itemCount <= this.limits[option] ? Number.POSITIVE_INFINITY : this.limits[option];
    return Math.min(checkLoaded(name, size, limit, option), itemCount);
  }
}

/** What topK does. */
export interface TopEffort {
  readonly exact: boolean;
  readonly scan: number;
  readonly rescore?: number;
  /** With `rescore`: by the build's queries for a recall, and not by hand. */
  readonly isMeasured?: boolean;
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
