// Bundles the declarations in build/types into dist/*.d.ts. They contain only what the package exports, so that consumers need
// not check or install the types of kernels, hono and valibot. Shared declarations are in a file that all entries import, so
// that MultiIndex is the same type everywhere.
import { readFileSync, writeFileSync } from "node:fs";
import { rolldown } from "rolldown";
import { dts } from "rolldown-plugin-dts";
import { wireDeclarations } from "./contract/declarations.ts";

const TYPES = "build/types";
const ENTRIES: Readonly<Record<string, string>> = {
  index: "src/index",
  train: "src/train/index",
  parts: "src/parts/index",
  encoder: "src/encoder/index",
  changes: "src/changes/index",
  compaction: "src/train/compaction/index",
  threads: "src/threads/index",
  worker: "worker/entry",
  part: "worker/part",
  router: "worker/router",
  live: "worker/live",
  "live-sequences": "worker/live-sequences",
  compactor: "worker/compactor",
  sequences: "worker/sequences",
  client: "worker/client",
};

// The types that tsc writes here depend on valibot and are hard to read.
writeFileSync(`${TYPES}/worker/contract/wire.d.ts`, wireDeclarations());

// tsc drops the constructor of MultiIndex, which is internal, and a class without a constructor seems to have a public one.
const MULTI_INDEX = `${TYPES}/src/index/multi-index.d.ts`;
// tsc does not write it again where nothing has changed.
const CLOSED = "export declare class MultiIndex {\n    private constructor();";
const declared = readFileSync(MULTI_INDEX, "utf8");
if (!declared.includes(CLOSED)) {
  const closed = declared.replace("export declare class MultiIndex {", CLOSED);
  if (closed === declared) throw new Error(`${MULTI_INDEX} declares no class MultiIndex`);
  writeFileSync(MULTI_INDEX, closed);
}

const bundle = await rolldown({
  input: Object.fromEntries(Object.entries(ENTRIES).map(([name, path]) => [name, `${TYPES}/${path}.d.ts`])),
  external: /\/build\/\w+\.js$/, // declarations of kernels, which are not public
  plugins: [dts({ dtsInput: true, emitDtsOnly: true, generator: "oxc", tsconfig: false })],
});
await bundle.write({
  dir: "dist",
  banner: ({ name }) => introductionOf(ENTRIES[name]),
  chunkFileNames: "[name].ts",
  codeSplitting: { groups: [{ name: "shared.d", minShareCount: 2 }] },
});
// Deno and JSR resolve the import of "./shared.js" in the declarations literally, so the file has to exist.
writeFileSync("dist/shared.js", '/* @ts-self-types="./shared.d.ts" */\nexport {};\n');

/** Returns the introduction of an entry point: the comment at the start of its source, which the bundler drops. */
function introductionOf(entry: string | undefined): string {
  if (entry === undefined) return "";
  const introduction = /^\/\*\*.*? @module\n \*\/\n/s.exec(readFileSync(`${entry}.ts`, "utf8"));
  if (!introduction) throw new Error(`${entry}.ts does not begin with an introduction`);
  return introduction[0];
}
