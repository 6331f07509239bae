import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { featuresOf, knownWords, wordsOf } from "../../examples/text/context.js";
import { END, Grammar, SENTENCE } from "../../examples/text/grammar.js";
import { grammarOf, repetitionOf, write } from "../../examples/text/text.js";
import { wordClassOf } from "../../examples/text/word-classes.js";
import { run } from "../../examples/text/write.js";
import { append, type WriterOptions } from "../../examples/text/writer.js";
import { load, type MultiIndex } from "../../src/index.ts";
import { somePhrases } from "./next-phrase.ts";

/** The sentences of the grammar, with a letter for each word class, written down a second time. */
const PHRASE = "(?:D(?:A)?N)";
const SENTENCES = new RegExp(`^(?:${PHRASE}|P)V(?:(?:${PHRASE}|P)R|R)(?:${PHRASE}|P|Y)$`);
const LETTERS = { determiner: "D", adjective: "A", noun: "N", name: "P", verb: "V", preposition: "R", year: "Y" };

const START = "the album received";
const SEEDS = [1, 2, 3, 4, 5, 6];
const options = (seed: number, more: Partial<WriterOptions> = {}): WriterOptions => ({
  ...{ temperature: 0.8, minP: 0.05, seed },
  ...more,
});
const PENALTIES = { repetitionPenalty: 1.2, frequencyPenalty: 0.3 };

let file: Uint8Array<ArrayBuffer>;
let index: MultiIndex;
let grammar: Grammar;
beforeAll(async () => {
  file = await somePhrases();
  index = await load(file);
  grammar = grammarOf(index);
});

describe("a text of the phrase model", () => {
  test("is the same for the same seed, and another for another", async () => {
    const again = await load(file);
    for (const more of [{}, PENALTIES, { grammar }]) {
      const texts = SEEDS.map((seed) => write(index, START, 30, options(seed, more)));
      for (const [i, { text, written }] of texts.entries()) {
        expect(write(again, START, 30, options(SEEDS[i] as number, more))).toEqual({ text, written });
      }
      expect(new Set(texts.map(({ text }) => text)).size).toBe(SEEDS.length);
    }
  });

  test("goes on with the words that it has written: each phrase is what decode gives for the words before it", () => {
    const isKnown = knownWords(index);
    const { written } = write(index, START, 20, options(3, PENALTIES));
    let text = START;
    const history: number[] = [];
    for (const [step, { phrase, decoded }] of written.entries()) {
      const query = index.encode(featuresOf(text, isKnown));
      const seed = 3n * 2n ** 20n + BigInt(step);
      expect(index.decode(query, { temperature: 0.8, minP: 0.05, ...PENALTIES, history, seed })).toEqual(decoded);
      text += ` ${phrase}`;
      history.push(decoded.id);
    }
  });

  test("repeats itself much less with penalties", () => {
    const mean = (more: Partial<WriterOptions>): number =>
      SEEDS.reduce((sum, seed) => sum + repetitionOf(write(index, START, 150, options(seed, more))), 0) / SEEDS.length;
    const [without, withPenalties] = [mean({}), mean(PENALTIES)];
    expect(without).toBeGreaterThan(0.1);
    expect(withPenalties).toBeLessThan(0.6 * without);
  });
});

describe("a grammar", () => {
  test("is obeyed by every sentence, and each of its transitions is taken", () => {
    const taken = new Set<string>();
    let sentences = 0;
    for (const seed of SEEDS) {
      const { written } = write(index, START, 200, options(seed, { grammar, temperature: 1.5, minP: 0 }));
      let sentence = "";
      let state = "start";
      for (const { phrase, endsSentence } of written) {
        const wordClass = wordClassOf(phrase);
        expect(wordClass, phrase).toBeDefined();
        if (wordClass === undefined) continue;
        sentence += LETTERS[wordClass];
        taken.add(`${state} ${wordClass}`);
        state = SENTENCE[state]?.[wordClass] ?? "none";
        expect(endsSentence).toBe(state === END);
        if (!endsSentence) continue;
        expect(sentence).toMatch(SENTENCES);
        [sentence, state] = ["", "start"];
        sentences++;
      }
      expect(sentence).toBe("");
    }
    expect(sentences).toBeGreaterThan(100);
    const all = Object.entries(SENTENCE).flatMap(([state, next]) => Object.keys(next).map((by) => `${state} ${by}`));
    expect([...taken].sort()).toEqual(all.sort());
  });

  test("allows in each state exactly the phrases of its word classes", () => {
    const labels = index.labels(Array.from({ length: index.info.itemCount }, (_, id) => id));
    for (const [state, next] of Object.entries(SENTENCE)) {
      const { bitmap } = grammar.allowed(state);
      expect(bitmap).toHaveLength(Math.ceil(labels.length / 8));
      const allowed = labels.filter((_, id) => ((bitmap[id >> 3] as number) >> (id & 7)) & 1);
      expect(allowed).toEqual(labels.filter((label) => (wordClassOf(label) ?? "none") in next));
    }
  });

  test("refuses what it does not have", () => {
    const small = new Grammar(["the", "house"]);
    expect(small.after("start", 0)).toBe("subject");
    expect(() => small.after("start", 1)).toThrow('"id" expected a class that may follow "start", got 1');
    expect(() => small.allowed("middle")).toThrow('"state" expected one of the rules, got "middle"');
  });

  test.each([
    ["the", "determiner"],
    ["first", "adjective"],
    ["Order of Merit", "name"],
    ["1985", "year"],
    ["3000", undefined],
    ["was described", "verb"],
    ["was by", undefined],
    ["released", "verb"],
    ["music video", "noun"],
    ["video of", undefined],
    ["rapidly", undefined],
    ["However", undefined],
    ["S.C.", undefined],
    ["into", "preposition"],
  ])("takes %s for a %s", (phrase, wordClass) => expect(wordClassOf(phrase)).toBe(wordClass));
});

test.each([
  ["", "the album", false, "The album"],
  ["The album", "was", false, "The album was"],
  ["The album", "'s release", true, "The album's release."],
  ["One.", "it did n't", false, "One. It did n't"],
  ["He said", "the king 's", false, "He said the king's"],
])("after %j stands %j as it is read", (text, phrase, endsSentence, expected) => {
  expect(append(text, { phrase, endsSentence })).toBe(expected);
});

test("a context is its last four words, the nearest first, and unknown ones by one name", () => {
  expect(wordsOf('He said, "it\'s".')).toEqual(["He", "said", ",", '"', "it", "'s", '"', "."]);
  const isKnown = knownWords(index);
  expect(featuresOf("one two three of the xyzzy", isKnown)).toEqual(["<unk>", "the", "of", "three"]);
  expect(featuresOf("Of The xyzzy", (word) => word === "the")).toEqual(["the"]);
  expect(featuresOf("In in", (word) => /^in$/i.test(word), 1)).toEqual(["in"]);
  expect(featuresOf("the In", (word) => /^in$/i.test(word), 2)).toEqual(["In"]);
});

describe("the program", () => {
  const folder = mkdtempSync(join(tmpdir(), "midx-text-"));
  const path = join(folder, "phrases.midx");
  beforeAll(() => writeFileSync(path, file));
  afterAll(() => rmSync(folder, { recursive: true }));

  test("prints a text with what it took", async () => {
    const printed = await run([path, "the", "album", "received", "--grammar", "--seed", "2", "--phrases", "12"]);
    const [text, , facts] = printed.split("\n");
    expect(text).toBe(write(index, START, 12, options(2, { ...PENALTIES, grammar })).text);
    expect(text).toMatch(/^the album received\. [A-Z].*\.$/);
    expect(facts).toMatch(
      /^\d+ phrases in \d+\.\d ms each, drawn from \d+ phrases in the median, \d+ % were among the twenty/,
    );
  });

  test("says what it expects", async () => {
    await expect(run([])).rejects.toThrow("usage: write.js <index.midx>");
    await expect(run([path, "--top-p", "2"])).rejects.toThrow('"topP" expected');
    await expect(run([path, "--top-q", "2"])).rejects.toThrow("--top-q");
  });
});
