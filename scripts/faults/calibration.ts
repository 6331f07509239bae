import type { Fault } from "./fault.ts";

/** Faults of recall curves, of the calibration of error bars, and of the audits that it reads. */
export const CALIBRATION_FAULTS: readonly Fault[] = [
  {
    name: "recall curves on stand-ins without a margin",
    file: "src/train/recall/recall-points.ts",
    find: '"stand-ins": 1.25',
    replace: '"stand-ins": 1',
    suites: ["test/train/recall-curves.test.ts"],
  },
  {
    name: "recall curves that promise what the mean of all kinds of stand-ins finds",
    file: "src/train/recall/asked-queries.ts",
    find: "kindCount: KINDS.length",
    replace: "kindCount: 1",
    suites: ["test/train/asked-queries.test.ts", "test/trust/recall-on-queries.test.ts"],
  },
  {
    name: "stand-ins for recall that all lie in the space of the rows",
    file: "src/train/recall/asked-queries.ts",
    find: "{ rows: 0, scale: SHARP }",
    replace: "{ rows: 1, scale: SHARP }",
    suites: ["test/train/asked-queries.test.ts"],
  },
  {
    name: "recall curves that forget the outliers",
    file: "src/train/recall/recall-measurement.ts",
    find: "regions.drawScores, outliers, MOST_FOUND);",
    replace: "regions.drawScores, 0, MOST_FOUND);",
    suites: ["test/train/recall-curves.test.ts"],
  },
  {
    name: "recall above the curve by its last point",
    file: "src/index/recall-effort.ts",
    find: "if (point === undefined || point.rescore > maxScan) return exact;",
    replace: "if (point === undefined || point.rescore > maxScan) return { exact: false, scan: 1024 };",
    suites: ["test/recall-effort.test.ts"],
  },
  {
    name: "a calibration whose factor is ignored when coverage is counted",
    file: "src/train/calibration/measured-answers.ts",
    find: "Math.max(factor * (bars[i] as number), SMALLEST_BAR)",
    replace: "Math.max(bars[i] as number, SMALLEST_BAR)",
    suites: ["test/train/calibration/fit-calibration.test.ts"],
  },
  {
    name: "stand-ins that make error bars narrower",
    file: "src/train/calibration/fit-factor.ts",
    find: "least: 1,",
    replace: "least: LEAST_FACTOR,",
    suites: ["test/train/calibration/fit-calibration.test.ts"],
  },
  {
    name: "shares of misses that take the answers to one query for independent",
    file: "src/train/calibration/coverage.ts",
    find: "Math.max(squares / (total * total), (value * (1 - value)) / total)",
    replace: "(value * (1 - value)) / total",
    suites: ["test/train/calibration/fit-calibration.test.ts"],
  },
  {
    name: "a calibration against the log Z of another temperature",
    file: "src/train/calibration/calibration-measurement.ts",
    find: "logPartition - (logPartitions[t] as number)",
    replace: "logPartition - (logPartitions[0] as number)",
    suites: ["test/train/calibration/calibration-measurement.test.ts"],
  },
  {
    name: "an audit that holds the vector of its query without being told to",
    file: "worker/telemetry/audit-log.ts",
    find: "...(withQuery && { query: Array.from(query) }),",
    replace: "query: Array.from(query),",
    suites: ["test/worker/audits.test.ts"],
  },
  {
    name: "audits that fill the memory",
    file: "worker/telemetry/audit-log.ts",
    find: "this.lines.length > MOST_AUDITS || this.characters > MOST_CHARACTERS",
    replace: "this.lines.length > 100 * MOST_AUDITS",
    suites: ["test/worker/audits.test.ts"],
  },
  {
    name: "audits of another file that calibrate this one",
    file: "src/cli/calibrating/audits.ts",
    find: "if (contentId !== index.contentId) {",
    replace: "if (contentId.length !== index.contentId.length) {",
    suites: ["test/cli/calibrate.test.ts"],
  },
];
