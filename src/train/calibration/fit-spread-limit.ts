import { LARGEST_FACTOR, UNMEASURED } from "../../format/calibration-values.ts";
import { Misses, missesTooOften, PROOF } from "./coverage.ts";
import { bandsOf } from "./groups.ts";
import { isMissed, isTrusted, type SpreadAnswers, tellingOf } from "./measured-answers.ts";

// Where queries point at single classes, as those of a sequence encoder may, a sharp softmax can be nearly all one class that
// the head missed. Neither the draws nor the dispersions show it: on the items of a transformer that was trained on Amazon
// Beauty, 6 to 9 % of the trusted answers at T = .5 and .3 were off by up to 20 nats. How sharp a softmax is, the spread of its
// tail says. Among the trusted answers to stand-ins, 28 to 50 % missed there beyond a spread of 3, and at most 4 % on the
// thirteen layers of docs/trust.md, which have no limit.

/** Errors that matter: bars of less are often wrong by rounding. */
const SMALL_ERROR = 0.02;
/** If more of the trusted answers beyond a spread miss, even with the largest factor, their bars say nothing. */
const MOST_MISSES = 0.1;
/** 0 would stand for no limit. */
const LEAST_LIMIT = 1e-6;

/** Finds the largest spread of the tail up to which trusted answers hold, if those beyond prove not to. */
export function fitSpreadLimit(measured: SpreadAnswers): number {
  const { errors, queries, logSpreads } = measured;
  const trusted = tellingOf(measured).filter((i) => isTrusted(measured, i, LARGEST_FACTOR));
  const bands = bandsOf(logSpreads, trusted);
  const missesOf = (answers: readonly number[]): Misses => {
    const misses = new Misses();
    for (const i of answers) {
      const matters = !(Math.abs(errors[i] as number) <= SMALL_ERROR);
      misses.add(queries[i] as number, matters && isMissed(measured, i, LARGEST_FACTOR));
    }
    return misses;
  };
  const failing = bands.findIndex((band, b) => {
    const beyond = missesOf(bands.slice(b).flat());
    return missesOf(band).share().value > MOST_MISSES && missesTooOften(beyond.share(), PROOF, MOST_MISSES);
  });
  if (failing < 0) return UNMEASURED.spreadLimit;
  const last = bands[failing - 1]?.at(-1);
  return Math.fround(Math.max(last === undefined ? 0 : (logSpreads[last] as number), LEAST_LIMIT));
}

/** Returns answers that were measured without a limit of the spread as they are with one. */
export function withSpreadLimit(answers: SpreadAnswers, limit: number): SpreadAnswers {
  const limited = (values: Float64Array): Float64Array =>
    values.map((value, i) =>
      value > 0 && (answers.logSpreads[i] as number) > limit ? Number.POSITIVE_INFINITY : value,
    );
  return { ...answers, modelErrors: limited(answers.modelErrors), bars: limited(answers.bars) };
}
