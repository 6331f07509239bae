import type { Fault } from "./fault.ts";

/** Faults of the kernels that read fine codes and rows in their order. */
export const SCAN_KERNEL_FAULTS: readonly Fault[] = [
  {
    name: "a first pass over rows without the correction of the negative values",
    file: "assembly/scan/rows.ts",
    find: "i32x4.add(sums, negatives)",
    replace: "sums",
    suites: ["test/seven-bits.test.ts"],
  },
  {
    name: "a scan that goes on without one of its groups",
    file: "assembly/scan/groups.ts",
    find: "  let coded = <i32>s.coded, groups = <i32>s.groupsLeft;",
    replace: "  let coded = <i32>s.coded, groups = <i32>s.groupsLeft - i32(count > 0);",
    suites: ["test/scan-top.test.ts"],
  },
  {
    name: "rows of a block that are compared with its floor by the biases of its first four",
    file: "assembly/scan/codes.ts",
    find: "block * CODE_BLOCK + row, offset));\n    rows |=",
    replace: "block * CODE_BLOCK, offset));\n    rows |=",
    suites: ["test/scan-top.test.ts", "test/scan-codes.test.ts"],
  },
  {
    name: "codes of two rows that change places",
    file: "assembly/scan/codes.ts",
    find: "v128.store(sums, oddA, 16);",
    replace: "v128.store(sums, evenB, 16);",
    suites: ["test/scan-codes.test.ts"],
  },
  {
    name: "a threshold for codes without what rounding took",
    file: "assembly/scan/codes.ts",
    find: "floor(sum * (1 - ROUNDING)) - 1",
    replace: "floor(sum * (1 + 0.02)) + 1",
    suites: ["test/reservoir.test.ts", "test/scan-codes.test.ts"],
  },
  {
    name: "a threshold for codes without the rounding of a bias that cancels",
    file: "assembly/scan/codes.ts",
    find: "<f64>offset - <f64>top - error)",
    replace: "<f64>offset - <f64>top)",
    suites: ["test/scan-codes.test.ts"],
  },
  {
    name: "a reservoir that keeps all ties",
    file: "assembly/scan/reservoir.ts",
    find: "ties -= popcnt(equal);",
    replace: "",
    suites: ["test/reservoir.test.ts"],
  },
  {
    name: "classes of the coded head that stay in its tail",
    file: "assembly/scan/proposal.ts",
    find: "store<f32>(scores + (<usize>load<i32>(p) << 2), -Infinity);",
    replace: "store<f32>(scores + (<usize>load<i32>(p) << 2), load<f32>(scores + (<usize>load<i32>(p) << 2)));",
    suites: ["test/proposal.test.ts"],
  },
  {
    name: "masses by code that are not divided by the temperature",
    file: "assembly/scan/proposal.ts",
    find: "exp4(f32x4.mul(f32x4.sub(scores, shift), scale))",
    replace: "exp4(f32x4.mul(f32x4.sub(scores, shift), f32x4.splat(1)))",
    suites: ["test/proposal.test.ts"],
  },
  {
    name: "bounds by codes without the rounding of their tables",
    file: "assembly/scan/certify.ts",
    find: "const margin = <f64>l.fineCount * LEVEL_ERROR + SCALED_ERROR;",
    replace: "const margin = 0 * LEVEL_ERROR * SCALED_ERROR;",
    suites: ["test/certify-by-codes.test.ts"],
  },
  {
    name: "a first pass with 7 bits that forgets what they lack",
    file: "assembly/scan/rows.ts",
    find: "return sqrt(square) * s.queryStep * rowBound",
    replace: "return 0 * square * rowBound",
    suites: ["test/seven-bits.test.ts"],
  },
];
