import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import {
  chooseExamples,
  EXACT,
  type Example,
  linesOf,
  measure,
  measuredLines,
  SAMPLE,
  SHOWN_WORDS,
} from "../../scripts/demo/next-word.ts";
import { loadWith } from "../../src/index/load.ts";
import { build } from "../../src/train/index.ts";
import { BUILDS } from "../modules.ts";
import { folder, halves } from "../next-word.ts";

const linesIn = (name: string): string[] => readFileSync(new URL(name, folder), "utf8").trimEnd().split("\n");

async function openExample() {
  const data = halves("head.safetensors", "weight");
  const bias = halves("head.safetensors", "bias");
  const labels = linesIn("words.txt");
  const file = await build({ data, shape: [labels.length, 100] }, { bias, labels, seed: 1 });
  const queries = halves("queries.safetensors", "queries");
  const examples = linesIn("contexts.txt").map(
    (context, i): Example => ({ context, query: queries.slice(100 * i, 100 * i + 100) }),
  );
  return { index: await loadWith(BUILDS.release, file), examples };
}

test("the demo shows contexts and answers of ordinary words, and its own measurements", async () => {
  const { index, examples } = await openExample();
  const chosen = chooseExamples(index, examples);
  expect(chosen).toHaveLength(4);
  const printed = chosen.flatMap(({ context, query }) => {
    const [answer, full] = [index.predict(query, SHOWN_WORDS, SAMPLE), index.predict(query, SHOWN_WORDS, EXACT)].map(
      ({ ids, scores, probabilities, ...rest }) => ({
        ...{ ...rest, standardError: rest.standardError ?? 0, labels: index.labels(ids) },
        ...{ scores: Array.from(scores), probabilities: Array.from(probabilities) },
      }),
    );
    if (!answer || !full) throw new Error("two answers expected");
    for (const word of [...answer.labels, ...full.labels]) expect(word).toMatch(/^[A-Za-z]+$/);
    return linesOf(context, answer, full);
  });
  expect(printed.join("\n")).not.toMatch(/<unk>|<eos>| N /);

  const figures = measure(index, examples.slice(0, 20));
  expect(figures).toMatchObject({ calls: 20, classes: 10_000, exact: { scored: 10_000 } });
  expect(figures.sampled.scored).toBeLessThan(10_000);
  expect(figures.error.median).toBeGreaterThan(0);
  expect(figures.error.p90).toBeGreaterThanOrEqual(figures.error.median);
});

test("the demo's statements about its figures hold whatever they are", () => {
  const text = measuredLines({
    ...{ calls: 20, classes: 10_000 },
    ...{ sampled: { time: 250.4, scored: 1122 }, exact: { time: 99.6, scored: 10_000 } },
    ...{ error: { median: 0.0123, p90: 0.25 } },
  }).join("\n");
  for (const figure of ["250 µs", "100 µs", "1122 of 10000", "10000 of 10000", "1.23 %", "25.00 %"]) {
    expect(text).toContain(figure);
  }
  expect(text).toContain("affordable");
  expect(text).not.toMatch(/grows|faster|slower|gap/);
});
