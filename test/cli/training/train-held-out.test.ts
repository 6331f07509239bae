import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { walk } from "../../train/model/toy.ts";
import { makeFolder, writeInput } from "../files.ts";
import { jsonLines, midx } from "../run.ts";

const CLICKS = '{"items":["a","b","c"]}\n{"items":["c","a","b","a"]}\n';
const LABELLED = '{"features":["x","y"],"labels":["a"]}\n{"features":["x"],"labels":["b"]}\n';

const output = (): string => join(makeFolder(), "model.safetensors");
async function trained(data: string, ...options: string[]) {
  const argv = ["train", writeInput("data", data), "-o", output(), "--dim", "4", "--epochs", "1", ...options];
  return midx(argv);
}
const ENCODER = ["--task", "next-item", "--encoder", "gru"];
const kinds: [string, string[], string][] = [
  ["a bag", ["--task", "next-item"], "a sequence of two items that the training data has"],
  ["an encoder", ENCODER, "a sequence whose last item, and one before it, the training data has"],
];

describe.each(kinds)("the held-out data of %s", (_, kind, needed) => {
  test.each([
    ['{"items":["x","y","z"]}\n', "3 of its 3 names are not in the training data"],
    ['{"items":["a","z"]}\n{"items":["b"]}\n', "1 of its 3 names are not in the training data"],
  ])("are refused where they have nothing to predict: %j", async (held, message) => {
    const valid = writeInput("valid.jsonl", held);
    const { code, stderr } = await trained(CLICKS, ...kind, "--valid", valid, "--patience", "2");
    expect(code).toBe(2);
    expect(stderr).toBe(`error: ${valid}: '--valid' expected ${needed}, got none: ${message}\n`);
  });

  test("are refused where they are empty", async () => {
    const valid = writeInput("valid.jsonl", "");
    const { code, stderr } = await trained(CLICKS, ...kind, "--valid", valid);
    expect(code).toBe(2);
    expect(stderr).toBe(`error: ${valid}: '--valid' expected a sequence of two items, got none\n`);
  });

  test("may have unknown names, which are counted", async () => {
    const valid = writeInput("valid.jsonl", '{"items":["a","x","b"]}\n{"items":["y","c"]}\n{"items":["y"]}\n');
    const { stdout } = await trained(CLICKS, ...kind, "--valid", valid);
    expect(stdout).toMatch(/^unknown +3 of 6 names$/m);
    const { stdout: json } = await trained(CLICKS, ...kind, "--valid", valid, "--json");
    expect(jsonLines(json).at(-1)).toMatchObject({ names: 6, unknown: 3 });
    expect((await trained(CLICKS, ...kind, "--valid", writeInput("same.jsonl", CLICKS))).stdout).not.toContain(
      "unknown",
    );
  });

  test("may not be others where a resumed training goes on to choose its best epoch by them", async () => {
    const own = ["--dim", "4", "--patience", "2", "-o", output()];
    const run = (valid: string, epochs: string, ...more: string[]) =>
      midx([
        ...["train", writeInput("data", CLICKS), ...kind, ...own],
        ...["--valid", writeInput("v.jsonl", valid), "--epochs", epochs, ...more],
      ]);
    expect((await run('{"items":["a","b"]}\n', "1")).code).toBe(0);
    const others = '{"items":["b","a"]}\n';
    expect((await run(others, "1", "--resume")).stdout).toMatch(/^held out +1 (positions|examples)/m);
    const { code, stderr } = await run(others, "2", "--resume");
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: '--valid' expected the data that chose the best epoch of the checkpoint/);
  });

  test("training data without a sequence of two items are refused by name", async () => {
    const { code, stderr } = await trained('{"items":["a"]}\n{"items":["b"]}\n', ...kind);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /data: expected a sequence of two items, got none: use more data or a smaller '--min-count'\n/,
    );
  });
});

/** Runs a training with some held-out sequences, and returns its last event. */
async function measured(kind: readonly string[], held: readonly string[], data: string) {
  const { code, stdout, stderr } = await trained(data, ...kind, "--valid", writeInput("valid", lines(held)), "--json");
  expect(code, stderr).toBe(0);
  return jsonLines(stdout).at(-1) as Record<string, unknown>;
}
const lines = (all: readonly string[]): string => all.map((line) => `${line}\n`).join("");

describe("what is to be predicted and unknown", () => {
  const sequence = (seed: number, ...more: string[]): string =>
    JSON.stringify({ items: [...Array.from(walk(8, seed), String), ...more] });
  const data = lines(Array.from({ length: 60 }, (_, i) => sequence(i)));
  const held = Array.from({ length: 40 }, (_, i) => sequence(900 + i));
  const appended = held.map((_, i) => sequence(900 + i, "never-seen"));

  test("is not measured as the item before it", async () => {
    const half = [...appended.slice(0, 20), ...held.slice(20)];
    const { metrics, unseen, history, ...facts } = await measured(ENCODER, half, data);
    const known = await measured(ENCODER, held.slice(20), data);
    expect({ metrics, unseen, history }).toEqual({
      ...{ metrics: known.metrics, unseen: known.unseen, history: known.history },
    });
    expect(facts).toMatchObject({ targets: 40, unmeasured: 20, unknown: 20 });
    expect(known).toMatchObject({ targets: 40 - 20, unmeasured: 0 });
    const all = writeInput("valid.jsonl", lines(appended));
    expect(await trained(data, ...ENCODER, "--valid", all)).toMatchObject({
      code: 2,
      stderr: `error: ${all}: '--valid' expected a sequence whose last item, and one before it, the training data has, got none: 40 of its 360 names are not in the training data\n`,
    });
  });

  test.each<[string, readonly string[], string, readonly string[], object]>([
    // A line of one item predicts nothing. Behind unknown items only, there is nothing to predict from.
    [
      "an encoder",
      ENCODER,
      CLICKS,
      ['{"items":["a","x","b"]}', '{"items":["a","x"]}', '{"items":["x","b"]}', '{"items":["x"]}'],
      { targets: 3, unmeasured: 2, rowCount: 1 },
    ],
    [
      "a bag",
      ["--task", "next-item"],
      CLICKS,
      ['{"items":["a","x","b"]}', '{"items":["a","b","x"]}', '{"items":["x","b"]}', '{"items":["x"]}'],
      { targets: 5, unmeasured: 3, rowCount: 2 },
    ],
    ["a text without <unk>", ["--task", "lm"], "a b a b\n", ["a x b"], { targets: 3, unmeasured: 1, rowCount: 2 }],
    [
      "a text of an encoder",
      ["--task", "lm", "--encoder", "gru"],
      "a b a b\n",
      ["x x b a"],
      { targets: 4, unmeasured: 2, rowCount: 2 },
    ],
    [
      "a text with <unk>",
      ["--task", "lm", "--min-count", "2"],
      "a b a b\na c\n",
      ["a x"],
      { targets: 2, unmeasured: 0 },
    ],
    [
      "labels",
      ["--task", "labels"],
      LABELLED,
      ['{"features":["x"],"labels":["a","z","z"]}', '{"features":["x"],"labels":["z"]}', '{"features":[],"labels":[]}'],
      { targets: 3, unmeasured: 2, rowCount: 1 },
    ],
  ])("is counted: %s", async (_, kind, from, some, { rowCount, ...expected }: { rowCount?: number }) => {
    const event = await measured(kind, some, from);
    expect(event).toMatchObject(expected);
    if (rowCount !== undefined) expect(event.metrics).toMatchObject({ rowCount });
    const { targets, unmeasured } = expected as { targets: number; unmeasured: number };
    const { stdout } = await trained(from, ...kind, "--valid", writeInput("valid", lines(some)));
    const told = `unmeasured +${unmeasured} of ${targets} targets, because they or all names before them are unknown$`;
    if (unmeasured > 0) expect(stdout).toMatch(new RegExp(`^${told}`, "m"));
    else expect(stdout).not.toContain("unmeasured");
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
