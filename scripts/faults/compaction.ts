import type { Fault } from "./fault.ts";

/** Faults in src/train/compaction, and in what publishes its results. */
export const COMPACTION_FAULTS: readonly Fault[] = [
  {
    name: "the rows of the older file where changes replace them",
    file: "src/train/compaction/stored-table.ts",
    find: "if (row >= 0) return { from: fresh, row };",
    replace: "if (row >= 0 && (oldIds[id] as number) < 0) return { from: fresh, row };",
    suites: ["test/train/compaction/model.test.ts"],
  },
  {
    name: "the bucket of the older row for a row that was replaced",
    file: "src/train/compaction/compacted-codes.ts",
    find: "const bucket = (freshRows[id] as number) < 0 ? (buckets[oldId] as number) : NO_BUCKET;",
    replace: "const bucket = oldId >= 0 ? (buckets[oldId] as number) : NO_BUCKET;",
    suites: ["test/train/compaction/compact.test.ts"],
  },
  {
    name: "a carried calibration that is called measured",
    file: "src/train/compaction/compact.ts",
    find: 'calibration: isMeasured ? "measured" : facts.calibration ? "carried" : "none",',
    replace: 'calibration: isMeasured || facts.calibration ? "measured" : "none",',
    suites: ["test/train/compaction/compact.test.ts"],
  },
  {
    name: "the columns of added classes from the older file",
    file: "src/train/compaction/compacted-columns.ts",
    find: "if (changed !== undefined) return changed;",
    replace: "if (changed === null) return changed;",
    suites: ["test/train/compaction/compact.test.ts"],
  },
  {
    name: "labels of added classes that are not sorted in",
    file: "src/train/compaction/compacted-labels.ts",
    find: ".sort((a, b) => compareLabels(unsorted, a, b));\n  const order",
    replace: ";\n  const order",
    suites: ["test/train/compaction/model.test.ts"],
  },
  {
    name: "a log that begins anew behind a compaction",
    file: "src/changes/changed-classes.ts",
    find: "header.facts.compaction?.sequence ?? 0;",
    replace: "0 * (header.facts.compaction?.sequence ?? 0);",
    suites: ["test/train/compaction/model.test.ts"],
  },
  {
    name: "a compactor that publishes over another publication",
    file: "src/publication/publishing/publish-version.ts",
    find: "const before = options.expected ?? (await readPointer(store, pointerKey));",
    replace: "const before = await readPointer(store, pointerKey);",
    suites: ["test/cli/compact-dies.test.ts"],
  },
  {
    name: "a log that is trimmed to the current version alone",
    file: "src/publication/kept-changes.ts",
    find: "needed = Math.min(needed, known ?? needed);",
    replace: "needed = Math.max(needed, known ?? needed);",
    suites: ["test/cli/compact.test.ts", "test/compactor/dies.test.ts"],
  },
  {
    name: "a Worker's compactor that writes its pointer over another",
    file: "worker/compactor/compact-published.ts",
    find: ", expected: before }",
    replace: " }",
    suites: ["test/compactor/dies.test.ts"],
  },
  {
    name: "a canary that a compaction at the edge ends",
    file: "worker/compactor/compact-published.ts",
    find: "  refuseDuringCanary(before);\n",
    replace: "",
    suites: ["test/compactor/dies.test.ts"],
  },
  {
    name: "a compaction at the edge whose pointer has lost the space",
    file: "worker/compactor/compact-published.ts",
    find: "facts: factsOfInfo(info) }",
    replace: "facts: (({ space: _, ...facts }) => facts)(factsOfInfo(info)) }",
    suites: ["test/compactor/dies.test.ts"],
  },
];
