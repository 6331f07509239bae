import type { BuildOptions } from "esbuild";
import { inlinedWasm } from "./inlined-wasm.ts";
import { LINE_LIMIT } from "./line-limit.ts";

/** A module that asks nothing of its runtime: no file, no network, no name of a host. */
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
