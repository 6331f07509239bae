import { HIGH_ERROR } from "../../answers/dispersion-bars.ts";
import { type BarCalibration, MOST_ANSWERS, UNMEASURED } from "../../format/calibration-values.ts";
import { Misses, missesTooOften, PROOF } from "./coverage.ts";
import { BELIEVED, DOUBTED, fitFactor } from "./fit-factor.ts";
import { bandsOf } from "./groups.ts";
import { isMissed, isTrusted, type MeasuredAnswers, missOf, sampledCount, tellingOf } from "./measured-answers.ts";

/** The queries that a calibration rests on. */
export interface Evidence {
  /** The queries are those of users, not stand-ins. */
  readonly isReal: boolean;
  readonly queryCount: number;
  /** A limit that was verified before. It stays where nothing speaks against it. Default: none. */
  readonly verified?: number;
  /** The calibration before this one, whose bars stand-ins and few queries make no narrower. Default: none. */
  readonly earlier?: Pick<BarCalibration, "factor" | "limit">;
}

/**
 * With this many real queries, a factor may be below 1. They give coverage to ± 1.5 to 2 points, 50 to ± 3. Factors below 1
 * from stand-ins do not transfer to real queries: with rows in place of queries they covered 20 to 51 %.
 */
export const QUERIES_FOR_NARROWER = 100;
/** Fewer trusted answers than these are no evidence for narrower bars. */
const LEAST_TRUSTED = 100;

/** The factor by which bars may exceed the spreads of stand-ins, which may be smaller than those of queries. */
const BEYOND_STAND_INS = 4;
/** An error that does not matter for the limit: bars of less are often wrong by rounding or by a single class. */
const SMALL_ERROR = 0.02;

const { spread: _, spreadLimit: _l, ...NOTHING } = UNMEASURED;

/** Finds the factor on the error bars, and the limit of the model's error, with which intervals hold for these answers. */
export function fitCalibration(measured: MeasuredAnswers, evidence: Evidence): BarCalibration {
  const answers = Math.min(sampledCount(measured), MOST_ANSWERS);
  if (answers === 0) return NOTHING;
  const telling = tellingOf(measured);
  const bands = bandsOf(measured, telling);
  const trusts = telling.filter((i) => isTrusted(measured, i, 1)).length;
  const isBelieved = evidence.isReal && evidence.queryCount >= QUERIES_FOR_NARROWER && trusts >= LEAST_TRUSTED;
  const { factor: least, limit: most } = isBelieved ? UNMEASURED : (evidence.earlier ?? UNMEASURED);
  const rule = isBelieved ? BELIEVED : { ...DOUBTED, least: Math.max(DOUBTED.least, least) };
  const factor = fitFactor(measured, bands, rule);
  const limit = Math.min(fitLimit(measured, bands, factor, { ...evidence, isBelieved }), most);
  const trusted = telling.filter((i) => isTrusted(measured, i, factor) && (measured.modelErrors[i] as number) <= limit);
  const covered = trusted.filter((i) => !isMissed(measured, i, factor)).length;
  return {
    factor,
    limit,
    coverage: trusted.length > 0 ? covered / trusted.length : 0,
    flagged: (barless(measured) + telling.length - trusted.length) / answers,
    answers,
    largestMiss: trusted.reduce((most, i) => Math.max(most, missOf(measured, i, factor)), 0),
  };
}

/** Returns the number of answers with draws but without a bar. */
const barless = ({ bars }: MeasuredAnswers): number =>
  bars.reduce((sum, bar) => sum + Number(bar === Number.POSITIVE_INFINITY), 0);

/**
 * Returns the largest of the model's errors up to which answers hold, trusted or not. If all hold, it is the largest one, or
 * a multiple for stand-ins, and at least the widest trusted bar and the limit that was verified before. Stand-ins and few
 * queries never make answers with narrower bars untrusted.
 */
function fitLimit(
  measured: MeasuredAnswers,
  bands: readonly number[][],
  factor: number,
  { isReal, isBelieved, verified = 0 }: Evidence & { readonly isBelieved: boolean },
): number {
  const { errors, modelErrors, queries } = measured;
  let [before, largest] = [0, 0];
  for (const band of bands) {
    const misses = new Misses();
    for (const i of band) {
      const matters = !(Math.abs(errors[i] as number) <= SMALL_ERROR);
      misses.add(queries[i] as number, matters && isMissed(measured, i, factor));
      largest = Math.max(largest, modelErrors[i] as number);
    }
    if (missesTooOften(misses.share(), PROOF)) return limitOf(isBelieved ? before : Math.max(before, HIGH_ERROR));
    before = largest;
  }
  return limitOf(Math.max((isReal ? 1 : BEYOND_STAND_INS) * largest, HIGH_ERROR, verified));
}

/** A limit is positive and finite in f32. */
const limitOf = (limit: number): number =>
  limit < UNMEASURED.limit ? Math.fround(Math.max(limit, SMALLEST_LIMIT)) : UNMEASURED.limit;
const SMALLEST_LIMIT = 1e-6;
