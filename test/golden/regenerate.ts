// npm run golden: builds the golden index with the package as it is built now, queries it, and writes index.midx and
// golden.json. It is the only writer of both. Run it when a new minor version changes bits on purpose, and commit the
// result.
import { writeFile } from "node:fs/promises";
import { hashAnswers, sha256 } from "./hash-answers.ts";
import { goldenMatrix, goldenOptions } from "./input.ts";
import { trainGolden } from "./train-golden.ts";

const { load }: typeof import("../../src/index.ts") = await import(
  String(new URL("../../dist/index.js", import.meta.url))
);
const { build, train }: typeof import("../../src/train/index.ts") = await import(
  String(new URL("../../dist/train.js", import.meta.url))
);

const file = await build(goldenMatrix, goldenOptions);
const golden = {
  file: await sha256(file),
  answers: await hashAnswers(await load(file, { simd: "base" })),
  trained: await trainGolden(train),
};
await writeFile(new URL("index.midx", import.meta.url), file);
await writeFile(new URL("golden.json", import.meta.url), `${JSON.stringify(golden, undefined, 2)}\n`);
console.log(golden);
