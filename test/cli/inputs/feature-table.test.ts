import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { load, type MultiIndex } from "../../../src/index.ts";
import { encodeExamples, type Model, nextWordExamples } from "../../../src/train/index.ts";
import { openCheckpoint } from "../../../src/train/model/train-inlined.ts";
import { walk } from "../../train/model/toy.ts";
import { bytesOf, makeFolder, npyBytes, npyLiteral, writeInput } from "../files.ts";
import { jsonLines, midx, noise, writeTable } from "../run.ts";

const WORDS = ["alpha", "beta", "gamma", "delta", "epsilon"];
const TEXT = Array.from({ length: 60 }, (_, s) => Array.from(walk(10, s + 1), (word) => WORDS[word]).join(" ")).join(
  "\n",
);

interface Trained {
  readonly model: string;
  readonly words: string;
  readonly output: string;
}

async function trained(...more: string[]): Promise<Trained> {
  const folder = makeFolder();
  const [model, words, output] = ["model.safetensors", "words.txt", "words.midx"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const argv = ["train", writeInput("text.txt", TEXT), "--task", "lm", "-o", model, "--labels-out", words];
  expect(await midx([...argv, "--dim", "8", "--epochs", "2", ...more])).toMatchObject({ code: 0 });
  return { model, words, output };
}

const HEAD = ["--tensor", "classes", "--bias", "bias", "--calibrate", "off"];
const FEATURES = ["--features", "features", "--positions", "positions"];
const open = (path: string): Promise<MultiIndex> => load(readFileSync(path));

test("a word of digits is a name where a feature has it, and else an id", async () => {
  const folder = makeFolder();
  const [table, names, output] = [writeTable(40, 4), join(folder, "names.txt"), join(folder, "index.midx")];
  writeFileSync(names, "in\n0\n7\n");
  const argv = ["build", table, "--features", writeTable(3, 4, 2), "--calibrate", "off", "-o", output];
  const logZ = async (features: string) => {
    const { code, stdout, stderr } = await midx(["predict", output, "--exact", "--json", "--features", features]);
    return code === 0 ? jsonLines(stdout)[0]?.logPartition : stderr;
  };
  expect(await midx([...argv, "--feature-labels", names])).toMatchObject({ code: 0 });
  expect(await logZ("0 2 7")).toBe(await logZ('["0", "7", "7"]'));
  expect(await logZ("0")).not.toBe(await logZ("[0]"));
  expect(await logZ("02")).toContain('expected an integer in 0..2 or the name of a feature, got "02"');
  expect(await midx(argv)).toMatchObject({ code: 0 });
  expect(await logZ("0,2")).toBe(await logZ("[0, 2]"));
});

describe("midx build --features", () => {
  test("makes an index that makes the model's queries of words, bit for bit", async () => {
    const { model, words, output } = await trained();
    const built = ["build", model, ...HEAD, ...FEATURES, "--labels", words, "--feature-labels", words, "-o", output];
    const { code, stdout, stderr } = await midx(built);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^features +6 with names, 4 positions, pooling sum$/m);
    expect((await midx(["inspect", output])).stdout).toMatch(/^features +6 with names, 4 positions/m);
    const index = await open(output);
    const names = readFileSync(words, "utf8").trimEnd().split("\n");
    const context = ["beta", "alpha", "epsilon", "gamma", "delta"].map((word) => names.indexOf(word));
    const checkpoint: Model = await openCheckpoint(readFileSync(model));
    const made = await encodeExamples(checkpoint, nextWordExamples(Int32Array.from(context), names.length, 4));
    // The features of the last example are the four words before the last one, the nearest first.
    const features = context.slice(0, 4).reverse();
    expect(index.encode(features)).toEqual(made.slice(-8));
    expect(index.encode(features.map((id) => names[id] as string))).toEqual(made.slice(-8));
  });

  test("makes one that midx predict and midx sample query by names", async () => {
    const { model, words, output } = await trained();
    await midx(["build", model, ...HEAD, ...FEATURES, "--labels", words, "--feature-labels", words, "-o", output]);
    const index = await open(output);
    const ask = async (...argv: string[]) => await midx(["predict", output, "-k", "2", "--exact", "--json", ...argv]);
    const bag = ["--features", '["beta", "alpha"]'];
    const [answer] = jsonLines((await ask(...bag)).stdout);
    const expected = index.predict(index.encode(["beta", "alpha"]), 2, { exact: true });
    expect(answer).toMatchObject({ ids: Array.from(expected.ids), logPartition: expected.logPartition });
    const [weighed] = jsonLines((await ask(...bag, "--weights", "[2, -1]")).stdout);
    const query = index.encode(["beta", "alpha"], { weights: [2, -1] });
    expect(weighed?.logPartition).toBe(index.predict(query, 2, { exact: true }).logPartition);
    expect((await midx(["sample", output, ...bag, "--draws", "3", "--json"])).code).toBe(0);
    for (const [argv, message] of [
      [
        ["--features", '["omega"]'],
        "'--features'[0] expected an integer in 0..5 or the name of a feature, got \"omega\"",
      ],
      [["--features", '["beta"'], "Expected a JSON array of ids or names"],
      [["--weights", "[1]"], "'--weights' needs '--features'"],
      [[...bag, "--vector", "[1]"], "cannot be used with option"],
    ] as const) {
      const { code, stderr } = await ask(...argv);
      expect(code).toBe(2);
      expect(stderr).toContain(message);
    }
  });

  test("writes the same bytes on the disk", async () => {
    const { model, words, output } = await trained();
    const argv = ["build", model, ...HEAD, ...FEATURES, "--feature-labels", words, "--pooling", "mean", "-o", output];
    await midx(argv);
    const inMemory = readFileSync(output);
    for (const more of [
      ["--max-memory", "1000"],

      ["--max-memory", "1000", "--fine-codes"],
    ]) {
      expect(await midx([...argv, ...more])).toMatchObject({ code: 0, stderr: "" });
      if (!more.includes("--fine-codes")) expect(readFileSync(output).equals(inMemory), more.join(" ")).toBe(true);
    }
    expect((await open(output)).info).toMatchObject({ features: { featureCount: 6, pooling: "mean" } });
  });

  test("takes tables of files of their own", async () => {
    const npy = (rows: number, start: number): string =>
      writeInput("t.npy", npyBytes(npyLiteral("<f4", `(${rows}, 4)`), bytesOf(noise(rows * 4, start))));
    const output = join(makeFolder(), "out.midx");
    const argv = ["build", npy(10, 1), "--features", npy(7, 2), "--positions", npy(2, 3), "-o", output];
    expect(await midx(argv)).toMatchObject({ code: 0, stderr: "" });
    const index = await open(output);
    const [vectors, factors] = [noise(7 * 4, 2), noise(2 * 4, 3)];
    expect(index.encode([6])).toEqual(vectors.slice(24).map((value, d) => value * (factors[d] as number)));
  });

  test.each<[string, string[], string[], string]>([
    ["positions that are left out", [], ["--features", "features"], "'--positions' is missing: the model has factors"],
    ["a hidden layer", ["--hidden", "tanh"], FEATURES, "'--features' expected a model without a hidden layer"],
    ["a tensor that isn't there", [], ["--features", "words"], "'--positions' is missing"],
    ["another that isn't", [], ["--features", "f", "--positions", "positions"], 'there is neither a tensor "f"'],
    ["positions alone", [], ["--positions", "positions"], "'--positions' needs '--features'"],
    ["pooling alone", [], ["--pooling", "mean"], "'--pooling' needs '--features'"],
    ["another pooling", [], [...FEATURES, "--pooling", "max"], "Allowed choices are sum, mean, sqrtn"],
  ])("refuses %s", async (_, train, build, message) => {
    const { model, output } = await trained(...train);
    const { code, stderr } = await midx(["build", model, ...HEAD, ...build, "-o", output]);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });

  test("refuses names of another number, or twice, under their file's", async () => {
    const { model, output } = await trained();
    const argv = ["build", model, ...HEAD, ...FEATURES, "-o", output, "--feature-labels"];
    const few = await midx([...argv, writeInput("few.txt", "a\nb\n")]);
    expect(few.stderr).toContain("few.txt: '--feature-labels' expected 6 lines, one for each feature");
    const twice = await midx([...argv, writeInput("twice.txt", "a\nb\nc\nd\ne\na\n")]);
    expect(twice.stderr).toContain('twice.txt: labels must be unique, but rows 0 and 5 are both "a"');
  });
});
