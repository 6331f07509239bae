import queryDebug from "../build/query.debug.wasm";
import query from "../build/query.wasm";
import wholeDebug from "../build/whole.debug.wasm";
import whole from "../build/whole.wasm";
import type { Modules } from "../src/kernels.ts";

/** Both builds of the modules: with assertions, and the one that ships. */
export const BUILDS: Readonly<Record<"debug" | "release", Modules>> = {
  debug: { query: queryDebug, whole: wholeDebug },
  release: { query, whole },
};
