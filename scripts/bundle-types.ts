// dist/*.d.ts from the declarations that tsc leaves in build/types: those of what the package exports and of nothing else,
// so that no consumer has to check, or to have, the types of kernels, hono or valibot. What entries share is in
// a file that they import: a MultiIndex is the same from each.
import { writeFileSync } from "node:fs";
import { rolldown } from "rolldown";
import { dts } from "rolldown-plugin-dts";
import { wireDeclarations } from "./contract/declarations.ts";

const TYPES = "build/types";

// The types that tsc leaves ask for valibot, and for a reader who sees through it.
writeFileSync(`${TYPES}/worker/contract/wire.d.ts`, wireDeclarations());

const bundle = await rolldown({
  input: {
    index: `${TYPES}/src/index.d.ts`,
    train: `${TYPES}/src/train/index.d.ts`,
    worker: `${TYPES}/worker/entry.d.ts`,
    client: `${TYPES}/worker/client.d.ts`,
  },
  external: /\/build\/\w+\.js$/, // the kernels', which nothing public needs
  plugins: [dts({ dtsInput: true, emitDtsOnly: true, generator: "oxc", tsconfig: false })],
});
await bundle.write({
  dir: "dist",
  chunkFileNames: "[name].ts",
  codeSplitting: { groups: [{ name: "shared.d", minShareCount: 2 }] },
});
// Deno and JSR take the declarations' import of "./shared.js" literally, so there has to be one.
writeFileSync("dist/shared.js", '/* @ts-self-types="./shared.d.ts" */\nexport {};\n');
