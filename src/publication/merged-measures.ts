import { shown } from "../checks/check.ts";
import type { CalibrationFacts } from "../format/calibration.ts";
import { type BarCalibration, LARGEST_VALUE } from "../format/calibration-values.ts";
import { MAX_ITEMS } from "../format/limits.ts";
import type { RecallCurve, RecallPoint } from "../format/recall-curve.ts";
import { arrayOf, fault, integerOf, numberOf, objectOf, onlyFields, versionOf } from "./fields.ts";

const MAX_CURVES = 8;
const MAX_POINTS = 64;

/** Reads the recall curves of a manifest. */
export function curvesOf(value: unknown): readonly RecallCurve[] | null {
  if (value === null) return null;
  return arrayOf(value, "recallCurves", MAX_CURVES).map((curve, i) => {
    const at = `recallCurves[${i}]`;
    const { k, points } = onlyFields(objectOf(curve, `"${at}"`), ["k", "points"], `${at}.`, "manifest");
    let before = 0;
    return {
      k: integerOf(k, `${at}.k`, 1, MAX_ITEMS),
      points: arrayOf(points, `${at}.points`, MAX_POINTS).map((point, j) => {
        const read = pointOf(point, `${at}.points[${j}]`);
        if (!(read.recall > before)) throw fault(`"${at}.points[${j}].recall" expected more than ${before}`);
        before = read.recall;
        return read;
      }),
    };
  });
}

function pointOf(value: unknown, at: string): RecallPoint {
  const fields = onlyFields(objectOf(value, `"${at}"`), ["scan", "rescore", "recall"], `${at}.`, "manifest");
  return {
    scan: integerOf(fields.scan, `${at}.scan`, 1, MAX_ITEMS),
    rescore: integerOf(fields.rescore, `${at}.rescore`, 1, MAX_ITEMS),
    recall: numberOf(fields.recall, `${at}.recall`, 0, 1),
  };
}

const CALIBRATION_FIELDS = ["estimator", "source", "queryCount", "factor", "limit", "coverage", "flagged", "answers"];
const SOURCES = ["queries", "stand-ins", "audits"] as const;

/** Reads the calibration of a manifest. */
export function calibrationOf(value: unknown): (CalibrationFacts & BarCalibration) | null {
  if (value === null) return null;
  const at = "calibration.";
  const known = [...CALIBRATION_FIELDS, "largestMiss"];
  const fields = onlyFields(objectOf(value, '"calibration"'), known, at, "manifest");
  const source = SOURCES.find((name) => name === fields.source);
  if (source === undefined) throw fault(`"${at}source" expected ${SOURCES.join(", ")}, got ${shown(fields.source)}`);
  return {
    estimator: versionOf(fields.estimator, `${at}estimator`),
    source,
    queryCount: integerOf(fields.queryCount, `${at}queryCount`, 1, MAX_ITEMS),
    factor: numberOf(fields.factor, `${at}factor`, 0, LARGEST_VALUE),
    limit: numberOf(fields.limit, `${at}limit`, 0, LARGEST_VALUE),
    coverage: numberOf(fields.coverage, `${at}coverage`, 0, 1),
    flagged: numberOf(fields.flagged, `${at}flagged`, 0, 1),
    answers: integerOf(fields.answers, `${at}answers`, 0, MAX_ITEMS),
    largestMiss: numberOf(fields.largestMiss, `${at}largestMiss`, 0, LARGEST_VALUE),
  };
}
