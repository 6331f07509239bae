import { beforeAll, describe, expect, test } from "vitest";
import { createSampler, drawBatch, drawShared, logQBatch, type Sampler } from "../../src/train/index.ts";
import { drawSeed } from "../../src/train/random/draw-seed.ts";
import { goodnessOfFit } from "../statistics/goodness-of-fit.ts";
import { randomRows } from "./rows.ts";

const [N, DIM, BATCH, COUNT] = [60, 5, 4, 7];
const queries = randomRows(BATCH * DIM, 3).map((value) => 3 * value);
const queryOf = (q: number) => queries.slice(q * DIM, (q + 1) * DIM);
const excluded = [[1], [2, 3], [], [59]];
const every = Int32Array.from({ length: N }, (_, id) => id);

let sampler: Sampler;
beforeAll(async () => {
  sampler = await createSampler({ kind: "midx" }, { rows: randomRows(N * DIM, 1), biases: randomRows(N, 2) });
});

describe("a batch", () => {
  test("draws what its queries draw alone, with a seed of their own", () => {
    const drawn = drawBatch(sampler, queries, BATCH, COUNT, { excluded, seed: 9 });
    for (let q = 0; q < BATCH; q++) {
      const alone = sampler.draw(queryOf(q), COUNT, excluded[q] as number[], drawSeed(9n, q));
      expect(drawn.ids.slice(q * COUNT, (q + 1) * COUNT)).toEqual(alone.ids);
      expect(drawn.logQ.slice(q * COUNT, (q + 1) * COUNT)).toEqual(alone.logQ);
    }
    const same = drawBatch(sampler, new Float32Array(2 * DIM), 2, 200);
    expect(same.ids.slice(0, 200)).not.toEqual(same.ids.slice(200));
  });

  test("has the log Q of its queries", () => {
    const ids = [5, 6, 7, 2, 3, 4, 8, 9, 10, 59, 58, 57];
    const logQ = logQBatch(sampler, queries, BATCH, ids, { excluded });
    for (let q = 0; q < BATCH; q++) {
      const own = ids.slice(q * 3, q * 3 + 3);
      expect(logQ.slice(q * 3, q * 3 + 3)).toEqual(sampler.logQ(queryOf(q), own, excluded[q] as number[]));
    }
    expect(logQ[3]).toBe(Number.NEGATIVE_INFINITY);
    expect(logQBatch(sampler, queries, BATCH, [])).toEqual(new Float64Array(0));
  });
});

describe("shared draws", () => {
  test("have the log Q of the mixture that they come from", () => {
    const [draws, blocks] = [40, 300];
    const laws = [0, 2].map((q) => sampler.logQ(queryOf(q), every, []).map(Math.exp)); // evenly spaced in 4: 1 and 3
    const mixed = [1, 3].map((q) => sampler.logQ(queryOf(q), every, []).map(Math.exp));
    expect(laws[0]).not.toEqual(mixed[0]);
    const counts = new Float64Array(N);
    const law = every.reduce<number[]>((all, id) => {
      all.push(((mixed[0]?.[id] as number) + (mixed[1]?.[id] as number)) / 2);
      return all;
    }, []);
    for (let seed = 0; seed < blocks; seed++) {
      const { ids, logQ } = drawShared(sampler, queries, BATCH, draws, { proposals: 2, seed });
      for (const [j, id] of ids.entries()) {
        counts[id] = (counts[id] as number) + 1;
        expect(Math.exp(logQ[j] as number)).toBeCloseTo(law[id] as number, 9);
      }
    }
    const { g, low, high } = goodnessOfFit(counts, law);
    expect(g).toBeGreaterThan(low);
    expect(g).toBeLessThan(high);
  });

  test("are none if none are asked for", () => {
    expect(drawShared(sampler, queries, BATCH, 0)).toEqual({ ids: new Int32Array(0), logQ: new Float64Array(0) });
  });
});

test("arguments that do not fit are refused by name", () => {
  const calls: [() => unknown, string][] = [
    [() => drawBatch(sampler, queries, 3, 1), '"queries" expected 3 × dim values, got 20'],
    [() => drawBatch(sampler, queries, 0, 1), '"batch" expected 1 or more, got 0'],
    [() => logQBatch(sampler, queries, 0, []), '"batch" expected 1 or more, got 0'],
    [() => drawBatch(sampler, queries, -1, 1), '"batch" expected 1 or more, got -1'],
    [() => drawBatch(sampler, queries, 2.5, 1), '"batch" expected an integer, got 2.5'],
    [() => drawBatch(sampler, [1] as never, 1, 1), '"queries" expected a Float32Array, got an array'],
    [() => drawBatch(sampler, queries, 2, 1), 'query 0: "query" expected 5 values, got 10'],
    [() => drawBatch(sampler, queries, BATCH, -1), '"count" expected 0 or more, got -1'],
    [
      () => drawBatch(sampler, queries, BATCH, 1, { excluded: [[1]] }),
      '"excluded" expected ids for each of 4 queries, got 1',
    ],
    [() => drawBatch(sampler, queries, BATCH, 1, { excluded: [[], [], [60], []] }), 'query 2: "excluded"[0] expected'],
    [() => drawBatch(sampler, queries, BATCH, 1, { seed: 0.5 }), '"seed" expected'],
    [() => drawBatch(sampler, queries, BATCH, 1, { sed: 1 } as never), 'did you mean "seed"?'],
    [() => logQBatch(sampler, queries, BATCH, [1, 2]), '"ids" expected as many for each of 4 queries, got 2 in all'],
    [() => logQBatch(sampler, queries, BATCH, [1, 2, 3, 60]), 'query 3: "ids"[0] expected'],
    [() => sampler.draw(queryOf(0), 1, [], 1 as never), '"seed" expected a bigint, such as 1n, got 1'],
    [() => sampler.logQ(queryOf(0), undefined as never, []), '"ids" expected an array of integers, got undefined'],
    [() => sampler.refresh(undefined as never, undefined as never), '"rows" expected a Float32Array, got undefined'],
    ...[drawBatch, drawShared].map((draw): [() => unknown, string] => [
      () => draw(Promise.resolve(sampler) as never, queries, BATCH, 5),
      '"sampler" expected a sampler, such as that of createSampler, got a Promise: await it first',
    ]),
    [() => logQBatch({} as never, queries, BATCH, [1, 2, 3, 4]), '"sampler" expected a sampler'],
    [() => drawBatch(null as never, queries, BATCH, 5), '"sampler" expected a sampler'],
    [() => drawShared(sampler, queries, 0, 5), '"block" expected 1 or more, got 0'],
    [() => drawShared(sampler, queries, 2.5, 5), '"block" expected an integer, got 2.5'],
    [() => drawShared(sampler, queries, BATCH, 5, { proposals: 0 }), '"proposals" expected 1 or more, got 0'],
  ];
  for (const [call, message] of calls) expect(call, message).toThrow(message);
});
