import { readFileSync } from "node:fs";
import binaryen from "binaryen";
import { describe, expect, test } from "vitest";

const SHIPPED = ["query", "exact", "scan", "scan-relaxed", "batch", "train"] as const;

/** The module's text, read from the bytes that ship. */
function textOf(name: string): string {
  const bytes = readFileSync(new URL(`../../build/${name}.wasm`, import.meta.url));
  const module = binaryen.readBinaryWithFeatures(bytes, binaryen.Features.All);
  const text = module.emitText();
  module.dispose();
  return text;
}

/** Its vector instructions: v128.load, f32x4.mul, i8x16.relaxed_swizzle … */
const vectorsIn = (text: string): string[] => text.match(/\b(?:v128|[if]\d+x\d+)\.[\w.]+/g) ?? [];
const relaxedIn = (text: string): string[] => vectorsIn(text).filter((name) => name.includes("relaxed"));

/**
 * The functions without their indices, which depend on those before them, and without the custom section that names the
 * module.
 */
const functionsIn = (text: string): string[] =>
  text
    .replace(/^ ;; custom section.*$/gm, "")
    .split(/^ \(func /m)
    .slice(1)
    .map((body) => body.replace(/^\$\S+( \(type \$\d+\))?/, "$").replace(/\(call \$\d+/g, "(call $"));
const HAS_RELAXED_DOT = "$ (result i32)\n  (i32.const 1)\n )";

describe("the kernels that ship", () => {
  test.each(SHIPPED)("work on vectors: %s", (name) => {
    const vectors = vectorsIn(textOf(name));
    expect(vectors.length).toBeGreaterThan(100);
    expect(vectors).toContain("v128.load");
  });

  test.each(SHIPPED.filter((name) => name !== "scan-relaxed"))("need no relaxed SIMD: %s", (name) => {
    expect(relaxedIn(textOf(name))).toEqual([]);
  });

  test("for relaxed SIMD differ in the look-ups of fine codes and in the product of int8 rows with 7 bits alone", () => {
    const [plain, relaxed] = [textOf("scan"), textOf("scan-relaxed")];
    expect(new Set(relaxedIn(relaxed))).toEqual(
      new Set(["i8x16.relaxed_swizzle", "i32x4.relaxed_dot_i8x16_i7x16_add_s"]),
    );
    const same = new Set(functionsIn(plain));
    const others = functionsIn(relaxed.replaceAll("relaxed_swizzle", "swizzle")).filter((body) => !same.has(body));
    const products = others.filter((body) => body.includes("relaxed_dot"));
    expect(products).toHaveLength(1);
    expect(others.filter((body) => !products.includes(body)).map((body) => body.trim())).toEqual([HAS_RELAXED_DOT]);
  });
});
