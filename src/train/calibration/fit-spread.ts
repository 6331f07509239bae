import { LARGEST_SPREAD } from "../../format/calibration-values.ts";
import { Misses } from "./coverage.ts";
import { isMissed, isTrusted, type SpreadAnswers, withSpread } from "./measured-answers.ts";

// The model of the tail takes residual logits for normal. Where queries are like single rows, as those of embeddings are, some
// residuals point their way, and logits reach further than that. The spread multiplies the logarithm of the second moment of
// weights. On 100,000 words of GloVe, built plainly, ± 1.96 bars cover log Z in 96 % of the trusted answers
// (docs/trust-results.md). With a spread of 1 they covered 69 % of those to frequent words at T = 1. Output layers of language
// models keep 1.

/** The logarithms of second moments that tell: draws show smaller ones, and bars of larger ones contain any error. */
const LEAST_LOG_SPREAD = 1;
const MOST_LOG_SPREAD = 10;
/** Errors of answers with narrower bars do not matter, and are often those of a single class. */
const LEAST_BAR = 0.005;
/** What is asked: queries of users, or rows without their own class in place of queries. */
type Asked = "queries" | "rows";
/**
 * The share of the telling answers that may miss, of those that are trusted. Queries that are like rows are not the rows, and miss
 * more often.
 */
const MOST_MISSES: Readonly<Record<Asked, number>> = { queries: 0.05, rows: 0.04 };
/**
 * Fewer queries are too few to show the spread, and rows are asked as well. Of 30,000 words of GloVe, one query left it at 1, and
 * default answers to other words covered 87 %.
 */
export const QUERIES_FOR_SPREAD = 40;
/** Fewer answers to queries show nothing. */
const LEAST_ANSWERS = 40;
/**
 * Rows show nothing unless this share of their answers tells. Of the rows of four language models it is 0 to 9 %, of words of
 * GloVe and of a recommender of sessions 38 to 41 %.
 */
const LEAST_SHARE_OF_ROWS = 1 / 8;
const STEP = 0.25;

/** The number of the telling answers, and their misses. */
interface Told {
  readonly answers: number;
  /** The misses among the trusted ones. */
  readonly misses: Misses;
}

/**
 * Finds the smallest spread from `least` on, in steps of a quarter, with which the telling answers that are trusted miss rarely
 * enough. The others promise nothing.
 */
export function fitSpread(measured: SpreadAnswers, asked: Asked, least = 1): number {
  for (let spread = least; spread < LARGEST_SPREAD; spread += STEP) {
    const { answers, misses } = toldWith(measured, spread);
    if (misses.share().value <= MOST_MISSES[asked] || showsNothing(answers, asked, measured)) return spread;
  }
  return LARGEST_SPREAD;
}

const showsNothing = (answers: number, asked: Asked, { errors }: SpreadAnswers): boolean =>
  answers < (asked === "rows" ? LEAST_SHARE_OF_ROWS * errors.length : LEAST_ANSWERS);

function toldWith(measured: SpreadAnswers, spread: number): Told {
  const widened = withSpread(measured, spread);
  const misses = new Misses();
  let answers = 0;
  for (const [i, logSpread] of widened.logSpreads.entries()) {
    const tells = logSpread > LEAST_LOG_SPREAD && logSpread < MOST_LOG_SPREAD;
    if (!tells || !((widened.bars[i] as number) > LEAST_BAR)) continue;
    answers++;
    if (isTrusted(widened, i, 1)) misses.add(widened.queries[i] as number, isMissed(widened, i, 1));
  }
  return { answers, misses };
}
