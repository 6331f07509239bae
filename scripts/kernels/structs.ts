import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as abi from "../../src/abi.ts";
import { replaceFile } from "./replace-file.ts";
import { readIfThere } from "./stamp.ts";

/*
 * A struct that kernels share with TypeScript is an exported class in assembly/ with the decorator @unmanaged. A field is
 * one line. The comment of an address describes the values there:
 *
 *   dim: i32; // D
 *   rows: usize; // in the file: [N, rowBytes] in bucket order
 *   positions: usize; // [N] i32: position of a class
 *   groupTops: usize; // [paddedK] f32 if fine: largest bias of a group
 *
 * build/structs.ts is generated from these lines. For a struct S it contains the offset of each field and S_BYTES. If fields
 * are addresses, it also contains S_TENSORS (the parts of the file), S_REGIONS (all other memory) and sRegionBytes, which
 * computes the bytes of each region from the sizes that the shapes name. A name in capitals is a constant of src/abi.ts. A
 * condition is 0 or 1.
 */

interface Field {
  readonly name: string;
  readonly offset: number;
  readonly comment: string;
}

interface Struct {
  readonly name: string;
  readonly fields: readonly Field[];
  readonly bytes: number;
}

const FIELD_BYTES: Readonly<Record<string, number>> = { i32: 4, u32: 4, f32: 4, usize: 4, u64: 8, f64: 8, v128: 16 };
const VALUE_BYTES: Readonly<Record<string, number>> = { ...FIELD_BYTES, u8: 1, i16: 2 };

/** Writes build/structs.ts if it differs from the classes in assembly/. Watchers would take any write for a change. */
export function buildStructs(root: string): void {
  const paths = globSync("assembly/**/*.ts", { cwd: root }).sort();
  const structs = paths.flatMap((path) => readStructs(readFileSync(join(root, path), "utf8")));
  const [path, text] = [join(root, "build/structs.ts"), structsModule(structs)];
  if (readIfThere(path)?.toString() !== text) replaceFile(path, text);
}

/** Parses the structs of a source. Like AssemblyScript, it places fields in order, each aligned to its size. */
export function readStructs(source: string): Struct[] {
  const classes = source.matchAll(/^@unmanaged\nexport class (\w+) \{\n(.*?)\n\}/gms);
  return [...classes].map(([, name = "", body = ""]) => {
    const fields: Field[] = [];
    let end = 0;
    let largest = 1;
    for (const line of body.split("\n")) {
      const [, field, type = "", comment = ""] = /^ {2}(\w+): (\w+);(?: \/\/ (.*))?$/.exec(line) ?? [];
      const bytes = FIELD_BYTES[type];
      if (field === undefined || bytes === undefined) throw new Error(`A field of ${name} is one line, not: ${line}`);
      const offset = alignedTo(bytes, end);
      fields.push({ name: field, offset, comment });
      end = offset + bytes;
      largest = Math.max(largest, bytes);
    }
    return { name, fields, bytes: alignedTo(largest, end) };
  });
}

const alignedTo = (bytes: number, offset: number): number => Math.ceil(offset / bytes) * bytes;

/** Returns the name of the constant of a field, such as LAYOUT_DIM_1 for dim1 of Layout. */
const constantOf = (struct: string, field: string): string =>
  `${struct}_${field.replace(/[A-Z]|\d+/g, (start) => `_${start}`)}`.toUpperCase();

export function structsModule(structs: readonly Struct[]): string {
  const valueBytes = { ...VALUE_BYTES, ...Object.fromEntries(structs.map(({ name, bytes }) => [name, bytes])) };
  const constants = structs.flatMap(({ name, fields, bytes }) => [
    ...fields.map((field) => `export const ${constantOf(name, field.name)} = ${field.offset};`),
    `export const ${name.toUpperCase()}_BYTES = ${bytes};`,
  ]);
  const tables = structs.flatMap(({ name, fields }) => addressLines(name, fields, valueBytes));
  // esbuild puts a constant in the place of its name if no other statement and no import stands before it.
  const lines = [...constants, ...tables];
  return `// Made of the classes in assembly/ by scripts/kernels/structs.ts.\n${lines.join("\n")}\n`;
}

/** A constant of src/abi.ts in a shape, and any other name: a size that the caller knows. */
const CONSTANT = /\b[A-Z][A-Z_]+\b/g;
const SIZE = /\b(?!Math\b)(?<!Math\.)[A-Za-z]\w*\b/g;

function addressLines(
  struct: string,
  fields: readonly Field[],
  valueBytes: Readonly<Record<string, number>>,
): string[] {
  const inFile = fields.filter(({ comment }) => comment.startsWith("in the file:"));
  const regions = fields.flatMap(({ name, comment }) => {
    const bytes = bytesOf(comment, valueBytes);
    return bytes === undefined ? [] : [{ name, bytes }];
  });
  if (regions.length === 0) return [];
  const sizes = [...new Set(regions.flatMap(({ bytes }) => bytes.match(SIZE) ?? []))];
  const offsets = (of: readonly { readonly name: string }[]): string[] =>
    of.map(({ name }) => `  ${name}: ${constantOf(struct, name)},`);
  const prefix = struct.toUpperCase();
  return [
    ...(inFile.length > 0 ? [`export const ${prefix}_TENSORS = {`, ...offsets(inFile), "} as const;"] : []),
    `export const ${prefix}_REGIONS = {`,
    ...offsets(regions),
    "} as const;",
    `export type ${struct}Region = keyof typeof ${prefix}_REGIONS;`,
    `export const ${struct.charAt(0).toLowerCase()}${struct.slice(1)}RegionBytes = ({ ${sizes.join(", ")} }: {`,
    ...sizes.map((name) => `  readonly ${name}: number;`),
    `}): Record<${struct}Region, number> => ({`,
    ...regions.map(({ name, bytes }) => `  ${name}: ${bytes},`),
    "});",
  ];
}

function constantValue(constant: string): string {
  const value = new Map<string, number>(Object.entries(abi)).get(constant);
  if (value === undefined) throw new Error(`The shape of a region names ${constant}, which src/abi.ts does not have.`);
  return String(value);
}

/** Returns the bytes of the values that a comment describes: (a + 1) * c * 128 for `[a + 1, BLOCK_SLOTS] f32 if c: …`. */
function bytesOf(comment: string, valueBytes: Readonly<Record<string, number>>): string | undefined {
  const [, shape, type = "", condition] = /^\[([^\]]+)\] (\w+)(?: if (\w+))?(?::|$)/.exec(comment) ?? [];
  if (shape === undefined) return undefined;
  const bytes = valueBytes[type];
  if (bytes === undefined) throw new Error(`The values of a region have a type that is not known: ${comment}`);
  const sizes = shape
    .replace(CONSTANT, constantValue)
    .replaceAll("ceil(", "Math.ceil(")
    .split(/, (?![^(]*\))/);
  const isNumber = (size: string): boolean => /^\d+$/.test(size);
  const factor = sizes.filter(isNumber).reduce((product, size) => product * Number(size), bytes);
  const others = sizes.filter((size) => !isNumber(size)).map((size) => (/ [+-] /.test(size) ? `(${size})` : size));
  return [...others, ...(condition ? [condition] : []), factor].join(" * ");
}
