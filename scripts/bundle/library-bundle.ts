import type { BuildOptions } from "esbuild";
import { inlinedProgram } from "./inlined-program.ts";
import { inlined } from "./inlined-wasm.ts";
import { LINE_LIMIT } from "./line-limit.ts";
import { shortKernelNames } from "./short-kernel-names.ts";

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
};

/** The short names of kernels, the same in all modules that bundles of the library carry or import. */
export const kernelNames = shortKernelNames(["query", "exact", "scan", "batch"].map((name) => `build/${name}.wasm`));

/** Bundles a module that calls kernels. Indexes pass from one bundle to another, so all have the same names. */
export const kernelsBundle: BuildOptions = {
  ...libraryBundle,
  ...kernelNames.options,
  plugins: [inlined(kernelNames.shorten), inlinedProgram({ ...libraryBundle, ...kernelNames.options })],
};
