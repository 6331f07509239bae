import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

// Biome does not parse decorators on functions, so this suite holds the limits of biome.json for the kernels.

const FILE_LINES = 250;
const FUNCTION_LINES = 60;
const PARAMETERS = 6;

/** A function or a method: its indent, name, type parameters and parameters. The line of a call ends differently. */
const FUNCTION = /^( *)(?:export )?(?:declare )?(?:function )?(\w+)(?:<[^<>()]*>)?\(([^()]*)\): [\w.<>]+(?: \{|;)/gm;

/** Returns everything in a source of the kernels that exceeds the limits. */
function faultsOf(source: string): string[] {
  const lines = source.trimEnd().split("\n");
  const faults = lines.length > FILE_LINES ? [`${lines.length} lines`] : [];
  for (const [, name] of source.matchAll(/^(?:export )?(?:let|var) (\w+)/gm))
    faults.push(`${name} is state of the module`);
  // Without values it is memory that a kernel writes to.
  if (/memory\.data(?:<\w+>)?\(\s*\d/.test(source)) faults.push("memory.data without values");
  for (const { 0: text, 1: indent, 2: name, 3: parameters = "", index } of source.matchAll(FUNCTION)) {
    const count = parameters.split(",").filter((parameter) => parameter.trim() !== "").length;
    if (count > PARAMETERS) faults.push(`${name} has ${count} parameters`);
    const first = source.slice(0, index).split("\n").length - 1;
    const length = text.endsWith("{") ? lines.slice(first).indexOf(`${indent}}`) + 1 : 1;
    if (length > FUNCTION_LINES) faults.push(`${name} has ${length} lines`);
  }
  return faults;
}

const root = fileURLToPath(new URL("../../assembly/", import.meta.url));

test.each(globSync("**/*.ts", { cwd: root }).sort())("%s keeps the limits", (path) => {
  expect(faultsOf(readFileSync(root + path, "utf8"))).toEqual([]);
});

describe("the limits", () => {
  const parameters = (count: number) => Array.from({ length: count }, (_, i) => `p${i}: usize`);
  const body = (lines: number) => "  step();\n".repeat(lines);

  test("accept a source at each limit", () => {
    const long = `export function long(${parameters(6).join(", ")}): void {\n${body(58)}}\n`;
    expect(faultsOf(`const a = 1;\n${long}`)).toEqual([]);
    expect(faultsOf(`${"\n".repeat(249)}const a = 1;\n`)).toEqual([]);
    expect(faultsOf("const TABLE = memory.data<f32>([\n  -87, 88,\n]);\n")).toEqual([]);
    expect(faultsOf("  let local = 0;\n  run(a, b, c, d, e, f, g);\n")).toEqual([]);
  });

  test("reject one line, parameter or variable more", () => {
    expect(faultsOf(`${"\n".repeat(250)}const a = 1;\n`)).toEqual(["251 lines"]);
    expect(faultsOf("let top: usize = 0;\nexport var other = 1;\n")).toEqual([
      "top is state of the module",
      "other is state of the module",
    ]);
    expect(faultsOf("const SUMS = memory.data(64, 16);\n")).toEqual(["memory.data without values"]);
    expect(faultsOf(`function f(${parameters(7).join(", ")}): f64 {\n}\n`)).toEqual(["f has 7 parameters"]);
    expect(faultsOf(`export function f<T>(\n  ${parameters(7).join(",\n  ")},\n): void {\n}\n`)).toEqual([
      "f has 7 parameters",
    ]);
    expect(faultsOf(`export declare function f(${parameters(7).join(", ")}): void;\n`)).toEqual(["f has 7 parameters"]);
    expect(faultsOf(`function f(): v128 {\n${body(59)}}\nfunction g(): void {\n}\n`)).toEqual(["f has 61 lines"]);
    const method = `  take(${parameters(7).join(", ")}): void {\n${body(59)}  }\n`;
    expect(faultsOf(`class Sink {\n${method}}\n`)).toEqual(["take has 7 parameters", "take has 61 lines"]);
  });
});
