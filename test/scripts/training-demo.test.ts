import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { featuresOf } from "../../scripts/demo/context.ts";
import { trainLanguageModel } from "../../scripts/demo/training.ts";
import { perplexityOfUnigrams } from "../../scripts/demo/unigrams.ts";
import { type LanguageModel, writeOn } from "../../scripts/demo/written-text.ts";
import { openEncoder } from "../../src/encoder/index.ts";
import { load } from "../../src/index.ts";
import { midx } from "../cli/run.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The first lines of the example's corpus. */
function smallCorpus(folder: string): void {
  for (const [name, lines] of [
    ["train.txt.gz", 60],
    ["valid.txt.gz", 10],
  ] as const) {
    const text = gunzipSync(readFileSync(join(root, "examples/wikitext-2", name))).toString();
    writeFileSync(join(folder, name), gzipSync(text.split("\n").slice(0, lines).join("\n")));
  }
}

describe("the training demo", () => {
  const folder = mkdtempSync(join(tmpdir(), "midx-demo-"));
  const printed: string[] = [];
  let model: LanguageModel;
  beforeAll(async () => {
    smallCorpus(folder);
    const print = (line: string): void => void printed.push(line);
    const file = await trainLanguageModel({
      ...{ corpus: folder, folder, print },
      training: ["--max-words", "300", "--epochs", "1", "--dim", "16"],
      midx: async (args) => {
        const { code, stdout, stderr } = await midx(args);
        expect(code, stderr).toBe(0);
        print(stdout);
      },
    });
    const index = await load(readFileSync(file));
    model = { index, encoder: await openEncoder(index) };
  });
  afterAll(() => {
    model?.index.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  test("prints the perplexity of the model and that of the words alone, on the same positions", () => {
    const text = printed.join("\n");
    expect(text).toMatch(/^perplexity +\d+\.\d\d$/m);
    expect(text).toMatch(/^The frequencies of the words alone have a perplexity of \d+\.\d\d on the same text\.$/m);
    const lines = gunzipSync(readFileSync(join(folder, "valid.txt.gz")))
      .toString()
      .split("\n");
    const words = lines.flatMap((line) => line.split(" ").filter(Boolean)).length;
    const ends = lines.filter((line) => line.trim() !== "").length;
    expect(text).toContain(`held out    ${words + ends - 1} positions`);
  });

  test("writes so many words, the same for the same seed", () => {
    const { text, unknown } = writeOn(model, "The game", 12, 1n);
    expect(text.startsWith("The game ")).toBe(true);
    expect(unknown).toEqual([]);
    expect(text).not.toMatch(/<unk>|<eos>|=/);
    expect(writeOn(model, "The game", 12, 1n).text).toBe(text);
    expect(writeOn(model, "The game", 12, 2n).text).not.toBe(text);
  });

  test("writes what decode draws for the whole text so far", () => {
    const { index } = model;
    const label = (id: number): string => index.labels([id])[0] as string;
    const ids = new Map(Array.from({ length: index.info.itemCount }, (_, id) => [label(id), id]));
    const read = ["The", "game"].map((word) => ids.get(word) as number);
    const exclude = ["<unk>", "<eos>", "="].map((word) => ids.get(word) as number);
    for (let i = 0; i < 3; i++) {
      const query = index.encode(["<eos>", ...read.map(label)]);
      const law = { temperature: 0.8, minP: 0.05, frequencyPenalty: 0.3, history: read, exclude };
      read.push(index.decode(query, { ...law, seed: 1n + BigInt(i) }).id);
    }
    const words = read
      .map(label)
      .join(" ")
      .replace(/ @(.)@ /g, "$1")
      .replace(/ ([.,;:!?)])/g, "$1")
      .replace("( ", "(");
    const written = writeOn(model, "The game", 3, 1n).text;
    expect(written.toLowerCase().replaceAll(" '", "'")).toBe(words.toLowerCase().replaceAll(" '", "'"));
  });

  test("reads a word in lower case where it knows it so, and names those it does not know", () => {
    expect(writeOn(model, "xyzzy Of the", 1, 1n).unknown).toEqual(["xyzzy"]);
  });
});

test("the perplexity of frequencies is that of the words and of the ends of lines", () => {
  // Learned: a a b <unk> <eos> <eos>, so that a has 2/6, b 1/6, <unk> 1/6 and <eos> 2/6. Asked: b <unk> <eos> behind the first a.
  const perplexity = perplexityOfUnigrams(["a", "b", "<unk>", "<eos>"], ["a a b", "", "c"], ["a b d"]);
  expect(perplexity).toBeCloseTo((6 * 6 * 3) ** (1 / 3), 10);
});

test("a context is read as the corpus has its words, the nearest first, unknown ones apart", () => {
  const words = new Set(["<unk>", "the", "game", "'s", "end", ",", "didn", "'t"]);
  expect(featuresOf(words, "after the game's end,")).toEqual({ features: [",", "end", "'s", "game"], unknown: [] });
  expect(featuresOf(words, "they didn't end")).toEqual({ features: ["end", "'t", "didn", "<unk>"], unknown: ["they"] });
  expect(featuresOf(new Set(["the"]), "the cat")).toEqual({ features: ["the"], unknown: ["cat"] });
});
