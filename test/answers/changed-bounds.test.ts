import { describe, expect, test } from "vitest";
import type { ConditionOptions } from "../../src/answers/options.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { changedLogit } from "../fixtures/changed-cases.ts";
import { open } from "../fixtures/open.ts";
import { rawVectors } from "../fixtures/raw-vectors.ts";
import { storedIndex } from "../fixtures/stored-index.ts";
import { logPartitionInFloat64 } from "../statistics/float64-partition.ts";
import { randomRows } from "../train/rows.ts";

// lower and upper stay certain for changed logits of any size, also where penalties cancel logits or magnify their errors.

const [N, DIM] = [120, 8];
const CASES = 60;

/** Changes of about 2^`size`, made of uniform numbers in [-1, 1). */
function anyChange(numbers: Float32Array, size: number, logits: Float32Array): ConditionOptions {
  const number = (i: number): number => numbers[i % numbers.length] as number;
  const ids = Array.from(new Set(Array.from({ length: 20 }, (_, i) => Math.floor((number(i) + 1) * 60) % N)));
  const history = Array.from({ length: 30 }, (_, i) => Math.floor((number(i + 20) + 1) * 60) % N);
  const [last] = history as [number];
  return {
    temperature: 2 ** (4 * number(51)),
    bias: { ids, values: ids.map((_, i) => 2 ** size * number(i + 60)) },
    history,
    repetitionPenalty: 2 ** (5 * number(52)),
    // This nearly cancels the logit of a class.
    presencePenalty: Math.max(-(2 ** 20), Math.min(logits[last] as number, 2 ** 20)),
    frequencyPenalty: number(53),
  };
}

describe.each(["i8", "f16", "f32"] as const)("bounds of changed logits, %s rows", (rowType) => {
  test("contain log Z in float64", async () => {
    const vectors = rawVectors(N, DIM, 8);
    const file = await buildIndex(vectors, { rowType, bias: vectors.bias, bits: 2, fineCodes: true, seed: 1 });
    const { index } = await open(file, { maxChanged: N, maxScan: N });
    const stored = storedIndex(file);
    const ids = Array.from({ length: N }, (_, id) => id);
    const misses: unknown[] = [];
    for (let i = 0; i < CASES; i++) {
      const size = [0.01, 1, 40, 1e5][i % 4] as number;
      const query = randomRows(DIM, 500 + i).map((value) => size * value);
      const options = anyChange(randomRows(100, 900 + i), i % 15, index.score(query, ids));
      const logZ = logPartitionInFloat64(
        stored,
        query,
        options.temperature ?? 1,
        () => true,
        (logit, id) => changedLogit(options, logit, id),
      );
      for (const way of [{ exact: true }, { tolerance: 0 }, { scan: 10 }, { proposal: "codes" as const, scan: 10 }]) {
        const { lower, upper } = index.logPartition(query, { ...options, ...way, seed: 1 });
        if (!(lower <= logZ && logZ <= upper)) misses.push({ i, ...way, lower, logZ, upper });
      }
    }
    expect(misses).toEqual([]);
  });
});
