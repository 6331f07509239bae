import { LARGEST_SPREAD } from "../../format/calibration-values.ts";
import { EVIDENCE, Misses, missesTooOften } from "./coverage.ts";
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
/** What stands for queries: queries of users, rows that are asked without their own class, or stand-ins made of several rows. */
type Asked = "queries" | "rows" | "stand-ins";
/**
 * The share of the telling answers that may miss, of those that are trusted. Queries that are like rows are not the rows, and miss
 * more often.
 */
const MOST_MISSES: Readonly<Record<Asked, number>> = { queries: 0.05, rows: 0.04, "stand-ins": 0.05 };
/**
 * Fewer queries are too few to show the spread, and rows are asked as well. Of 30,000 words of GloVe, one query left it at 1, and
 * default answers to other words covered 87 %.
 */
export const QUERIES_FOR_SPREAD = 40;
/** Fewer answers to queries show nothing, and neither do fewer trusted ones to stand-ins. */
const LEAST_ANSWERS = 40;
/**
 * Rows show nothing unless this share of their answers tells. Of the rows of four language models it is 0 to 9 %, of words of
 * GloVe and of a recommender of sessions 38 to 41 %.
 */
const LEAST_SHARE_OF_ROWS = 1 / 8;
const STEP = 0.25;
/**
 * The largest spread by stand-ins, which point at single rows more often than queries do. On the output layer of a GRU of Penn
 * Treebank, whose rows are those of its input words, bars cover 95 to 99 % of the default answers with a spread of 1. Stand-ins
 * miss there as often as on long queries, which need 2.5: in 37 % with 1, 12 % with 2.5 and 6 % with 3.75. With 4, a head of 1,024
 * classes flags 94, 50 and 36 % of the answers at T = 0.3, 0.5 and 1, and with 2.5 61, 11 and 1 %.
 */
const LARGEST_BY_STAND_INS = 2.5;

/** What the telling answers show. */
interface Told {
  readonly answers: number;
  /** The misses among the trusted ones. */
  readonly misses: Misses;
}

/**
 * Finds the smallest spread from `least` on, in steps of a quarter, with which the telling answers that are trusted miss rarely
 * enough. The others promise nothing.
 *
 * Stand-ins are harder than the queries of most models, so they count only if they show that a spread of `least` is too small: on
 * four heads of long queries or sparse rows they miss by 3.9 to 6 standard errors too often, with fine codes by 2.3 to 3.7, and on
 * eight heads of other kinds by at most 1.4. Then queries miss as well. On 12,000 rows in groups of fifteen that long queries point at, and on
 * 50,000 sparse rows of 128 values with biases, ± 1.96 bars cover log Z in 93 and 96 % of the trusted default answers to 800 other
 * queries at T = 0.5 with the spread that follows, for 76 and 90 % with that of rows, 1 and 1.75.
 */
export function fitSpread(measured: SpreadAnswers, asked: Asked, least = 1): number {
  if (asked === "stand-ins" && !missesTooOften(toldWith(measured, least).misses.share(), EVIDENCE)) return least;
  const largest = asked === "stand-ins" ? Math.max(least, LARGEST_BY_STAND_INS) : LARGEST_SPREAD;
  for (let spread = least; spread < largest; spread += STEP) {
    const told = toldWith(measured, spread);
    const { value, count } = told.misses.share();
    if (value <= MOST_MISSES[asked] || showsNothing(told.answers, count, asked, measured)) return spread;
  }
  return largest;
}

function showsNothing(answers: number, trusted: number, asked: Asked, { errors }: SpreadAnswers): boolean {
  if (asked === "rows") return answers < LEAST_SHARE_OF_ROWS * errors.length;
  return (asked === "queries" ? answers : trusted) < LEAST_ANSWERS;
}

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
