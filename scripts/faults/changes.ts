import type { Fault } from "./fault.ts";

/** Faults in src/changes, and in what it relies on. */
export const CHANGE_FAULTS: readonly Fault[] = [
  {
    name: "no filter without the classes that are gone",
    file: "src/memory/conditions.ts",
    find: "if (delta && !(allow instanceof Int32Array)) allowedCount",
    replace: "if (delta && filtered && !(allow instanceof Int32Array)) allowedCount",
    suites: ["test/changes/model.test.ts"],
  },
  {
    name: "error bars of the classes before the changes",
    file: "src/memory/conditions.ts",
    find: "leavesOut(rows) || delta !== undefined;",
    replace: "leavesOut(rows);",
    suites: ["test/changes/coverage.test.ts"],
  },
  {
    name: "an allowed id that brings a removed class back",
    file: "src/memory/conditions.ts",
    find: "!(delta && isSet(delta.gone, positions[id] as number))",
    replace: "true",
    suites: ["test/changes/model.test.ts"],
  },
  {
    name: "a bitmap that brings superseded rows back",
    file: "src/changes/changed-classes.ts",
    find: "bits[word] = (bits[word] as number) | (this.gone[word] as number);",
    replace: "bits[word] = bits[word] as number;",
    suites: ["test/changes/model.test.ts"],
  },
  {
    name: "a filter that stays in place through changes",
    file: "src/changes/changed-classes.ts",
    find: "    conditions.renew();\n",
    replace: "",
    suites: ["test/changes/model.test.ts"],
  },
  {
    name: "masses by popularity that stay through changes",
    file: "src/changes/changed-classes.ts",
    find: "    this.#opened.popularity = undefined;\n",
    replace: "",
    suites: ["test/changes/edges.test.ts"],
  },
  {
    name: "rows in an order that depends on the sets",
    file: "src/changes/changed-class.ts",
    find: "const isFirst = byLabel(a[i] as ChangedClass, b[j] as ChangedClass) < 0;",
    replace: "const isFirst = true;",
    suites: ["test/changes/model.test.ts"],
  },
  {
    name: "the place of no class with the id of a class",
    file: "src/changes/added-rows.ts",
    find: "ids[ids.length - 1] = -1;",
    replace: "ids[ids.length - 1] = 0;",
    suites: ["test/changes/edges.test.ts"],
  },
  {
    name: "a changed logit of a removed class",
    file: "src/index/copied-conditions.ts",
    find: "    removedIds?.has(id) ||\n",
    replace: "",
    suites: ["test/changes/model.test.ts"],
  },
  {
    name: "bounds of the file for longer rows",
    file: "src/changes/bounds.ts",
    find: "Math.max(this.#rowBound, norm)",
    replace: "this.#rowBound",
    suites: ["test/changes/edges.test.ts"],
  },
  {
    name: "a removed label without its id in a file",
    file: "src/changes/all-changes.ts",
    find: "hasId: row < 0 && id >= 0",
    replace: "hasId: false",
    suites: ["test/changes/edges.test.ts"],
  },
  {
    name: "a head that shares its budget with added rows",
    file: "assembly/head.ts",
    find: "min(outliers - l.addedOutliers, scan >> 2)",
    replace: "min(outliers, scan >> 2)",
    suites: ["test/changes/edges.test.ts"],
  },
];
