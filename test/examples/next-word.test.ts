import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { folder, halves, tensorOf } from "../fixtures/next-word.ts";

const lines = (name: string) => readFileSync(new URL(name, folder), "utf8").trimEnd().split("\n");

describe("examples/next-word", () => {
  test("has a word for each class and a context of eight words for each query", () => {
    expect(tensorOf("head.safetensors", "weight")).toMatchObject({ dtype: "F16", shape: [10_000, 100] });
    expect(tensorOf("head.safetensors", "bias")).toMatchObject({ dtype: "F16", shape: [10_000] });
    expect(tensorOf("queries.safetensors", "queries")).toMatchObject({ dtype: "F16", shape: [2048, 100] });
    expect(new Set(lines("words.txt")).size).toBe(10_000);
    expect(lines("words.txt").toSorted()).toEqual(lines("words.txt"));
    expect(lines("contexts.txt")).toHaveLength(2048);
    expect(lines("contexts.txt").filter((line) => line.split(" ").length !== 8)).toEqual([]);
  });

  test("stores the exact log-partitions and best classes of its own layer", () => {
    const weight = halves("head.safetensors", "weight");
    const bias = halves("head.safetensors", "bias");
    const queries = halves("queries.safetensors", "queries");
    const logPartition = new Float64Array(tensorOf("queries.safetensors", "logPartition").buffer);
    const top20 = new Int32Array(tensorOf("queries.safetensors", "top20").buffer);
    for (const row of [0, 1, 2, 1023, 2047]) {
      const query = queries.subarray(100 * row, 100 * row + 100);
      const logits = Float64Array.from(bias, (offset, item) =>
        query.reduce((sum, value, d) => sum + value * (weight[100 * item + d] ?? 0), offset),
      );
      const highest = Math.max(...logits);
      const exact = highest + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - highest), 0));
      // Products of halves are exact in f64. What is left is the order of the sums, 10^4 · 2^-53 of them.
      expect(Math.abs(exact - (logPartition[row] ?? 0))).toBeLessThan(1e-11);
      const best = Array.from(logits.keys()).sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0) || a - b);
      expect(best.slice(0, 20)).toEqual(Array.from(top20.subarray(20 * row, 20 * row + 20)));
    }
  });
});
