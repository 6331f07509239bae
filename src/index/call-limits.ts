import type { TopK } from "../answers/answers.ts";
import { diversify } from "../answers/diversify.ts";
import type { DrawRequest, ProposalRequest } from "../answers/draws.ts";
import {
  type AnySampleOptions,
  DEFAULT_DRAWS,
  DEFAULT_SCAN,
  DEFAULT_TARGET_ERROR,
  type EstimateOptions,
  type LogPartitionOptions,
  type LogQOptions,
  PROPOSALS,
  type Proposal,
  type SlateOptions,
  type TopKOptions,
} from "../answers/options.ts";
import type { EstimateRequest } from "../answers/probabilities.ts";
import type { DiversityOption } from "../answers/recommend-options.ts";
import type { SlateRequest } from "../answers/slate.ts";
import type { TopEffort } from "../answers/top.ts";
import { isTriedAgain } from "../answers/tried-again.ts";
import { checkCount, checkFlag, checkLoaded, checkNumber, checkOneOf, checkSeed, checkShare } from "../checks/check.ts";
import type { DecodeRequest } from "../decode/decode.ts";
import { decodeEffort } from "../decode/decode-effort.ts";
import type { DecodeOptions } from "../decode/decode-options.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";
import type { Limits } from "../memory/plan.ts";
import { copyIds, copySlate } from "./copied-arguments.ts";
import { diversityOf } from "./diversity.ts";
import type { IndexInfo } from "./info.ts";
import { mixtureShares } from "./mixture-shares.ts";
import { effortForRecall, hasRecallCurve } from "./recall-effort.ts";

/** The number of best classes to find, and the function that chooses the answer from them. */
interface DiversePick {
  readonly pool: number;
  readonly pick: <Answer extends TopK>(opened: OpenedIndex, found: Answer) => Answer;
}

const UNLIMITED = Number.POSITIVE_INFINITY;
const WITH_FINE_CODES = 'an index built with "fineCodes" (--fine-codes)';

/**
 * Checks the arguments of calls against the index and the limits with which it was loaded. TypeError and RangeError
 * name the option.
 */
export class CallLimits {
  /** Changes replace it. */
  info: IndexInfo;
  private readonly limits: Limits;

  constructor(info: IndexInfo, limits: Limits) {
    this.info = info;
    this.limits = limits;
  }

  /** Copies the ids of the classes that a call names. */
  classes(ids: ArrayLike<number>): Int32Array {
    return copyIds("ids", ids, this.info.itemCount);
  }

  /** Copies the classes of a slate, which must differ. */
  slate(ids: ArrayLike<number>): Int32Array {
    return copySlate(ids, this.info.itemCount);
  }

  /** Checks k, and returns at most the number of classes. */
  k(k: number): number {
    return this.upToAll("k", k, "maxK");
  }

  /** Returns the number of best classes to find, and the function that chooses k of them for the answer. */
  diversity(k: number, { diversity }: DiversityOption): DiversePick {
    const count = this.k(k);
    const sizeOf = (name: string, size: number): number => this.upToAll(name, size, "maxK");
    const { lambda, pool } = diversityOf(count, diversity, sizeOf, this.limits.maxK);
    return { pool, pick: (opened, found) => (lambda < 1 ? diversify(opened, found, count, lambda) : found) };
  }

  draws(draws: number): number {
    return checkLoaded("draws", draws, this.limits.maxDraws, "maxDraws");
  }

  /**
   * Returns the effort of topK: a head of `scan` classes, or with `rescore` that many codes, or with `exact` whatever
   * certainty needs.
   */
  topEffort(k: number, options: TopKOptions): TopEffort {
    const exact = checkFlag("exact", options.exact);
    const { scan, recall } = options;
    const { itemCount } = this.info;
    const rescore = options.rescore === undefined ? undefined : this.rescore(options.rescore);
    if (exact) return { exact, scan: 0 };
    if (rescore !== undefined) {
      // Codes are read in place, so `maxScan` does not limit their number.
      const coded = checkCount("scan", scan ?? itemCount, Number.POSITIVE_INFINITY, "");
      return { exact, scan: Math.min(coded, itemCount), rescore, isMeasured: false };
    }
    if (recall === undefined && (scan !== undefined || !hasRecallCurve(this.info))) {
      return { exact, scan: this.scan(scan) };
    }
    const wanted = recall === undefined ? recall : checkShare("recall", recall);
    return effortForRecall(this.info, k, wanted, this.limits.maxScan);
  }

  /** Checks a head budget. */
  scan(scan: number = Math.min(DEFAULT_SCAN, this.limits.maxScan)): number {
    return this.upToAll("scan", scan, "maxScan");
  }

  estimate(options: EstimateOptions): EstimateRequest {
    const {
      proposal,
      scan,
      draws = Math.min(DEFAULT_DRAWS, this.limits.maxDraws),
      targetError = DEFAULT_TARGET_ERROR,
    } = options;
    const exact = checkFlag("exact", options.exact);
    return {
      exact,
      proposal: this.proposal(proposal),
      scan: scan === "auto" ? scan : this.scan(scan),
      triesAgain: !exact && isTriedAgain(scan, proposal),
      targetError: checkNumber("targetError", targetError, 0, Number.POSITIVE_INFINITY),
      draws: this.draws(draws),
      seed: checkSeed(options.seed),
    };
  }

  /** Returns the largest width of the bounds of log Z. */
  tolerance({ tolerance = Number.POSITIVE_INFINITY }: LogPartitionOptions): number {
    return checkNumber("tolerance", tolerance, 0, Number.POSITIVE_INFINITY);
  }

  /** Returns the proposal of a call, the size of its head, and the shares that are mixed with it. */
  proposed({ proposal, scan, mixture }: LogQOptions): ProposalRequest {
    return {
      proposal: this.proposal(proposal),
      scan: this.scan(scan),
      mixture: mixtureShares(mixture, this.info),
    };
  }

  slateFrom(options: SlateOptions): SlateRequest {
    return { ...this.proposed(options), exact: checkFlag("exact", options.exact) };
  }

  draw(options: AnySampleOptions): DrawRequest {
    return {
      ...this.proposed(options),
      exact: checkFlag("exact", options.exact),
      seed: checkSeed(options.seed),
    };
  }

  /** Checks topK of decode, and returns 0 for all classes. Decode collects classes in memory for at least one. */
  keptK(topK: number): number {
    this.upToAll("topK", 1, "maxK");
    const keepsAll = checkCount("topK", topK, UNLIMITED, "") >= this.info.itemCount;
    return keepsAll ? 0 : this.upToAll("topK", topK, "maxK");
  }

  /** Checks the options of decode that are the same for all queries of a batch. */
  decode(options: DecodeOptions): Omit<DecodeRequest, "chain"> {
    const effort = decodeEffort(options, (top) => this.upToAll("topLogProbabilities", top, "maxK"));
    return { ...effort, maxK: this.limits.maxK };
  }

  private proposal(proposal: Proposal = "buckets"): Proposal {
    checkOneOf("proposal", proposal, PROPOSALS);
    if (proposal === "codes" && !this.info.hasFineCodes) {
      throw new RangeError(`"proposal" expected ${WITH_FINE_CODES} for "codes", got one without`);
    }
    return proposal;
  }

  private rescore(rescore: number): number {
    if (!this.info.hasFineCodes) throw new RangeError(`"rescore" expected ${WITH_FINE_CODES}, got one without`);
    return this.upToAll("rescore", rescore, "maxScan");
  }

  /** Checks a number of classes. If the limit covers all classes, any larger number is accepted too. */
  private upToAll(name: string, size: number, option: "maxK" | "maxScan"): number {
    const { itemCount } = this.info;
    const limit = itemCount <= this.limits[option] ? Number.POSITIVE_INFINITY : this.limits[option];
    return Math.min(checkLoaded(name, size, limit, option), itemCount);
  }
}
