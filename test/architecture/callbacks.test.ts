import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

// Why: src/train/arithmetic/fill-with.ts.

/** A callback of a method that ends with a call of exp64 or log64, which are the kernels that return a number for a number. */
const TAIL_CALL =
  /\.(?:map|from|reduce|filter|forEach|find\w*|every|some)\((?:[^\n]*, )?\(?[\w, ]*\)? => (?:[\w.]+\.)?(?:exp64|log64)\((?:[^()\n]|\((?:[^()\n]|\([^()\n]*\))*\))*\)\)/;

const COMMENT_LINE = /^ *(?:\*|\/\/).*$/gm;

const root = fileURLToPath(new URL("../../src/", import.meta.url));
/** Parts have exp and log without WebAssembly. */
const isWithoutKernels = (path: string): boolean => path.startsWith("parts/");
const codeOf = (path: string): string => readFileSync(root + path, "utf8").replaceAll(COMMENT_LINE, "");

test("no callback of a built-in ends with a call of a kernel", () => {
  const paths = globSync("**/*.ts", { cwd: root }).filter((path) => !isWithoutKernels(path));
  expect(paths.length).toBeGreaterThan(300);
  expect(paths.filter((path) => TAIL_CALL.test(codeOf(path)))).toEqual([]);
});

test.each([
  ["masses.map((mass) => train.log64(mass));", true],
  ["bias.map((value) => exp64((value - top) / 4));", true],
  ["Float64Array.from(counts, (count) => tools.train.exp64(power * tools.train.log64(count)));", true],
  ["values.map((value) => exp64(value) * 2);", false],
  ["const massAt = (bars: number): number => exp64(bars - top);", false],
  ["fillWith(new Float64Array(9), (i) => exp64(i));", false],
])("%s: %s", (line, isTailCall) => {
  expect(TAIL_CALL.test(line)).toBe(isTailCall);
});
