import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "../files.ts";

const NODE_MODULES = join(import.meta.dirname, "../../../node_modules");

/** Makes a folder with a wrangler.toml of these lines and this repository's wrangler. Returns the path of the file. */
export function makeWorkerFolder(...lines: string[]): string {
  const folder = makeFolder();
  symlinkSync(NODE_MODULES, join(folder, "node_modules"));
  return writeConfig(folder, ...lines);
}

export function writeConfig(folder: string, ...lines: string[]): string {
  const path = join(folder, "wrangler.toml");
  writeFileSync(path, ['name = "words"', 'compatibility_date = "2026-10-01"', ...lines, ""].join("\n"));
  return path;
}

export const varsOf = (source: string, key = "words/current.json"): string[] => [
  "[vars]",
  `INDEX_SOURCE = "${source}"`,
  `INDEX_KEY = "${key}"`,
];

export const R2 = ["[[r2_buckets]]", 'binding = "INDEX"', 'bucket_name = "words-bucket"'];
export const KV = ["[[kv_namespaces]]", 'binding = "INDEX_KV"', 'id = "0123abcd"'];
