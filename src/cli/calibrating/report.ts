import type { CalibrationFacts } from "../../format/calibration.ts";
import { type BarCalibration, type QueryLikeness, UNMEASURED } from "../../format/calibration-values.ts";
import type { CalibrationInfo } from "../../index/info.ts";
import type { CalibrationReport } from "../../train/calibration/add-calibration.ts";
import { QUERIES_FOR_NARROWER } from "../../train/calibration/fit-calibration.ts";

/** A calibration and its source. */
export interface Calibrated
  extends BarCalibration,
    Partial<QueryLikeness>,
    Pick<CalibrationFacts, "source" | "queryCount"> {}

const SOURCES = { queries: "queries", "stand-ins": "stand-in queries", audits: "audits" } as const;

/** Describes a calibration for people. `standIns` names the stand-ins. */
export function calibrationFacts(
  { source, queryCount, ...values }: Calibrated,
  standIns: string = SOURCES["stand-ins"],
): [name: string, value: string][] {
  const { factor, limit, coverage, flagged, answers, largestMiss } = values;
  const { spread = UNMEASURED.spread, spreadLimit = UNMEASURED.spreadLimit } = values;
  const basis = `${queryCount} ${source === "stand-ins" ? standIns : SOURCES[source]}, ${answers} answers`;
  if (answers === 0) return [["calibration", `${basis}: nothing was sampled, so bars stay as they are`]];
  return [
    ["calibration", basis],
    [
      "factor",
      `${factor.toFixed(2)} on error bars${limit < 1 ? `; none where the model's error is above ${percent(limit)}` : ""}`,
    ],
    ...(spread > UNMEASURED.spread ? [spreadFact(spread)] : []),
    ...(spreadLimit < UNMEASURED.spreadLimit ? [SPREAD_LIMIT_FACT] : []),
    ["coverage", coverageText(coverage, largestMiss)],
    ["flagged", `${percent(flagged)} of the answers`],
    ...(largestMiss > FAR_OFF ? [FAR_OFF_ADVICE] : []),
  ];
}

const spreadFact = (spread: number): [name: string, value: string] => [
  "spread",
  `${spread.toFixed(2)}: queries are like single rows, so bars are wider, and more answers flagged`,
];

const SPREAD_LIMIT_FACT: [name: string, value: string] = [
  "no bars",
  "where the tail is uneven: queries seem to point at single rows there, which estimates miss. exact: true finds them",
];

const coverageText = (coverage: number, largestMiss: number): string =>
  isCompared(coverage, largestMiss)
    ? `${percent(coverage)} of the trusted answers; the largest error is ${largestMiss.toFixed(1)} standard errors`
    : "not known: no trusted answer had a bar to compare its error with";

/** Without a trusted answer whose bar is above rounding, as with few classes, both numbers are 0, and nothing was compared. */
const isCompared = (coverage: number, largestMiss: number): boolean => coverage > 0 || largestMiss > 0;

/** Describes the calibration of the error bars of an index in one line. */
export function calibrationText({ calibrated, estimator, ...known }: CalibrationInfo): string {
  if (!calibrated) return `none for ${estimator}`;
  const { source, queryCount, factor, coverage = 0, largestMiss = 0 } = known;
  const covered = isCompared(coverage, largestMiss) ? percent(coverage) : "not known";
  return `${estimator}, on ${queryCount} ${source}, factor ${factor?.toFixed(2)}, coverage ${covered}`;
}

/** An error of more standard errors than this does not come from the chance of draws, but from one class that no head holds. */
const FAR_OFF = 10;
const FAR_OFF_ADVICE: [name: string, value: string] = [
  "beware",
  "some queries point at one class outside the head, and no bar shows it: fine codes often find it, exact: true always does",
];

/** Describes the calibration of a build, with its cost. `hasEncoder`: stand-ins are sequences that the model draws. */
export const buildCalibrationFacts = (
  { seconds, ...calibrated }: CalibrationReport,
  hasEncoder: boolean,
): [name: string, value: string][] =>
  calibrationFacts(calibrated, hasEncoder ? "sequences that the model draws" : undefined).map(([name, value]) => [
    name,
    name === "calibration" ? `${value}, in ${seconds.toFixed(2)} s` : value,
  ]);

/** Explains why bars did not get narrower. Undefined if they may have. */
export function fewQueriesLine({ source, queryCount }: Pick<Calibrated, "source" | "queryCount">): string | undefined {
  if (source === "stand-ins" || queryCount >= QUERIES_FOR_NARROWER) return undefined;
  return `${queryCount} ${source} are too few to make error bars narrower: from ${QUERIES_FOR_NARROWER} on, coverage is known to 2 points`;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
