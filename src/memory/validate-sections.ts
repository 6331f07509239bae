import { DISPERSION_DIRECTIONS } from "../abi.ts";
import { CALIBRATION_VALUES, firstWrongCalibrationValue, isOwnEstimator } from "../format/calibration-values.ts";
import { MAX_DISPERSION } from "../format/dispersion.ts";
import { paddedCodeword } from "../format/tensor-spec.ts";
import type { TensorChecks } from "./tensor-checks.ts";
import { validateColumns } from "./validate-columns.ts";

const SQUARE = "expected a mean square: a value in 0..2^80";

/** Checks the tensors of the sections that this program knows. FormatError: tensor-value, tensor-padding, those of validate-columns.ts. */
export function validateSections(checks: TensorChecks): void {
  const { facts } = checks.header;
  if (facts.dispersion) {
    checks.within("dispersion.buckets", facts.bucketCount, 0, SQUARE, MAX_DISPERSION);
    const { begin, end } = checks.place("dispersion.buckets");
    if (end > begin) checks.padding("dispersion.buckets", 1, end - begin, facts.bucketCount * 4);
    const width = paddedCodeword(facts.dim);
    checks.finite("dispersion.directions", DISPERSION_DIRECTIONS * width);
    checks.padding("dispersion.directions", DISPERSION_DIRECTIONS, width * 4, facts.dim * 4);
    checks.within("dispersion.means", 3, 0, SQUARE, MAX_DISPERSION);
    checks.padding("dispersion.means", 1, 16, 12);
  }
  if (facts.calibration && !isOwnEstimator(facts.calibration.estimator)) {
    checks.finite("calibration.values", CALIBRATION_VALUES); // of a rule of bars that this library does not have
  } else if (facts.calibration) {
    const values = new Float32Array(
      checks.kernels.memory.buffer,
      checks.address("calibration.values"),
      CALIBRATION_VALUES,
    );
    const wrong = firstWrongCalibrationValue(values);
    checks.value("tensor-value", "calibration.values", wrong, 4, "is no calibration's");
  }
  if (facts.residuals) checks.codes("residuals.rows");
  validateColumns(checks);
}
