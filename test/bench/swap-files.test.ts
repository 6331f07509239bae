import { expect, test } from "vitest";
import { load } from "../../bench/library.ts";
import { startNoise } from "../../bench/noise.ts";
import { answersOf, swapFiles } from "../../bench/service/swaps.ts";
import { breakingChange } from "../../src/publication/client-facts.ts";

const DIM = 16;

test("the files that bench:service swaps may replace each other, and their answers tell them apart", async () => {
  const [one, other] = await Promise.all((await swapFiles(3000, DIM)).map((file) => load(file)));
  if (!one || !other) throw new Error("expected two files");
  expect(breakingChange(one.info, other.info)).toBeUndefined();
  expect(breakingChange(other.info, one.info)).toBeUndefined();
  const next = startNoise();
  const queries = Array.from({ length: 5 }, () => Array.from({ length: DIM }, next));
  const others = answersOf(other, queries);
  for (const [i, answer] of answersOf(one, queries).entries()) expect(answer).not.toBe(others[i]);
});
