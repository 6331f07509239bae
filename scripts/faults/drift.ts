import type { Fault } from "./fault.ts";

/** Faults in what files say of their build's queries, in gauges of drift, and in warnings of tables. */
export const DRIFT_FAULTS: readonly Fault[] = [
  {
    name: "statistics of the queries of all bands in every band",
    file: "src/train/calibration/query-statistics.ts",
    find: "band === 0 || bandOf?.[best] === band - 1",
    replace: "band === 0 || bandOf?.[best] !== undefined",
    suites: ["test/train/calibration/query-statistics.test.ts"],
  },
  {
    name: "bands of classes by biases where there are counts",
    file: "src/train/calibration/query-statistics.ts",
    find: "const popularity = counts ?? bias;",
    replace: "const popularity = bias ?? counts;",
    suites: ["test/train/calibration/query-statistics.test.ts"],
  },
  {
    name: "the highest ids in the head among equally popular classes",
    file: "src/train/rows/popularity.ts",
    find: "for (let id = 0; atLeast > 0; id++) {",
    replace: "for (let id = popularity.length - 1; atLeast > 0; id--) {",
    suites: ["test/train/calibration/query-statistics.test.ts"],
  },
  {
    name: "real queries that are compared with stand-ins",
    file: "src/index/build-statistics.ts",
    find: '!== "stand-ins"',
    replace: '!== "nothing"',
    suites: ["test/drift", "test/train/calibration/query-statistics.test.ts"],
  },
  {
    name: "an isolate that takes its first answers for normal whatever its file says",
    file: "worker/telemetry/version-drift.ts",
    find: "new Drift(...(values ? new Float32Array(values, 0, 3) : []))",
    replace: "new Drift(...(values ? [] : []))",
    suites: ["test/drift"],
  },
  {
    name: "an alarm over a handful of answers",
    file: "worker/telemetry/upkeep.ts",
    find: "const KNOWN = 0.2;",
    replace: "const KNOWN = 1;",
    suites: ["test/drift"],
  },
  {
    name: "a drift without the error of the build's own mean",
    file: "worker/telemetry/drift.ts",
    find: " + 1 / this.#baseline)",
    replace: ")",
    suites: ["test/drift", "test/cli/drift.test.ts"],
  },
  {
    name: "a worth of draws that shows the effort of the call",
    file: "worker/telemetry/banded-drift.ts",
    find: "(options[name] ?? usual) === usual",
    replace: "usual === usual",
    suites: ["test/drift"],
  },
  {
    name: "statistics that midx calibrate leaves as they were",
    file: "src/cli/calibrating/calibrate-file.ts",
    find: "putStatistics(modules, putCalibration(modules, curved, values), basis, defaults)",
    replace: "putCalibration(modules, curved, values)",
    suites: ["test/cli/drift.test.ts"],
  },
  {
    name: "warnings of many equal rows that share a bucket with others",
    file: "src/cli/evaluating/table-warnings.ts",
    find: "if (copies >= MOST_COPIES && copies > most.copies)",
    replace: "if (own.length >= MOST_COPIES && copies > most.copies)",
    suites: ["test/cli/table-warnings.test.ts"],
  },
];
