import { globSync, readFileSync } from "node:fs";
import asc from "assemblyscript/asc";
import { expect, test } from "vitest";
import { readStructs, structsModule } from "../../scripts/kernels/structs.ts";

const source = `
/** A comment. */
@unmanaged
export class Mixed {
  flag: i32;
  hash: u64; // of the query
  rows: usize; // in the file: [N] f32
  sums: usize; // [N + 1, ceil(K / 2)] f64 if fine: sums
  codes: usize; // [BLOCK_SLOTS] Mixed
  pairs: usize; // [2, Math.min(N, K)] i32: pairs
  last: f32;
}
`;

test("fields have the offsets that AssemblyScript gives them", () => {
  const [mixed] = readStructs(source);
  expect(mixed?.fields.map(({ name, offset }) => [name, offset])).toEqual([
    ["flag", 0],
    ["hash", 8],
    ["rows", 16],
    ["sums", 20],
    ["codes", 24],
    ["pairs", 28],
    ["last", 32],
  ]);
  expect(mixed?.bytes).toBe(40);
});

test("the compiler agrees on every struct of the kernels", async () => {
  const paths = globSync("assembly/**/*.ts").sort();
  const all = paths.flatMap((path) => readStructs(readFileSync(path, "utf8")).map((struct) => ({ path, ...struct })));
  expect(all.map(({ name }) => name)).toEqual(expect.arrayContaining(["Buckets", "Layout", "Search"]));
  const imports = all.map(({ path, name }) => `import { ${name} } from "./${path.replace(/\.ts$/, "")}";`);
  const exports = all.flatMap(({ name, fields }) => [
    ...fields.map((field) => `export const ${name}_${field.name}: i32 = <i32>offsetof<${name}>("${field.name}");`),
    `export const ${name}_: i32 = <i32>offsetof<${name}>();`,
  ]);
  let module: Uint8Array<ArrayBuffer> | undefined;
  const { error, stderr } = await asc.main(["offsets.ts", "-o", "offsets.wasm", "--runtime", "stub"], {
    readFile: (name) => (name === "offsets.ts" ? [...imports, ...exports].join("\n") : readIfThere(name)),
    writeFile: (name, content) => {
      if (name === "offsets.wasm") module = Uint8Array.from(content as Uint8Array);
    },
  });
  expect(error, stderr.toString()).toBeNull();
  const { instance } = await WebAssembly.instantiate(module as Uint8Array<ArrayBuffer>, { env: { abort: () => {} } });
  const compiled = Object.entries(instance.exports).flatMap(([name, value]) =>
    value instanceof WebAssembly.Global ? [[name, value.value]] : [],
  );
  const expected = all.flatMap(({ name, fields, bytes }) => [
    ...fields.map((field) => [`${name}_${field.name}`, field.offset]),
    [`${name}_`, bytes],
  ]);
  expect(compiled).toEqual(expected);
});

test("the module has offsets, tensors, regions and their bytes", () => {
  const text = structsModule(readStructs(source));
  expect(text).toContain("export const MIXED_HASH = 8;");
  expect(text).toContain("export const MIXED_BYTES = 40;");
  expect(text).toContain("MIXED_TENSORS = {\n  rows: MIXED_ROWS,\n}");
  expect(text).toContain("MIXED_REGIONS = {\n  sums: MIXED_SUMS,\n  codes: MIXED_CODES,\n  pairs: MIXED_PAIRS,\n}");
  expect(text).toContain("sums: (N + 1) * Math.ceil(K / 2) * fine * 8,");
  expect(text).toContain("codes: 1280,");
  expect(text).toContain("pairs: Math.min(N, K) * 8,");
});

test("a field that cannot be read is refused with its line", () => {
  const withLine = (line: string) => source.replace("  flag: i32;", line);
  expect(() => readStructs(withLine("  flag: i32 = 1;"))).toThrow(
    "A field of Mixed is one line, not:   flag: i32 = 1;",
  );
  expect(() => readStructs(withLine("  flag: bool;"))).toThrow("A field of Mixed is one line, not:   flag: bool;");
  const unknown = readStructs(withLine("  flag: usize; // [N] f16: halves"));
  expect(() => structsModule(unknown)).toThrow("a type that is not known: [N] f16: halves");
  const unnamed = readStructs(withLine("  flag: usize; // [NO_SIZE] f32: words"));
  expect(() => structsModule(unnamed)).toThrow("names NO_SIZE, which src/abi.ts does not have");
});

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
