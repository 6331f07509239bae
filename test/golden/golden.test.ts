import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { build, train } from "../../src/train/index.ts";
import { BUILDS } from "../fixtures/modules.ts";
import { open } from "../fixtures/open.ts";
import golden from "./golden.json" with { type: "json" };
import { hashAnswers, sha256 } from "./hash-answers.ts";
import { goldenMatrix, goldenOptions } from "./input.ts";
import { trainGolden } from "./train-golden.ts";

const file = new Uint8Array(readFileSync(new URL("index.midx", import.meta.url)));

test("the golden file is what its input builds (npm run golden writes it anew)", async () => {
  expect(await sha256(file)).toBe(golden.file);
  expect(await sha256(await build(goldenMatrix, goldenOptions))).toBe(golden.file);
});

test("the golden trainings give the golden checkpoints", async () => {
  expect(await trainGolden(train)).toBe(golden.trained);
});

test.each(Object.keys(BUILDS) as (keyof typeof BUILDS)[])(
  "the golden answers are those of the %s kernels",
  async (kernels) => {
    const { index } = await open(file, {}, kernels);
    expect(await hashAnswers(index)).toBe(golden.answers);
  },
);
