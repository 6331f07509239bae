// Bundles the declarations in build/types into dist/*.d.ts. They contain only what the package exports, so that consumers need
// not check or install the types of kernels, hono and valibot. Shared declarations are in a file that all entries import, so
// that MultiIndex is the same type everywhere.
import { writeFileSync } from "node:fs";
import { rolldown } from "rolldown";
import { dts } from "rolldown-plugin-dts";
import { wireDeclarations } from "./contract/declarations.ts";

const TYPES = "build/types";

// The types that tsc writes here depend on valibot and are hard to read.
writeFileSync(`${TYPES}/worker/contract/wire.d.ts`, wireDeclarations());

const bundle = await rolldown({
  input: {
    index: `${TYPES}/src/index.d.ts`,
    train: `${TYPES}/src/train/index.d.ts`,
    worker: `${TYPES}/worker/entry.d.ts`,
    client: `${TYPES}/worker/client.d.ts`,
  },
  external: /\/build\/\w+\.js$/, // declarations of kernels, which are not public
  plugins: [dts({ dtsInput: true, emitDtsOnly: true, generator: "oxc", tsconfig: false })],
});
await bundle.write({
  dir: "dist",
  chunkFileNames: "[name].ts",
  codeSplitting: { groups: [{ name: "shared.d", minShareCount: 2 }] },
});
// Deno and JSR resolve the import of "./shared.js" in the declarations literally, so the file has to exist.
writeFileSync("dist/shared.js", '/* @ts-self-types="./shared.d.ts" */\nexport {};\n');
