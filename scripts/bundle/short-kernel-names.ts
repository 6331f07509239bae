import { readFileSync } from "node:fs";
import type { BuildOptions } from "esbuild";
import { LAYOUT_REGIONS } from "../../build/structs.ts";
import { withNames } from "./wasm-names.ts";

/**
 * Exports of the kernels whose names are also public, or are those of WebAssembly's own interface, and regions that are looked
 * up by a string.
 */
const KEPT = ["memory", "predict", "sample", "topIds", "topScores"];

/** Regions of the memory with names of several words. Names of one word may be those of something else too. */
const REGIONS = Object.keys(LAYOUT_REGIONS).filter((name) => /[A-Z]/.test(name));

/**
 * Short names for the exports of kernels, in modules and in the bundles that call them, and for regions of the
 * memory: a Worker is 1 KB smaller. A name is shortened wherever a bundle has it as a property, so it must be no
 * public name (test/scripts/wasm-names.test.ts).
 */
export interface ShortKernelNames {
  /** The options for esbuild. */
  readonly options: Pick<BuildOptions, "mangleProps" | "mangleCache">;
  /** Returns a kernel module with the short names. */
  readonly shorten: (module: Uint8Array) => Uint8Array<ArrayBuffer>;
}

/** Chooses short names for the exports of these kernel modules. */
export function shortKernelNames(paths: readonly string[]): ShortKernelNames {
  const exported = paths.flatMap((path) => exportsOf(readFileSync(path)));
  const names = [...exported, ...REGIONS].filter((name) => !KEPT.includes(name));
  const short = new Map([...new Set(names)].sort().map((name, i) => [name, `$${i.toString(36)}`]));
  return {
    options: {
      mangleProps: new RegExp(`^(?:${[...short.keys()].join("|")})$`),
      mangleCache: Object.fromEntries(short),
    },
    shorten: (module) => withNames(module, short),
  };
}

/** Returns the names that a module exports. */
export const exportsOf = (module: Uint8Array<ArrayBuffer>): string[] =>
  WebAssembly.Module.exports(new WebAssembly.Module(module)).map(({ name }) => name);
