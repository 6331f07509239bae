import { join } from "node:path";
import { expect, test } from "vitest";
import { walk } from "../../train/model/toy.ts";
import { makeFolder, writeInput } from "../files.ts";
import { midx } from "../run.ts";

const clicks = Array.from({ length: 60 }, (_, i) => `${JSON.stringify({ items: [...walk(9, i)] })}\n`).join("");

const STEEP = ["--optimizer", "sgd", "--learning-rate", "1000", "--weight-decay", "1000"];

test.each([
  [[]],
  [["--sampler", "midx"]],
  [["--sampler", "midx", "--refresh-every", "1"]],
  [["--encoder", "gru"]],
  [["--encoder", "gru", "--sampler", "midx"]],
  [["--encoder", "gru", "--sampler", "midx-learned"]],
  [["--encoder", "attention", "--sampler", "lsh", "--refresh-every", "1"]],
])("a training that diverges says so and what helps: %j", async (options) => {
  const argv = ["train", writeInput("clicks.jsonl", clicks), "--task", "next-item", "--dim", "8"];
  const { code, stderr } = await midx([
    ...argv,
    ...STEEP,
    ...options,
    "--batch-size",
    "4",
    "--epochs",
    "20",
    "-o",
    join(makeFolder(), "model.safetensors"),
  ]);
  expect(stderr).toMatch(
    /^error: the training diverged in epoch \d+: "\S+" (is not finite|has a value of \S+, whose magnitude is above 4294967296)\. Try (a '--dim' above 8, '--blocks' below 2 or a '--dropout' below 0\.2, since .*, or )?a '--learning-rate' below 1000\n$/,
  );
  expect(code).toBe(2);
});
