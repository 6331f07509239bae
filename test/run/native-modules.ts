import { registerHooks } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

// The processes of tests load this before all else. Node runs the sources as they are: modules are neither transformed nor
// wrapped. Here is what bundles make of imports that Node does not know.

const fromRoot = (path: string): string => new URL(`../../${path}`, import.meta.url).href;

/** For examples, which import the package by its name. */
const ENTRIES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    midx: "src/index.ts",
    "midx/train": "src/train/index.ts",
    "midx/parts": "src/parts/index.ts",
    "midx/changes": "src/changes/index.ts",
    "midx/compaction": "src/train/compaction/index.ts",
    "midx/threads": "src/threads/index.ts",
  }).map(([name, path]) => [name, fromRoot(path)]),
);

const BUNDLER = new URL("../../scripts/bundle/inlined-program.ts", import.meta.url).href;

/** The text of the module for a path, by the end of its URL. */
const SOURCES: Readonly<Record<string, (path: string) => string>> = {
  /** The bytes, as in the bundles. */
  ".wasm?bytes": (path) =>
    `import { readFileSync } from "node:fs";\nexport default new Uint8Array(readFileSync(${JSON.stringify(path)}));`,
  /** The compiled module, in Node as it is in Workers. */
  ".wasm": (path) =>
    `import bytes from "${pathToFileURL(path).href}?bytes";\nexport default await WebAssembly.compile(bytes);`,
  /** The text of a thread's program, as in the bundles. */
  ".ts?program": (path) =>
    `import { programOf } from "${BUNDLER}";\nexport default await programOf(${JSON.stringify(path)}, { platform: "neutral" });`,
};

registerHooks({
  resolve: (specifier, context, nextResolve) => nextResolve(ENTRIES.get(specifier) ?? specifier, context),
  load: (url, context, nextLoad) => {
    const ending = Object.keys(SOURCES).find((end) => url.endsWith(end));
    if (ending === undefined) return nextLoad(url, context);
    const source = SOURCES[ending]?.(fileURLToPath(url.replace(/\?\w+$/, "")));
    return { format: "module", source, shortCircuit: true };
  },
});
