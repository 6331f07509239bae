// The tensor `calibration.values`: f32 (CALIBRATION_VALUES) with the fields of CalibrationValues in order, then zeros. A spread
// of 1 and a limit of spreads that excludes nothing are zeros, too, as in files of before there were any.

/** The results of a calibration of error bars whose spread is given: those of merged answers, and of audits. */
export interface BarCalibration {
  /** Error bars are multiplied by it, 0.5 to 1.5. */
  readonly factor: number;
  /**
   * The largest standard error by the model of the tail, relative to Z and before the factor, for which coverage held.
   * A query beyond it gets standardError Infinity.
   */
  readonly limit: number;
  /** The share of the trusted answers whose error was within 1.96 standard errors; 0 if there were none. */
  readonly coverage: number;
  /** The share of the sampled answers that were not trusted: with lowEss, or beyond the limit. */
  readonly flagged: number;
  /** The number of sampled answers that were compared with the exact softmax; 0 if nothing was measured. */
  readonly answers: number;
  /** The largest error of a trusted answer, in standard errors. */
  readonly largestMiss: number;
}

/** The results of a calibration of the error bars of an index. */
export interface CalibrationValues extends BarCalibration {
  /**
   * The logarithm of the second moment of weights that the dispersions predict is multiplied by it, 1 to 4. Above 1 where
   * queries are more like single rows than normal residuals would be.
   */
  readonly spread: number;
  /**
   * The largest logarithm of the second moment of weights, as the dispersions predict it, for which an answer has an error bar.
   * Beyond it standardError is Infinity: queries seem to point at single rows there, which a head can miss. Without such a limit
   * it is 2^40.
   */
  readonly spreadLimit: number;
}

/** The part of a calibration that says what queries are like. */
export type QueryLikeness = Pick<CalibrationValues, "spread" | "spreadLimit">;

export const CALIBRATION_VALUES = 16;
/** The name of the estimator of the error bars that this library has, and calibrates. */
export const ESTIMATOR = "dispersion-5";
/** Estimators of before `spread` and `spreadLimit`. Their calibrations have the values with which these change nothing. */
const OLDER_ESTIMATORS: readonly string[] = ["dispersion-3", "dispersion-4"];
/** Tells whether this library makes error bars as a calibration for this estimator expects them. */
export const isOwnEstimator = (name: string | undefined): boolean =>
  name !== undefined && (name === ESTIMATOR || OLDER_ESTIMATORS.includes(name));
/** The name of the rule for files without dispersions, such as those of format 1.0. It cannot be calibrated. */
export const ESTIMATOR_WITHOUT_DISPERSIONS = "allowance-1";

const LEAST_FACTOR = 0.5;
export const LARGEST_FACTOR = 1.5;
export const LARGEST_SPREAD = 4;
/** The largest magnitude of a value in a file or a manifest. As a limit of relative errors it excludes nothing. */
export const LARGEST_VALUE = 2 ** 40;
/** Integers up to here are exact in f32. */
export const MOST_ANSWERS = 2 ** 24;

/** Error bars as the estimator makes them, with no answers behind them. A build writes these before it measures. */
export const UNMEASURED: CalibrationValues = {
  factor: 1,
  limit: LARGEST_VALUE,
  coverage: 0,
  flagged: 0,
  answers: 0,
  largestMiss: 0,
  spread: 1,
  spreadLimit: LARGEST_VALUE,
};

/** Returns true if a calibration found that queries may point at single rows. */
export const mayPointAtRows = ({ spread, spreadLimit }: QueryLikeness): boolean =>
  spread > UNMEASURED.spread || spreadLimit < UNMEASURED.spreadLimit;

export function calibrationToValues(calibration: CalibrationValues): Float32Array<ArrayBuffer> {
  const { factor, limit, coverage, flagged, answers, largestMiss, spread, spreadLimit } = calibration;
  const values = new Float32Array(CALIBRATION_VALUES);
  const likeness = [spread > UNMEASURED.spread ? spread : 0, spreadLimit < UNMEASURED.spreadLimit ? spreadLimit : 0];
  const fields = [factor, limit, coverage, flagged, answers, largestMiss, ...likeness];
  values.set(fields.map((value) => Math.min(value, LARGEST_VALUE)));
  return values;
}

export function calibrationFromValues(values: Float32Array): CalibrationValues {
  const [factor, limit, coverage, flagged, answers, largestMiss, spread, spreadLimit] = values as unknown as [
    ...[number, number, number, number, number, number, number, number],
  ];
  const bars: BarCalibration = { factor, limit, coverage, flagged, answers, largestMiss };
  return { ...bars, spread: spread || UNMEASURED.spread, spreadLimit: spreadLimit || UNMEASURED.spreadLimit };
}

/** Returns the index of the first value that a file must not have, or −1. */
export function firstWrongCalibrationValue(values: Float32Array): number {
  const isShare = (value: number): boolean => value >= 0 && value <= 1;
  const checks = [
    (value: number): boolean => value >= LEAST_FACTOR && value <= LARGEST_FACTOR,
    (value: number): boolean => value > 0 && value <= LARGEST_VALUE,
    isShare,
    isShare,
    (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= MOST_ANSWERS,
    (value: number): boolean => value >= 0 && value <= LARGEST_VALUE,
    (value: number): boolean => value === 0 || (value > 1 && value <= LARGEST_SPREAD),
    (value: number): boolean => value >= 0 && value < LARGEST_VALUE,
  ];
  const isZero = (value: number): boolean => Object.is(value, 0);
  return values.findIndex((value, i) => Object.is(value, -0) || !(checks[i] ?? isZero)(value));
}
