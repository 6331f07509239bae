import type { Fault } from "./fault.ts";

/** Faults in src/batch and assembly/batch. */
export const BATCH_FAULTS: readonly Fault[] = [
  {
    name: "a query that takes what rows gave another one for something else",
    file: "src/batch/block-reader.ts",
    find: "wanted.k === k && wanted.masses === masses ? ahead[slot] : undefined",
    replace: "ahead[slot]",
    suites: ["test/batch/answers.test.ts"],
  },
  {
    name: "a query that is not put in place again after those of its block",
    file: "src/batch/block-reader.ts",
    find: "        place(row);\n        answers[row] = answer(row);\n      }\n    } finally {\n      this.ahead",
    replace: "        answers[row] = answer(row);\n      }\n    } finally {\n      this.ahead",
    suites: ["test/batch/answers.test.ts"],
  },
  {
    name: "the first prediction of a block for all of its queries",
    file: "src/batch/block-reader.ts",
    find: "this.kept = { slot: row - first, wanted,",
    replace: "this.kept = { slot: 0, wanted,",
    suites: ["test/batch/answers.test.ts"],
  },
  {
    name: "predictions that are collected for files without dispersions",
    file: "src/batch/block-reader.ts",
    find: " && this.opened.errorBars.hasDispersions",
    replace: "",
    suites: ["test/batch/answers.test.ts"],
  },
  {
    name: "the biases of a block that remainders add once more",
    file: "assembly/batch/score-block.ts",
    find: "v128.store(scores, f32x4.add(v128.load(scores), values))",
    replace: "v128.store(scores, f32x4.add(v128.load(scores), f32x4.add(values, bias)))",
    suites: ["test/batch/query-block.test.ts"],
  },
  {
    name: "a best class of a later block of rows that ties and is lost",
    file: "assembly/batch/merge-block.ts",
    find: "if (kept == k && largest < load<f32>(topScores)) return;",
    replace: "if (kept == k && largest <= load<f32>(topScores)) return;",
    suites: ["test/batch/query-block.test.ts", "test/batch/answers.test.ts"],
  },
];
