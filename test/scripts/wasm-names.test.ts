import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { exportsOf, shortKernelNames } from "../../scripts/bundle/short-kernel-names.ts";
import { withNames } from "../../scripts/bundle/wasm-names.ts";

const PATHS = ["query", "exact", "scan"].map((name) => `build/${name}.debug.wasm`);
const bytesOf = (name: string): Uint8Array<ArrayBuffer> => Uint8Array.from(readFileSync(`build/${name}.debug.wasm`));
const [query, exact, scan] = [bytesOf("query"), bytesOf("exact"), bytesOf("scan")];

test("a module has the given names of imports and exports, and is the same otherwise", () => {
  const renamed = new Map([
    ["log64", "a much longer name than before, so that the length of the section takes more bytes"],
  ]);
  const changed = withNames(exact, renamed);
  const importsOf = (bytes: Uint8Array<ArrayBuffer>) => WebAssembly.Module.imports(new WebAssembly.Module(bytes));
  expect(importsOf(exact)).toContainEqual({ module: "query", name: "log64", kind: "function" });
  expect(importsOf(changed)).toEqual(
    importsOf(exact).map((entry) => ({ ...entry, name: renamed.get(entry.name) ?? entry.name })),
  );
  expect(withNames(changed, new Map([[renamed.get("log64") as string, "log64"]]))).toEqual(exact);
});

test("an import of a table is refused by name", () => {
  const preamble = [0, 97, 115, 109, 1, 0, 0, 0];
  const table = [1, 1, 109, 1, 116, 1, 0x70, 0, 0]; // one import: module "m", name "t", a table
  const module = Uint8Array.from([...preamble, 2, table.length, ...table]);
  expect(() => withNames(module, new Map())).toThrow(/^"module" expected imports of functions.*got kind 1$/);
});

test("kernels with short names call each other", () => {
  const { shorten, options } = shortKernelNames(PATHS);
  const short = options.mangleCache as Record<string, string>;
  const instantiate = (bytes: Uint8Array<ArrayBuffer>, imports = {}) =>
    new WebAssembly.Instance(new WebAssembly.Module(bytes), imports).exports as Record<string, CallableFunction>;
  const first = instantiate(shorten(query));
  const later = { env: { memory: first.memory }, query: { ...first } };
  expect(first[short.log64 as string]?.(1)).toBe(0);
  for (const module of [exact, scan]) {
    const names = Object.keys(instantiate(shorten(module), later));
    expect(names).toEqual(exportsOf(module).map((name) => short[name] ?? name));
  }
  expect(options.mangleProps?.test("predict"), "a public name").toBe(false);
});
