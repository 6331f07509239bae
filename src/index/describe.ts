import type { CalibrationFacts } from "../format/calibration.ts";
import { ESTIMATOR, ESTIMATOR_WITHOUT_DISPERSIONS } from "../format/calibration-values.ts";
import type { IndexHeader } from "../format/header.ts";
import { curvesFromValues, type RecallCurve } from "../format/recall-curve.ts";
import { fineCount } from "../format/tensors.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";
import { storedCalibration } from "../memory/stored-calibration.ts";
import { curveValues } from "../memory/validate.ts";
import type { CalibrationInfo, FileInfo, IndexInfo } from "./info.ts";

const ROW_FACTORY = { f32: "Flat", f16: "SQfp16", i8: "SQ8" } as const;

/**
 * Describes a loaded index: its header and its memory. The result is frozen, because ids and queries are checked
 * against it.
 */
export const describe = (opened: OpenedIndex): IndexInfo => {
  const { header, kernels, plan, contentId } = opened;
  const { features, columns, ...facts } = describeFile(header, contentId);
  return Object.freeze({
    ...facts,
    ...(features && { features: Object.freeze({ ...features }) }),
    ...(columns && { columns: Object.freeze(columns.map((column) => Object.freeze(column))) }),
    calibration: describeCalibration(opened),
    memoryBytes: kernels.memory.buffer.byteLength,
    recallCurves: frozenCurves(header.facts.hasFineCodes ? curvesFromValues(curveValues(kernels, header, plan)) : []),
  });
};

function describeCalibration({ header, kernels, plan }: OpenedIndex): CalibrationInfo {
  const values = storedCalibration(kernels.memory, header, plan);
  const estimator = header.facts.dispersion ? ESTIMATOR : ESTIMATOR_WITHOUT_DISPERSIONS;
  if (!values) return Object.freeze({ calibrated: false, estimator });
  const { source, queryCount } = header.facts.calibration as CalibrationFacts;
  return Object.freeze({ calibrated: true, estimator, source, queryCount, ...values });
}

const frozenCurves = (curves: readonly RecallCurve[]): readonly RecallCurve[] =>
  Object.freeze(
    curves.map(({ k, points }) =>
      Object.freeze({ k, points: Object.freeze(points.map((point) => Object.freeze(point))) }),
    ),
  );

/** Describes an index file by its header. */
export function describeFile(header: IndexHeader, contentId: string): FileInfo {
  const { bits, labelBytes, seed, source, rows: rowType, ...others } = header.facts;
  const { outliers, dispersion, calibration, residuals, report, columns, space, ignored, ...facts } = others;
  const fine = facts.hasFineCodes ? `,PQ${fineCount(header.facts)}x4fs` : "";
  return {
    ...facts,
    ...report,
    ...(columns && { columns: columns.list }),
    ...(space && { space: space.name }),
    outlierCount: outliers?.count ?? 0,
    hasResiduals: residuals !== undefined,
    rowType,
    codewordCount: 2 ** bits,
    factory: `${facts.quantizer.toUpperCase()}2x${bits}${fine},${ROW_FACTORY[rowType]}`,
    contentId,
    formatVersion: header.formatVersion,
    fileBytes: header.fileBytes,
  };
}
