import { parquetWriteBuffer } from "hyparquet-writer";
import { bytesOf, npyBytes, npyLiteral, safetensorsBytes } from "../cli/files.ts";
import { zipBytes } from "../cli/zip.ts";

/** An input of about `size` bytes for which a careless reader takes long. */
export interface SlowInput {
  readonly reader: string;
  readonly what: string;
  readonly name: string;
  make(size: number): Uint8Array | string;
}

const input = (reader: string, what: string, name: string, make: SlowInput["make"]): SlowInput => ({
  reader,
  what,
  name,
  make,
});

const times = (piece: string, size: number): string => piece.repeat(Math.ceil(size / piece.length));
const list = (count: number, entry: (i: number) => string, between = ","): string =>
  Array.from({ length: Math.ceil(count) }, (_, i) => entry(i)).join(between);

const parquet = (
  columnData: Parameters<typeof parquetWriteBuffer>[0]["columnData"],
  rowGroupSize?: number,
): Uint8Array => new Uint8Array(parquetWriteBuffer({ columnData, ...(rowGroupSize && { rowGroupSize }) }));

const CSV: readonly SlowInput[] = [
  input("csv", "digits in front of a letter", "x.csv", (size) => `${times("1", size)}x\n1\n`),
  input("csv", "rows of one digit", "x.csv", (size) => times("1\n", size)),
  input("csv", "rows of one quoted digit", "x.csv", (size) => times('"1"\n', size)),
  input("csv", "empty lines", "x.csv", (size) => times("\n", size)),
  input("csv", "commas", "x.csv", (size) => times(",", size)),
  input("csv", "columns of numbers", "x.csv", (size) => times("1.5,", size)),
  input("csv", "columns of quoted names", "x.csv", (size) => times('"a",', size)),
  input("csv", "a field of quotes", "x.csv", (size) => `1,"${times('""', size)}"\n`),
  input("csv", "a field of lines", "x.csv", (size) => `1,"${times("\n", size)}"\n`),
  input("csv", "a quote that stays open", "x.csv", (size) => `1,"${times("a\n", size)}`),
  input("csv", "white space", "x.csv", (size) => `1,${times(" ", size)}x\n`),
];

const JSONL: readonly SlowInput[] = [
  input("jsonl", "a string that stays open, of escapes", "x.jsonl", (size) => `["${times('\\"', size)}`),
  input("jsonl", "quotes that are no JSON", "x.jsonl", (size) => times('"a', size)),
  input("jsonl", "backslashes that are no JSON", "x.jsonl", (size) => `["${times("\\", size)}`),
  input("jsonl", "values that are not finite", "x.jsonl", (size) => `[${times("NaN,", size)}1]\n`),
  input("jsonl", "letters that are no JSON", "x.jsonl", (size) => times("NaNa", size)),
  input("jsonl", "rows of one digit", "x.jsonl", (size) => times("[1]\n", size)),
  input("jsonl", "lists in lists", "x.jsonl", (size) => `[${times("[", size / 2)}${times("]", size / 2)}]\n`),
  input("jsonl", "keys that stand often", "x.jsonl", (size) => `{"values":[1]${times(',"a":1', size)}}\n`),
  input("jsonl", "keys of their own", "x.jsonl", (size) => `{"values":[1],${list(size / 10, (i) => `"k${i}":1`)}}\n`),
  input("jsonl", "lines of white space", "x.jsonl", (size) => times("   \n", size)),
];

const HEADER = (json: string): Uint8Array => {
  const bytes = Buffer.alloc(8 + Buffer.byteLength(json));
  bytes.writeBigUInt64LE(BigInt(bytes.byteLength - 8));
  bytes.write(json, 8);
  return bytes;
};

const JSON_HEADERS: readonly SlowInput[] = [
  input("safetensors", "many tensors", "x.safetensors", (size) =>
    HEADER(`{${list(size / 60, (i) => `"t${i}":{"dtype":"F32","shape":[0,1],"data_offsets":[0,0]}`)}}`),
  ),
  input("safetensors", "one key again and again", "x.safetensors", (size) => HEADER(`{${times('"a":1,', size)}"b":1}`)),
  input("safetensors", "objects in objects", "x.safetensors", (size) =>
    HEADER(`${times('{"a":', size / 2)}1${"}".repeat(Math.ceil(size / 10))}`),
  ),
  input("safetensors", "a string of escapes", "x.safetensors", (size) =>
    HEADER(`{"__metadata__":{"a":"${times('\\"', size)}"}}`),
  ),
  input("safetensors", "strings and white space", "x.safetensors", (size) =>
    HEADER(`{"__metadata__":{"a":"b"${times(" ", size)}}}`),
  ),
  input(
    "shards",
    "many tensors",
    "x.safetensors.index.json",
    (size) => `{"weight_map":{${list(size / 20, (i) => `"t${i}":"a.st"`)}}}`,
  ),
  input("shards", "names of dots", "x.safetensors.index.json", (size) => `{"weight_map":{"${times(".", size)}":"/"}}`),
];

const BINARY: readonly SlowInput[] = [
  input("npy", "a shape of many sizes", "x.npy", (size) =>
    npyBytes(npyLiteral("<f4", `(${times("1,", size)})`), new Uint8Array(0), 2),
  ),
  input("npy", "a string that stays open", "x.npy", (size) => npyBytes(`{'${times("a", size)}`, new Uint8Array(0), 2)),
  input("npy", "rows of one value", "x.npy", (size) =>
    npyBytes(npyLiteral("<f2", `(${size / 2}, 1)`), new Uint8Array(size)),
  ),
  input("npz", "many members", "x.npz", (size) =>
    zipBytes(Array.from({ length: size / 120 }, (_, i) => ({ name: `a${i}.npy`, data: new Uint8Array(1) }))),
  ),
  input("npz", "many members that are no arrays", "x.npz", (size) =>
    zipBytes(Array.from({ length: size / 90 }, (_, i) => ({ name: `${i}`, data: new Uint8Array(1) }))),
  ),
  input("npz", "zeros", "x.npz", (size) =>
    zipBytes([{ name: "w.npy", data: npyBytes(npyLiteral("<f4", `(${size / 4}, 1)`), new Uint8Array(size)) }]),
  ),
  input("fvecs", "rows of one value", "x.fvecs", (size) =>
    bytesOf(Int32Array.from({ length: size / 4 }, (_, i) => (i % 2 === 0 ? 1 : 0))),
  ),
  input("f32", "rows of one value", "x.f32", (size) => new Uint8Array(size)),
  input("parquet", "many row groups", "x.parquet", (size) =>
    parquet([{ name: "a", data: Float32Array.from({ length: size / 115 }, (_, i) => i), type: "FLOAT" }], 1),
  ),
  input("parquet", "many columns", "x.parquet", (size) =>
    parquet(Array.from({ length: size / 110 }, (_, i) => ({ name: `c${i}`, data: Float32Array.of(1), type: "FLOAT" }))),
  ),
  input("safetensors", "rows of one value", "w.safetensors", (size) =>
    safetensorsBytes([{ name: "w", dtype: "F32", shape: [size / 4, 1], data: new Float32Array(size / 4) }]),
  ),
];

/** The inputs for every reader of embeddings. */
export const SLOW_INPUTS: readonly SlowInput[] = [...CSV, ...JSONL, ...JSON_HEADERS, ...BINARY];

/** The inputs for the reader of examples, by task. */
export const SLOW_EXAMPLES: readonly SlowInput[] = [
  input("lm", "words of one letter", "x.txt", (size) => times("a b ", size)),
  input("lm", "lines of one letter", "x.txt", (size) => times("a\nb\n", size)),
  input("lm", "words of their own", "x.txt", (size) => list(size / 8, (i) => `w${i}`, " ")),
  input("lm", "white space", "x.txt", (size) => `a b${times(" ", size)}c\n`),
  input("next-item", "items", "x.jsonl", (size) => `{"items":[${list(size / 2, (i) => String(i % 2))}]}`),
  input(
    "next-item",
    "lists in lists",
    "x.jsonl",
    (size) => `{"items":[${times("[", size / 2)}${times("]", size / 2)}]}`,
  ),
  input("labels", "rows", "x.jsonl", (size) =>
    times('{"features":["a","b"],"labels":["c","d"]}\n{"features":[],"labels":["e"]}\n', size),
  ),
  input(
    "labels",
    "features",
    "x.jsonl",
    (size) => `{"features":[${list(size / 2, (i) => String(i % 2))}],"labels":["a","b"]}`,
  ),
];
