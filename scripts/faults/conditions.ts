import type { Fault } from "./fault.ts";

/** Faults in answers from all classes that `allow` or a filter leaves, and in filters of columns. */
export const CONDITION_FAULTS: readonly Fault[] = [
  {
    name: "blocks of allowed classes that are added up as if all had the same best score",
    file: "src/answers/allowed-blocks.ts",
    find: "(top - best) * conditions.inverseTemperature",
    replace: "0",
    suites: ["test/allowed-blocks.test.ts"],
  },
  {
    name: "draws from the block of the draw before",
    file: "src/answers/allowed-blocks.ts",
    find: "if (block !== inPlace)",
    replace: "if (inPlace < 0)",
    suites: ["test/allowed-blocks.test.ts"],
  },
  {
    name: "log Q over the sums of the last block",
    file: "src/answers/allowed-blocks.ts",
    find: "  writeSums(opened, all);",
    replace: "",
    suites: ["test/allowed-blocks.test.ts"],
  },
  {
    name: "changed logits that are no block",
    file: "src/answers/allowed-blocks.ts",
    find: "block <= Math.ceil(",
    replace: "block < Math.ceil(",
    suites: ["test/allowed-blocks.test.ts"],
  },
  {
    name: "one class fewer that is scored than the rule says",
    file: "src/answers/allowed-head.ts",
    find: "conditions.allowedCount <= mostScored(",
    replace: "conditions.allowedCount < mostScored(",
    suites: ["test/allowed-blocks.test.ts"],
  },
  {
    name: "work of allowed classes that counts one query of a batch",
    file: "worker/request/conditions-work.ts",
    find: "count * ids * dim",
    replace: "ids * dim",
    suites: ["test/app.test.ts"],
  },
  {
    name: "a filter that counts positions behind the last class",
    file: "src/columns/column-bits.ts",
    find: "if (rest > 0)",
    replace: "if (rest > 32)",
    suites: ["test/column-codes.test.ts"],
  },
  {
    name: "codes that are compared as signed numbers",
    file: "assembly/exact/column-codes.ts",
    find: "i8x16.le_u(",
    replace: "i8x16.le_s(",
    suites: ["test/column-codes.test.ts"],
  },
  {
    name: "blocks with few allowed classes that are taken for empty",
    file: "src/answers/few-rows.ts",
    find: "isHeld[block] === 0",
    replace: "block > 0",
    suites: ["test/few-rows.test.ts"],
  },
  {
    name: "shares of T = 4 at every higher temperature",
    file: "src/memory/knots.ts",
    find: "return Math.round(inverse / SHARE_STEP) * SHARE_STEP;",
    replace: "return high;",
    suites: ["test/overconfidence.test.ts"],
  },
  {
    name: "many excluded classes as a bitmap of none",
    file: "src/memory/conditions.ts",
    find: "else bitmap.fill(0xff, 0, Math.ceil(itemCount / 8));",
    replace: "",
    suites: ["test/thinning.test.ts"],
  },
];
