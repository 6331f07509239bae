import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { format } from "node:util";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { measure, measuredLines } from "../../scripts/demo/measured-calls.ts";
import { linesIn } from "../../scripts/demo/model-files.ts";
import {
  EXACT,
  EXAMPLE,
  heldOutContexts,
  linesOf,
  queryOf,
  SAMPLED,
  SHOWN_PHRASES,
  timesOf,
} from "../../scripts/demo/next-phrase.ts";
import { featureWords, phraseExamples } from "../../scripts/demo/phrases/examples.ts";
import { Lexicon, Phrases } from "../../scripts/demo/phrases/phrases.ts";
import { tokensOf } from "../../scripts/demo/phrases/wikitext.ts";
import { halvesToFloats } from "../../src/bytes/float16.ts";
import { parseHeader } from "../../src/bytes/safetensors.ts";
import { loadWith } from "../../src/index/load.ts";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { build } from "../../src/train/index.ts";
import { BUILDS } from "../fixtures/modules.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const readme = readFileSync(`${root}${EXAMPLE}/README.md`, "utf8");
const contentsOf = (name: string): Buffer => gunzipSync(readFileSync(`${root}${EXAMPLE}/${name}.gz`));
const namesIn = (name: string): string[] => contentsOf(name).toString().trimEnd().split("\n");

test.each(["model.safetensors", "phrases.txt", "words.txt"])("%s has the SHA-256 that its README names", (name) => {
  expect(readme).toContain(`${createHash("sha256").update(contentsOf(name)).digest("hex")}  ${name}`);
});

async function openExample() {
  const bytes = contentsOf("model.safetensors");
  const { tensors, byteLength } = parseHeader(bytes, bytes.byteLength);
  const table = (name: string): Float32Array => {
    const tensor = tensors.find((candidate) => candidate.name === name);
    if (tensor === undefined) throw new Error(`the model expected a tensor ${name}`);
    const values = bytes.subarray(byteLength + tensor.begin, byteLength + tensor.end);
    return halvesToFloats(new Uint16Array(Uint8Array.from(values).buffer));
  };
  const [labels, words] = [namesIn("phrases.txt"), namesIn("words.txt")];
  const dim = table("classes").length / labels.length;
  const features = { data: table("features"), shape: [words.length, dim], labels: words } as const;
  const file = await build(
    { data: table("classes"), shape: [labels.length, dim] },
    {
      bias: table("bias"),
      labels,
      features: { ...features, positions: table("positions"), pooling: "sum" },
      calibrate: "off",
    },
  );
  return { index: await loadWith(BUILDS.release, file), words: new Set(words) };
}

/** Runs the README's lines that ask an index, and returns what they print beside the output that the README shows. */
function readmeExample(index: MultiIndex): { readonly printed: string; readonly output: string } {
  const page = readFileSync(`${root}README.md`, "utf8");
  const blocks = /const index = await load.*?\n(?<program>.*?)```\s+```\n(?<output>.*?)\n```/s.exec(page)?.groups;
  if (blocks === undefined) throw new Error("README.md expected a program that loads an index, and its output");
  let printed = "";
  const log = (...values: unknown[]): void => {
    printed += format(...values);
  };
  new Function("index", "console", blocks.program as string)(index, { log });
  return { printed, output: blocks.output as string };
}

test("the demo's model has more than 100,000 phrases, answers what a reader expects, and gives the README's output", async () => {
  const { index, words } = await openExample();
  expect(index.info.itemCount).toBeGreaterThan(100_000);
  const likely = (context: string): string[] =>
    index.labels(index.predict(queryOf(index, words, context), 10, EXACT).ids);
  expect(likely("of the United")).toEqual(expect.arrayContaining(["States", "Kingdom"]));
  expect(likely("one of the most")).toEqual(expect.arrayContaining(["important"]));
  expect(likely("at the end of")).toEqual(expect.arrayContaining(["the season", "the war"]));
  for (const context of linesIn(`${root}${EXAMPLE}/contexts.txt`)) expect(likely(context)).toHaveLength(10);
  const { printed, output } = readmeExample(index);
  expect(printed).toBe(output);

  const heldOut = heldOutContexts(root, 20);
  expect(new Set(heldOut).size).toBe(20);
  const figures = measure(
    index,
    heldOut.map((context) => queryOf(index, words, context)),
  );
  const [plain, more, exact] = figures.calls;
  expect(figures).toMatchObject({ queries: 20, classes: index.info.itemCount });
  expect(exact).toMatchObject({ scored: index.info.itemCount, error: 0, errorP90: 0 });
  expect(plain?.scored).toBeLessThan(index.info.itemCount / 50);
  expect(plain?.error).toBeGreaterThan(0);
  expect(more?.error).toBeLessThan(0.2);
  expect(figures.covered).toBeGreaterThan(0.5);

  const times = timesOf(index, queryOf(index, words, "of the United"));
  expect(Math.min(times.sampled, times.exact)).toBeGreaterThan(0);
  index.dispose();
}, 240_000);

test("an answer is shown beside the exact probabilities, and other phrases where exact ones differ", () => {
  const full = { labels: ["States", "Kingdom"], scores: [2, 1], probabilities: [0.5, 0.18], logPartition: 2.7 };
  const answer = { ...full, logPartition: 2.72, standardError: 0.02, scored: 1124, lowEss: false };
  const exact = { ...full, standardError: 0, scored: 109_922, lowEss: false };
  const text = linesOf("of the United", answer, exact, { sampled: 83.4, exact: 1612.2 }).join("\n");
  expect(text).toContain("… of the United …");
  expect(text).toMatch(/^ {2}States +50\.00 % ± +1\.96 {3}exact +49\.66 %$/m);
  expect(text).toContain("1,124 of 109,922 phrases scored in 83 µs; exact: all of them in 1,612 µs");
  expect(text).not.toContain("has these first");
  expect(text).not.toContain("lowEss");
  const rough = linesOf("of the United", { ...answer, lowEss: true }, exact, { sampled: 1, exact: 2 });
  expect(rough.join("\n")).toContain("lowEss");
  const other = linesOf("of the United", answer, { ...exact, labels: ["States", "Nations"] }, { sampled: 1, exact: 2 });
  expect(other.join("\n")).toContain("The exact softmax has these first: States, Nations.");
});

test("what the demo says of its figures holds whatever they are", () => {
  const text = measuredLines({
    ...{ queries: 20, classes: 109_922, covered: 0.9 },
    calls: [
      { name: "predict", time: 250.4, scored: 1122, error: 0.0123, errorP90: 0.25 },
      { name: "predict, exact: true", time: 99.6, scored: 109_922, error: 0, errorP90: 0 },
    ],
  }).join("\n");
  for (const figure of [
    "250 µs",
    "100 µs",
    " 1,122 ",
    " 109,922 ",
    "0.4 times as long",
    "1.23 % (25.00 %)",
    "90 % of",
  ]) {
    expect(text).toContain(figure);
  }
  expect(text).not.toMatch(/faster|slower/);
  expect(SHOWN_PHRASES).toBeGreaterThan(1);
  expect(SAMPLED).not.toHaveProperty("exact");
});

test("phrases are the longest frequent runs that end with no function word, in their most frequent spelling", () => {
  const lines = [
    " The end of the war . ",
    " the end of the war <unk> ",
    " At the end of the War , ",
    " = The war = ",
    "",
  ];
  const lexicon = new Lexicon();
  const text = lexicon.read(tokensOf(lines.join("\n")));
  const phrases = new Phrases(lexicon, text);
  // "end of the war" is frequent and longer than "end"; "the end of the" is not a phrase, and <unk> and "." are none.
  expect(phrases.labels).toEqual(["end of the war", "of the war", "the end", "the war", "war"]);

  const words = featureWords(lexicon, text);
  expect(words).toContain("<unk>");
  const { features, positives, positionCount } = phraseExamples(lexicon, phrases, words, text);
  expect(positionCount).toBe(4);
  const row = positives.ids.indexOf(phrases.labels.indexOf("war"));
  const context = features.ids.subarray(features.offsets[row], features.offsets[row + 1]);
  expect(Array.from(context, (id) => words[id])).toEqual(["the", "of", "end", "the"]);
});
