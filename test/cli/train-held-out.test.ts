import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeFolder, writeInput } from "./files.ts";
import { jsonLines, midx } from "./run.ts";

const CLICKS = '{"items":["a","b","c"]}\n{"items":["c","a","b","a"]}\n';
const LABELLED = '{"features":["x","y"],"labels":["a"]}\n{"features":["x"],"labels":["b"]}\n';

const output = (): string => join(makeFolder(), "model.safetensors");
async function trained(data: string, ...options: string[]) {
  const argv = ["train", writeInput("data", data), "-o", output(), "--dim", "4", "--epochs", "1", ...options];
  return midx(argv);
}
const kinds: [string, string[]][] = [
  ["a bag", ["--task", "next-item"]],
  ["an encoder", ["--task", "next-item", "--encoder", "gru"]],
];

describe.each(kinds)("the held-out data of %s", (_, kind) => {
  test.each([
    ['{"items":["x","y","z"]}\n', "3 of its 3 names are not in the training data"],
    ['{"items":["a","z"]}\n{"items":["b"]}\n', "1 of its 3 names are not in the training data"],
  ])("are refused where they have nothing to predict: %j", async (held, message) => {
    const valid = writeInput("valid.jsonl", held);
    const { code, stderr } = await trained(CLICKS, ...kind, "--valid", valid, "--patience", "2");
    expect(code).toBe(2);
    expect(stderr).toBe(
      `error: ${valid}: '--valid' expected a sequence of two items that the training data has, got none: ${message}\n`,
    );
  });

  test("are refused where they are empty", async () => {
    const valid = writeInput("valid.jsonl", "");
    const { code, stderr } = await trained(CLICKS, ...kind, "--valid", valid);
    expect(code).toBe(2);
    expect(stderr).toBe(`error: ${valid}: '--valid' expected a sequence of two items, got none\n`);
  });

  test("may have unknown names, which are counted", async () => {
    const valid = writeInput("valid.jsonl", '{"items":["a","x","b"]}\n{"items":["y","c"]}\n');
    const { stdout } = await trained(CLICKS, ...kind, "--valid", valid);
    expect(stdout).toMatch(/^unknown +2 of 5 names$/m);
    const { stdout: json } = await trained(CLICKS, ...kind, "--valid", valid, "--json");
    expect(jsonLines(json).at(-1)).toMatchObject({ names: 5, unknown: 2 });
    expect((await trained(CLICKS, ...kind, "--valid", writeInput("same.jsonl", CLICKS))).stdout).not.toContain(
      "unknown",
    );
  });

  test("training data without a sequence of two items are refused by name", async () => {
    const { code, stderr } = await trained('{"items":["a"]}\n{"items":["b"]}\n', ...kind);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /data: expected a sequence of two items, got none: use more data or a smaller '--min-count'\n/,
    );
  });
});

test.each([[[]], [["--encoder", "gru"]]])("words of a text that become <unk> are counted: %j", async (encoder) => {
  const valid = writeInput("valid.txt", "a never b\n");
  const argv = ["--task", "lm", "--min-count", "2", "--valid", valid, ...encoder];
  const { stdout } = await trained("a b a b\na c\nb a d\n", ...argv);
  expect(stdout).toMatch(/^unknown +1 of 4 names$/m); // the sentence has an end
});

test("labels and features that are unknown are counted, and a row needs a known label", async () => {
  const valid = writeInput("valid.jsonl", '{"features":["x","q"],"labels":["a","z"]}\n');
  expect((await trained(LABELLED, "--task", "labels", "--valid", valid)).stdout).toMatch(/^unknown +2 of 4 names$/m);
  const none = writeInput("none.jsonl", '{"features":["x"],"labels":["z"]}\n');
  const { stderr } = await trained(LABELLED, "--task", "labels", "--valid", none);
  expect(stderr).toContain("'--valid' expected a row with a label that the training data has, got none: 1 of its 2");
});
