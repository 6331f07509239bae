import { UNMEASURED } from "../../format/calibration-values.ts";
import { DISTRUST, Misses, missesTooOften, PROOF, SUSPICION } from "./coverage.ts";
import type { Cell } from "./grid.ts";
import { isMissed, isTrusted, type SpreadAnswers } from "./measured-answers.ts";

// A query that points at one row can have most of Z in that one class, and a head of the best buckets misses it as soon as the row
// lies far from its codewords. No draw meets the class, and the dispersions promise that there is none, so the bar is narrow and
// wrong. Whether queries are of that kind only queries can tell, or stand-ins for them.

/**
 * The spread up to which bars hold on all layers. On ten layers of 12,000 to 100,000 classes of 128 values, in groups of 15 or 100
 * that long queries point at, bars of heads of 0 to 4,096 classes missed log Z in .9 % of the trusted answers with a spread up
 * to .5, in 9 % up to 2 and in 30 % above, often by several nats.
 */
export const SAFE_SPREAD = 0.5;

/** A test of answers: in standard errors, and the number of trusted answers from which on they show something. */
interface Test {
  readonly deviations: number;
  readonly least: number;
}
/**
 * A suspicion is enough, because a wrong bar is worse than none, in whose place all rows are read. Stand-ins are tested together,
 * as few of them are asked: those of the ten layers above miss in 10 to 59 % of these answers, .9 standard errors or more above 6 %,
 * and those of ten layers of language models, recommenders and word vectors in 8 % at most, .3 standard errors above.
 */
const OF_STAND_INS: Test = { deviations: SUSPICION, least: 20 };
/**
 * Answers to queries are tested for each size of the head, as small heads miss first: of 12,000 classes that long queries point at,
 * heads without classes in 30 and 36 % of ten answers, by 1.3 and 1.9 standard errors, and those of 1,024 in 3 %. On ten other
 * layers no size of head misses in 6 %.
 */
const OF_QUERIES: Test = { deviations: DISTRUST, least: 10 };
/**
 * Discriminants are sharper than most queries, so they have to prove it: of seven layers of language models and recommenders,
 * they miss in up to 12 % of these answers, 1.1 standard errors above 6 %. Of rows of 256 to 1,024 values whose singular values
 * fall as d^-.5 to 1/d they miss in 25 to 98 %, 3.4 standard errors or more above. Stand-ins show little of what is wrong there.
 * Beside biases they can be too few: of 256 values that fall as 1/d, 5 of 29 answers miss, and with 64 discriminants 16 of 119.
 * Where they miss in 0 to 6 %, queries that are rows by whitened values do in up to 42 %, by up to 90 nats.
 */
const OF_DISCRIMINANTS: Test = { deviations: PROOF, least: 40 };
const TESTS = { queries: OF_QUERIES, "stand-ins": OF_STAND_INS, discriminants: OF_DISCRIMINANTS };

/**
 * Where the spread has to be larger for queries or rows, a few single classes make up what the model of the tail lacks, and answers
 * to other queries miss: of 40,000 classes that long queries point at, calibrated with 100 of these queries, 6 to 13 % of the
 * trusted default answers at T = .5 and 1, by up to 7 nats, with spreads of 2.75 and 3.25. Layers of words, sessions and places
 * need 1 to 2, vectors of words 1.5 to 2.5.
 */
const LARGEST_BELIEVED_SPREAD = 2.25;

/** The kind of the queries that were asked, and the calls that asked them. */
export interface AskedInCells {
  /** Queries of users, or what was made in their place. */
  readonly asked: keyof typeof TESTS;
  /** The calls, by the number of the cell. */
  readonly cells: readonly Pick<Cell, "scan">[];
  /** The spread that the bars have. */
  readonly spread: number;
}

/**
 * Returns the largest spread of the tail at which answers have a bar: SAFE_SPREAD if those beyond it miss too often, or did before
 * bars were widened by far, otherwise a number that excludes nothing.
 */
export function fitSpreadLimit(measured: SpreadAnswers, { asked, cells, spread }: AskedInCells): number {
  if (spread > LARGEST_BELIEVED_SPREAD) return SAFE_SPREAD;
  const { deviations, least } = TESTS[asked];
  const groups = new Map<number | string, Misses>();
  for (const [i, logSpread] of measured.logSpreads.entries()) {
    if (!(logSpread > SAFE_SPREAD) || !isTrusted(measured, i, 1)) continue;
    const group = asked === "queries" ? (cells[measured.cells[i] as number] as Cell).scan : "all";
    const misses = groups.get(group) ?? new Misses();
    groups.set(group, misses);
    misses.add(measured.queries[i] as number, isMissed(measured, i, 1));
  }
  const isDoubtful = [...groups.values()].some((misses) => missesTooOften(misses.share(), deviations, least));
  return isDoubtful ? SAFE_SPREAD : UNMEASURED.spreadLimit;
}

/** Returns answers without bars where their spread is beyond a limit. */
export function withSpreadLimit<Answers extends Pick<SpreadAnswers, "bars" | "logSpreads">>(
  answers: Answers,
  limit: number,
): Answers {
  const bars = answers.bars.map((bar, i) =>
    bar > 0 && (answers.logSpreads[i] as number) > limit ? Number.POSITIVE_INFINITY : bar,
  );
  return { ...answers, bars };
}
