import type { ErrorBars } from "../../src/memory/error-bars.ts";

/** The error bars of a file without dispersions. */
export const ALLOWANCES: ErrorBars = {
  ...{ hasDispersions: false, isCalibrated: false },
  ...{ factor: 1, spread: 1, limit: Number.POSITIVE_INFINITY, spreadLimit: Number.POSITIVE_INFINITY },
  ...{ flagged: 0, scoreByStep: 0, scoreByNorm: 0 },
};
