import type { BuildReport } from "../../../src/train/build/build-options.ts";

/** A report without the time that its calibration took. */
export const withoutTimes = ({ calibration, ...report }: BuildReport): BuildReport => ({
  ...report,
  ...(calibration && { calibration: { ...calibration, seconds: 0 } }),
});
