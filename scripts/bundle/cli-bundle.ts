import type { BuildOptions } from "esbuild";
import { inlinedWasm } from "./inlined-wasm.ts";
import { LINE_LIMIT } from "./line-limit.ts";

const SHEBANG = "#!/usr/bin/env node\n";
/** Defines `require` for commander and cli-progress, CommonJS packages that require Node's modules. */
export const REQUIRE = 'import{createRequire}from"node:module";const require=createRequire(import.meta.url);';

/** Bundles the command line into one file, and the script of its threads into another one. */
export const cliBundle: BuildOptions = {
  bundle: true,
  charset: "utf8",
  format: "esm",
  target: "es2022",
  minify: true,
  lineLimit: LINE_LIMIT,
  platform: "node",
  external: ["bullmq", "ioredis"], // optional peers
  entryPoints: { cli: "src/cli/main.ts", "cli-worker": "src/cli/threads/cli-worker.ts" },
  banner: { js: SHEBANG + REQUIRE },
  logLevel: "warning",
  plugins: [inlinedWasm],
};
