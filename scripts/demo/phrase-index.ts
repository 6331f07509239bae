import { readFileSync } from "node:fs";
import { loadWith } from "../../src/index/load.ts";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { modelBuild } from "./model-files.ts";
import { unpackExample } from "./next-phrase.ts";
import { CLI, type RunningDemo, root } from "./running-demo.ts";

const UNPACKED = "build/demo/next-phrase";

/** The unpacked files of the example. */
export const PHRASE_FILES = {
  model: `${UNPACKED}/model.safetensors`,
  labels: `${UNPACKED}/phrases.txt`,
  featureLabels: `${UNPACKED}/words.txt`,
};

/** Builds the index of the example in `root`, with further arguments of the command line. */
export async function buildPhrases(demo: RunningDemo, file: string, more: readonly string[] = []): Promise<void> {
  unpackExample(root, UNPACKED);
  await demo.run("node", [CLI, ...modelBuild(PHRASE_FILES, file), ...more]);
}

/** Loads an index in this process, with the kernels that the Worker has. */
export async function openPhrases(file: string): Promise<MultiIndex> {
  const compiled = (name: string): WebAssembly.Module =>
    new WebAssembly.Module(readFileSync(`${root}build/${name}.wasm`));
  const modules = { query: compiled("query"), exact: compiled("exact"), scan: compiled("scan-relaxed") };
  return loadWith(modules, readFileSync(file));
}
