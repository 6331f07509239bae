import type { BuildOptions } from "esbuild";
import { inlinedWasm } from "./inlined-wasm.ts";
import { LINE_LIMIT } from "./line-limit.ts";

/** Bundles a module that is independent of its runtime: it uses no files, no network and no host names. */
export const libraryBundle: BuildOptions = {
  bundle: true,
  charset: "utf8",
  format: "esm",
  target: "es2022",
  minify: true,
  lineLimit: LINE_LIMIT,
  platform: "neutral",
  logLevel: "warning",
  plugins: [inlinedWasm],
};
