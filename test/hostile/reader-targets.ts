import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InvalidArgumentError } from "commander";
import { featuresOf } from "../../src/cli/arguments/given-features.ts";
import { classes, features, vector } from "../../src/cli/arguments/values.ts";
import type { FormatName } from "../../src/cli/inputs/formats.ts";
import type { InputOptions } from "../../src/cli/inputs/input.ts";
import { readLabelLines } from "../../src/cli/inputs/labels.ts";
import { openInput } from "../../src/cli/inputs/open.ts";
import { readCorpus, type Task } from "../../src/cli/training/corpus.ts";
import { loadWith } from "../../src/index/load.ts";
import { parsePointer } from "../../src/publication/pointer.ts";
import { createApp } from "../../worker/app.ts";
import { fixedHost } from "../../worker/host/fixed-host.ts";
import { BUILDS } from "../fixtures/modules.ts";
import { refused } from "./allowed-errors.ts";
import { SMALL_FILES } from "./files.ts";
import { leastTime, type Verdict } from "./judge.ts";

// The fuzzing targets of the readers (fuzz/), replayed from their corpora. A target throws if a reader breaks its
// contract: an error that is not documented, a value that is not finite, or more time than its input justifies.

export interface ReaderTarget {
  /** If true, the first byte says how often the others are repeated, so that quadratic time shows. */
  readonly repeats?: true;
  read(data: Uint8Array): Promise<unknown>;
}

const folder = mkdtempSync(join(tmpdir(), "midx-fuzz-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

function written(name: string, data: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, data);
  return path;
}

/** Reads a whole file of embeddings, as `midx build` does. */
const table =
  (format: FormatName, options: InputOptions = {}) =>
  async (data: Uint8Array): Promise<void> => {
    const input = await openInput(written(`x.${format}`, data), { format, ...options });
    try {
      let rows = 0;
      for await (const values of input.rows(64)) {
        if (!values.every(Number.isFinite)) throw new Error("a value that is not finite");
        rows += values.length / input.dim;
      }
      if (rows !== input.itemCount) throw new Error(`${rows} rows, of ${input.itemCount}`);
      const labels = await input.labels();
      if (labels && labels.length !== rows) throw new Error(`${labels.length} labels of ${rows} rows`);
    } finally {
      await input.close();
    }
  };

const examples = (task: Task) => (data: Uint8Array) =>
  readCorpus(task, written(`${task}.txt`, data), { minCount: 1, maxNames: 1000, history: 3 });

const app = async () => {
  const index = await loadWith(BUILDS.release, SMALL_FILES["RQ, i8 rows, bias, fine codes"], { maxBatch: 16 });
  return { index, ...createApp(fixedHost(index)) };
};
let served: ReturnType<typeof app> | undefined;

const PATHS = [
  "predict",
  "sample",
  "sample-top-k",
  "log-partition",
  "log-probability",
  "slate-log-probability",
  "query",
  "decode",
];

/** A request. Its first byte is the path, and the others are the body. */
const request = (type: string) => async (data: Uint8Array) => {
  served ??= app();
  const { fetch } = await served;
  const path = PATHS[(data[0] ?? 0) % PATHS.length] as string;
  const query = type === "application/json" ? "" : "?k=3&draws=4";
  const body = Uint8Array.from(data.subarray(1));
  const url = `http://127.0.0.1/v1/${path}${query}`;
  const response = await fetch(new Request(url, { method: "POST", headers: { "content-type": type }, body }));
  const text = await response.text();
  if (response.status >= 500) throw new Error(`${response.status}: ${text}`);
  if (response.status !== 200 && !/"(detail|errors)"/.test(text)) throw new Error(`no problem: ${text}`);
};

/** Tries the same text as the value of each option. Faults of an index's features are a TypeError or a RangeError. */
async function readArguments(data: Uint8Array): Promise<void> {
  served ??= app();
  const { index } = await served;
  const text = new TextDecoder().decode(data);
  for (const parse of [classes, vector, (text: string) => index.encode(featuresOf(index, features(text)))]) {
    try {
      parse(text);
    } catch (error) {
      if (error instanceof InvalidArgumentError || (error instanceof TypeError && error.message.startsWith('"')))
        continue;
      await refused(() => Promise.reject(error));
    }
  }
}

async function readShards(data: Uint8Array): Promise<void> {
  written("a.safetensors", SHARD);
  try {
    await table("safetensors.index.json")(data);
  } catch (error) {
    // An index may name any file of its folder. The system reports that a file does not exist or cannot.
    if (!["ENOENT", "ENAMETOOLONG"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}

const SHARD = (() => {
  const header = '{"w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}';
  const bytes = Buffer.alloc(8 + header.length + 8);
  bytes.writeBigUInt64LE(BigInt(header.length));
  bytes.write(header, 8);
  return bytes;
})();

export const READER_TARGETS: Readonly<Record<string, ReaderTarget>> = {
  csv: { repeats: true, read: table("csv") },
  jsonl: { repeats: true, read: table("jsonl") },
  npy: { read: table("npy") },
  npz: { read: table("npz") },
  parquet: { read: table("parquet") },
  safetensors: { read: table("safetensors") },
  shards: { read: readShards },
  fvecs: { read: table("fvecs") },
  raw: { read: table("f32", { dim: 3 }) },
  labels: { repeats: true, read: (data) => readLabelLines(written("labels.txt", data), 5) },
  lm: { repeats: true, read: examples("lm") },
  sequences: { repeats: true, read: examples("next-item") },
  "labelled-rows": { repeats: true, read: examples("labels") },
  pointer: { read: async (data) => parsePointer(new TextDecoder().decode(data)) },
  arguments: { repeats: true, read: readArguments },
  "http-json": { read: request("application/json") },
  "http-raw": { read: request("application/x-midx-f32") },
};

/**
 * The milliseconds of this thread that are allowed for an empty input, and for each kibibyte more. Instrumented code is
 * slow.
 */
const [LEAST_LIMIT, LIMIT_PER_KIBIBYTE] = [400, 4];
const MOST_BYTES = 2 ** 15;

/** Runs a reader on `data`, and on `data` repeated. */
export async function fuzzReader({ read, repeats }: ReaderTarget, data: Uint8Array): Promise<Verdict> {
  const input = repeats ? repeated(data.subarray(1), 2 ** ((data[0] ?? 0) % 12)) : data;
  const limit = LEAST_LIMIT + (LIMIT_PER_KIBIBYTE * input.byteLength) / 1024;
  const { result, milliseconds } = await leastTime(limit, () => refused(() => read(input)), 2);
  if (milliseconds < limit) return result ?? "harmless";
  throw new Error(`${milliseconds} ms for ${input.byteLength} bytes, expected less than ${limit}`);
}

function repeated(bytes: Uint8Array, count: number): Uint8Array {
  const most = Math.max(1, Math.min(count, Math.floor(MOST_BYTES / Math.max(1, bytes.byteLength))));
  return Buffer.concat(Array.from({ length: most }, () => bytes));
}
