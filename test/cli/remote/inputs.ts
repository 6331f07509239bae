import { basename } from "node:path";
import { parquetWriteBuffer } from "hyparquet-writer";
import { bytesOf, npyBytes, npyLiteral, safetensorsBytes } from "../files.ts";
import { noise } from "../run.ts";
import { BIAS, COUNTS, DATA, DIM, LABELS, ROWS } from "../tasks/words.ts";

const SHARD = "model-00001-of-00001.safetensors";

/** The files that builds read, by name. */
export function inputFiles(): Record<string, Uint8Array> {
  const vector = (values: Float32Array): Uint8Array => npyBytes(npyLiteral("<f4", `(${ROWS},)`), bytesOf(values));
  const lists = Array.from({ length: ROWS }, (_, i) => Array.from(DATA.subarray(i * DIM, (i + 1) * DIM)));
  const columnData = Array.from({ length: DIM }, (_, d) => {
    return { name: `d${d}`, type: "FLOAT" as const, data: lists.map((row) => row[d]) };
  });
  const model = safetensorsBytes([
    { name: "weight", dtype: "F32", shape: [ROWS, DIM], data: DATA },
    { name: "bias", dtype: "F32", shape: [ROWS], data: BIAS },
  ]);
  return {
    "rows.npy": npyBytes(npyLiteral("<f4", `(${ROWS}, ${DIM})`), bytesOf(DATA)),
    "rows.parquet": new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: 100 })),
    "rows.csv": Buffer.from(lists.map((row) => `${row.join(",")}\n`).join("")),
    "model.safetensors": model,
    [SHARD]: model,
    "model.safetensors.index.json": Buffer.from(JSON.stringify({ weight_map: { weight: SHARD, bias: SHARD } })),
    "bias.npy": vector(BIAS),
    "counts.npy": vector(COUNTS),
    "labels.txt": Buffer.from(`${LABELS.join("\n")}\n`),
    "queries.npy": npyBytes(npyLiteral("<f4", `(40, ${DIM})`), bytesOf(noise(40 * DIM, 9))),
  };
}

const SETTINGS = ["--bits", "3", "--calibrate", "off"];

/** Arguments of builds, with the names of input files that a test replaces by paths or URLs. */
export const BUILDS: Readonly<Record<string, readonly string[]>> = {
  npy: [
    "rows.npy",
    ...SETTINGS,
    "--bias",
    "bias.npy",
    "--counts",
    "counts.npy",
    "--labels",
    "labels.txt",
    "--queries",
    "queries.npy",
  ],
  parquet: ["rows.parquet", ...SETTINGS],
  csv: ["rows.csv", ...SETTINGS],
  safetensors: ["model.safetensors", "--tensor", "weight", "--bias", "bias", ...SETTINGS],
  shards: ["model.safetensors.index.json", "--tensor", "weight", ...SETTINGS],
};

/** Returns arguments with places in place of the names of input files. */
export const placed = (argv: readonly string[], place: (name: string) => string): string[] =>
  argv.map((text) => (/^[\w-]+\.[\w.]+$/.test(text) ? place(basename(text)) : text));
