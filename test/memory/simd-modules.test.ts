import { readFileSync } from "node:fs";
import { afterEach, expect, test, vi } from "vitest";

/** The instructions of relaxed SIMD, which a runtime without them sees as bytes that are no module. */
const relaxed = readFileSync(new URL("../../build/scan-relaxed.wasm", import.meta.url));
const isRelaxed = (bytes: BufferSource): boolean => relaxed.equals(new Uint8Array(bytes as ArrayBuffer));

afterEach(() => {
  vi.restoreAllMocks();
});

/** A module runs once at each of its addresses. */
let runs = 0;

/** A fresh compileInlined, and the modules that it compiles from then on. */
async function fresh() {
  const compile = vi.spyOn(WebAssembly, "compile");
  const address = `../../src/memory/compile-inlined.ts?run=${runs++}`;
  const { compileInlined }: typeof import("../../src/memory/compile-inlined.ts") = await import(address);
  const compiled = () => compile.mock.calls.map(([bytes]) => (isRelaxed(bytes as BufferSource) ? "relaxed" : "base"));
  return { compileInlined, compiled };
}

test("relaxed SIMD is not compiled if the caller wants none", async () => {
  const { compileInlined, compiled } = await fresh();
  await compileInlined("base");
  expect(compiled()).toEqual(["base", "base", "base", "base"]);
});

test("relaxed SIMD is compiled if the runtime has it", async () => {
  vi.spyOn(WebAssembly, "validate").mockReturnValue(true);
  const { compileInlined, compiled } = await fresh();
  await compileInlined("auto");
  expect(compiled()).toEqual(["base", "base", "relaxed", "base"]);
});

test("relaxed SIMD is not compiled if the runtime lacks it", async () => {
  vi.spyOn(WebAssembly, "validate").mockReturnValue(false);
  const { compileInlined, compiled } = await fresh();
  await compileInlined("auto");
  expect(compiled()).toEqual(["base", "base", "base", "base"]);
});

test("no module is compiled twice", async () => {
  const { compileInlined, compiled } = await fresh();
  const [one, other] = await Promise.all([compileInlined("base"), compileInlined("base")]);
  expect(other).toEqual(one);
  expect(await compileInlined("auto")).toMatchObject({ query: one.query, exact: one.exact });
  expect(compiled().length).toBeLessThanOrEqual(5);
});
