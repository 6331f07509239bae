import type { ScanChoice } from "../answers/answers.ts";
import { HIGH_ERROR, LEAST_ERROR } from "../answers/dispersion-bars.ts";
import type { LogPartition } from "../answers/error-bars.ts";
import { log64 } from "../arithmetic/exp-log.ts";
import { largestOf, logSum, scaleTo } from "./log-sums.ts";
import type { EstimateTerms, PartialEstimate } from "./partial-answer.ts";

/** Errors larger than f64 can cause in the sum of the masses of many parts, and then in its logarithm by its magnitude. */
const ROUNDING_OF_SUM = 2 ** -40;
const ROUNDING_OF_LOG = 2 ** -49;

/** Adds the estimates of several parts. `wanted` is the number of draws that the call wants of all of them. */
export function mergeEstimates(estimates: readonly PartialEstimate[], wanted: number): PartialEstimate {
  const terms = addTerms(
    estimates.map((estimate) => estimate.terms),
    wanted,
  );
  const bounds = estimates.every((estimate) => estimate.bounds) ? mergeBounds(estimates) : undefined;
  const estimated = estimateOf(terms);
  const logPartition = bounds
    ? Math.min(Math.max(estimated.logPartition, bounds.lower), bounds.upper)
    : estimated.logPartition;
  const choices = estimates.flatMap(({ choice }) => (choice ? [choice] : []));
  return {
    ...estimated,
    logPartition,
    terms,
    ...(bounds && { bounds }),
    ...(choices.length === estimates.length && { choice: mergeChoices(choices, estimates) }),
  };
}

/**
 * Brings sums to one unit, the largest, and adds them. Masses add, and variances, since parts draw independently. A part that reads
 * all of its rows has only the error of rounding the query. It is the same for all such parts, so their errors add, not the
 * variances. After a merge with a part that was sampled, it counts as independent.
 */
function addTerms(terms: readonly EstimateTerms[], wanted: number): EstimateTerms {
  const logUnit = largestOf(terms.map((term) => term.logUnit));
  const scales = terms.map((term) => scaleTo(logUnit, term.logUnit));
  const sum = (field: "mass" | "head" | "proposal" | "squares"): number =>
    terms.reduce((total, term, i) => total + times(term[field], scales[i] as number), 0);
  const squared = (value: number, i: number): number => times(times(value, scales[i] as number), scales[i] as number);
  const sampled = terms.filter(({ isSampled }) => isSampled);
  const error = terms.reduce(
    (total, term, i) => total + (term.isSampled ? 0 : times(Math.sqrt(term.variance), scales[i] as number)),
    0,
  );
  return {
    logUnit,
    mass: sum("mass"),
    head: sum("head"),
    proposal: sum("proposal"),
    squares: sum("squares"),
    variance: terms.reduce((total, term, i) => total + (term.isSampled ? squared(term.variance, i) : 0), error * error),
    modelVariance: terms.reduce((total, term, i) => total + squared(term.modelVariance, i), 0),
    draws: sampled.length > 0 ? terms.reduce((total, term) => total + term.draws, 0) : wanted,
    limit: terms.reduce((least, { limit }) => Math.min(least, limit), Number.POSITIVE_INFINITY),
    isSampled: sampled.length > 0,
    isCalibrated: sampled.every(({ isCalibrated }) => isCalibrated),
    isDoubtful: terms.some(({ isDoubtful }) => isDoubtful),
  };
}

/** Multiplies by a scale that may be 0. An unknown variance stays unknown, however small its part seems. */
const times = (value: number, scale: number): number => (value === Number.POSITIVE_INFINITY ? value : value * scale);

/** Makes the numbers of an answer from its terms, as answers/error-bars.ts makes them from moments. */
export function estimateOf(terms: EstimateTerms): LogPartition {
  const { mass } = terms;
  const logPartition = mass > 0 ? terms.logUnit + log64(mass) : Number.NEGATIVE_INFINITY;
  const deviation = mass > 0 ? Math.sqrt(terms.variance) / mass : 0;
  if (!terms.isSampled) {
    return {
      logPartition,
      standardError: deviation > LEAST_ERROR ? deviation : 0,
      modelError: 0,
      calibrated: true,
      effectiveSampleSize: terms.draws,
      headShare: 1,
      lowEss: terms.isDoubtful,
    };
  }
  const modelError = mass > 0 ? Math.sqrt(terms.modelVariance) / mass : 0;
  const standardError = modelError <= terms.limit ? Math.max(deviation, LEAST_ERROR) : Number.POSITIVE_INFINITY;
  const worth = terms.proposal * terms.squares;
  return {
    logPartition,
    standardError,
    modelError,
    calibrated: terms.isCalibrated && modelError <= terms.limit,
    effectiveSampleSize: worth > 0 ? (terms.draws * mass * mass) / worth : 0,
    headShare: mass > 0 ? terms.head / mass : 1,
    lowEss: terms.isDoubtful || !(standardError <= HIGH_ERROR),
  };
}

/** The mass of all classes is between the sums of the bounds, rounded outwards. */
function mergeBounds(estimates: readonly PartialEstimate[]): { lower: number; upper: number } {
  const sumOf = (bound: "lower" | "upper", sign: number): number => {
    const log = logSum(estimates.map(({ bounds }) => bounds?.[bound] as number));
    return Number.isFinite(log) ? log + sign * (ROUNDING_OF_SUM + ROUNDING_OF_LOG * Math.abs(log)) : log;
  };
  return { lower: sumOf("lower", -1), upper: sumOf("upper", 1) };
}

/**
 * Numbers of classes and draws add, and shares and errors are weighed by the masses of the parts. The figures of the default
 * head are known if every part has looked at it.
 */
function mergeChoices(choices: readonly ScanChoice[], estimates: readonly PartialEstimate[]): ScanChoice {
  const logs = estimates.map(({ logPartition }) => logPartition);
  const logTotal = logSum(logs);
  const shares = logs.map((log) => scaleTo(logTotal, log));
  const weigh = (values: readonly number[]): number =>
    values.reduce((sum, value, i) => sum + value * (shares[i] as number), 0);
  const errorOf = (errors: readonly number[]): number =>
    Math.sqrt(errors.reduce((sum, error, i) => sum + (error * (shares[i] as number)) ** 2, 0));
  const heads = choices.flatMap(({ headShare }) => headShare ?? []);
  const errors = choices.flatMap(({ expectedErrorAtDefault }) => expectedErrorAtDefault ?? []);
  return {
    scan: choices.reduce((sum, { scan }) => sum + scan, 0),
    draws: choices.reduce((sum, { draws }) => sum + draws, 0),
    proposal: choices.some(({ proposal }) => proposal === "codes") ? "codes" : "buckets",
    exact: choices.every((choice) => choice.exact),
    expectedError: errorOf(choices.map(({ expectedError }) => expectedError)),
    ...(heads.length === choices.length && { headShare: weigh(heads), expectedErrorAtDefault: errorOf(errors) }),
  };
}
