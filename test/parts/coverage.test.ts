import { expect, test } from "vitest";
import { PartedIndex } from "../../src/parts/parted-index.ts";
import type { PartialEstimate } from "../../src/parts/partial-answer.ts";
import type { Question } from "../../src/parts/question.ts";
import { Coverage } from "../fixtures/coverage.ts";
import { halves } from "../fixtures/next-word.ts";
import { LARGE } from "../run/size.ts";
import { consecutive, inParts } from "./split.ts";

// Do log Ẑ ± 1.96 standard errors of merged answers cover log Z as often as those of the parts cover theirs? On contexts of
// a real layer of 10,000 words. Seeds are fixed, so nothing here depends on chance.

const DIM = 100;
const ITEM_COUNT = 10_000;
const QUERIES = LARGE ? 2048 : 120;
const PARTS = LARGE ? [2, 8, 32] : [8];

const all = halves("queries.safetensors", "queries");
const queries = Array.from({ length: QUERIES }, (_, i) => {
  const row = Math.floor((i * 2048) / QUERIES);
  return all.slice(row * DIM, (row + 1) * DIM);
});
const table = {
  data: halves("head.safetensors", "weight"),
  dim: DIM,
  bias: halves("head.safetensors", "bias"),
  options: { seed: 1 },
};

test.each(PARTS)("intervals of %d parts cover no less than those of the parts", async (count) => {
  const sizes = Array.from({ length: count }, (_, part) => {
    return Math.floor((ITEM_COUNT * (part + 1)) / count) - Math.floor((ITEM_COUNT * part) / count);
  });
  const { parts } = await inParts(table, consecutive(sizes));
  const own = new Coverage();
  const merged = new Coverage();
  let exacts: number[] = [];
  const watched = parts.map((part, i) => ({
    info: part.info,
    answer: async (question: Question) => {
      const answer = await part.answer(question);
      const { estimate } = answer as { estimate: PartialEstimate };
      if (question.options.exact) exacts[i] = estimate.logPartition;
      else own.add(estimate, exacts[i] as number);
      return answer;
    },
  }));
  const router = new PartedIndex(watched);
  for (const [seed, query] of queries.entries()) {
    for (const temperature of [1, 0.5]) {
      exacts = [];
      const exact = await router.predict(query, 1, { exact: true, temperature });
      const answer = await router.predict(query, 1, { scan: 1024, draws: 100, temperature, seed });
      merged.add(answer, exact.logPartition);
    }
  }
  expect(merged.trusted).toBeGreaterThan(0.97 * 2 * QUERIES);
  // Three standard errors of a share.
  const slack = 3 * Math.sqrt((own.share * (1 - own.share)) / merged.trusted);
  expect(merged.share).toBeGreaterThanOrEqual(own.share - slack);
  expect(merged.share).toBeGreaterThan(0.95);
});
