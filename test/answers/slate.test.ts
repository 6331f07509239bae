import { describe, expect, test } from "vitest";
import type { ConditionOptions, SlateOptions } from "../../src/answers/options.ts";
import { build } from "../../src/train/index.ts";
import { anyQuery, biases, LARGE_LOGIT_CASES } from "../fixtures/index-cases.ts";
import { open } from "../fixtures/open.ts";
import { halfOfSmallIndexes, type SmallIndex } from "../fixtures/small-indexes.ts";
import { indexFile } from "../fixtures/tiny-index.ts";
import { inTurn } from "../run/turns.ts";
import { logSumExp } from "../statistics/enumeration.ts";
import { goodnessOfFit } from "../statistics/goodness-of-fit.ts";
import { randomRows } from "../train/rows.ts";

const indexes = (await halfOfSmallIndexes(1)).filter(({ itemCount }) => itemCount > 0);

/** Every order of `length` of these ids. */
function orders(ids: readonly number[], length: number): number[][] {
  if (length === 0) return [[]];
  return ids.flatMap((id) =>
    orders(
      ids.filter((other) => other !== id),
      length - 1,
    ).map((rest) => [id, ...rest]),
  );
}

/**
 * log P of a slate by the formula of Plackett and Luce, from the log-probabilities of all classes: what is left is summed
 * from scratch for every draw.
 */
function plackettLuce(logs: ArrayLike<number>, slate: readonly number[]): number {
  let sum = 0;
  for (const [i, id] of slate.entries()) {
    if (logs[id] === Number.NEGATIVE_INFINITY) return Number.NEGATIVE_INFINITY;
    const drawn = new Set(slate.slice(0, i));
    const left = Array.from(logs).filter((log, other) => log > Number.NEGATIVE_INFINITY && !drawn.has(other));
    sum += (logs[id] as number) - logSumExp(left);
  }
  return sum;
}

const conditionsOf = (ids: readonly number[]): readonly ConditionOptions[] => [
  {},
  { temperature: 0.5, exclude: [ids.length - 1] },
  { allow: ids.filter((id) => id % 2 === 0), temperature: 3 },
  {
    bias: { ids: ids.slice(0, 3), values: [2, -1, Number.NEGATIVE_INFINITY].slice(0, ids.length) },
    history: ids.slice(-2),
    presencePenalty: 0.5,
  },
];

/** The log-probabilities of all classes that slates are drawn from. */
async function lawsOf({ file, itemCount }: Pick<SmallIndex, "file" | "itemCount">) {
  const { index } = await open(file);
  const ids = Array.from({ length: itemCount }, (_, id) => id);
  return (query: Float32Array, options: SlateOptions & ConditionOptions) => ({
    slate: (classes: readonly number[]) => index.slateLogProbability(query, classes, options),
    logs: options.exact
      ? index.logProbability(query, ids, { ...options, exact: true }).logProbabilities
      : Float64Array.from(index.logQ(query, ids, options as object)),
    /** The size of the logits, of which log-probabilities are differences. */
    size: Math.max(...index.score(query, ids).map(Math.abs)) / (options.temperature ?? 1),
  });
}

describe.each(indexes.filter(({ itemCount }) => itemCount <= 8))("slates of all orders, $name", (small) => {
  const ids = Array.from({ length: small.itemCount }, (_, id) => id);

  test("have the log-probabilities of the formula, which sum to 1 over the orders of a length", async () => {
    const lawOf = await lawsOf(small);
    for (const query of small.queries) {
      for (const [i, conditions] of conditionsOf(ids).entries()) {
        const efforts: SlateOptions[] = [{ scan: 0 }, { scan: 2 }, { exact: true }];
        for (const effort of inTurn(efforts, 2, `${i}, ${query}`)) {
          const { slate, logs } = lawOf(query, { ...conditions, ...effort });
          const left = ids.filter((id) => (logs[id] as number) > Number.NEGATIVE_INFINITY);
          const rounding = 2e-5 + 2 ** -20 * Math.max(0, ...left.map((id) => Math.abs(logs[id] as number)));
          for (const length of [0, 1, 2, 3, 5].filter(
            (size) => size <= Math.min(left.length, small.itemCount === 5 ? 5 : 3),
          )) {
            const wrong: number[][] = [];
            const answers = orders(left, length).map((order) => {
              const { logProbability, logProbabilities, exact } = slate(order);
              const sum = logProbabilities.reduce((a, b) => a + b, 0);
              const isRight =
                Math.abs(logProbability - plackettLuce(logs, order)) <= length * rounding &&
                (sum === logProbability || Math.abs(sum - logProbability) < 5e-10) &&
                exact === "exact" in effort;
              if (!isRight) wrong.push(order);
              return logProbability;
            });
            expect(wrong, "orders").toEqual([]);
            expect(Math.abs(logSumExp(answers))).toBeLessThan(Math.max(length, 1) * rounding);
          }
        }
      }
    }
  });
});

const large = LARGE_LOGIT_CASES.map(([name, index], i) => ({
  name,
  file: indexFile(index),
  itemCount: index.facts.itemCount,
  queries: [anyQuery(index, i), anyQuery(index, i, 0.05)],
}));

describe.each([...indexes.filter(({ itemCount }) => itemCount > 8), ...large])("slates, $name", (small) => {
  const ids = Array.from({ length: small.itemCount }, (_, id) => id);

  test("have the log-probability of the formula, also where they leave next to nothing, or nothing", async () => {
    const lawOf = await lawsOf(small);
    for (const query of inTurn(small.queries, 2)) {
      for (const conditions of inTurn(conditionsOf(ids), 2)) {
        for (const effort of [{ scan: 0 }, { scan: 20 }, { exact: true }] satisfies SlateOptions[]) {
          const { slate, logs, size } = lawOf(query, { ...conditions, ...effort });
          const left = ids.filter((id) => (logs[id] as number) > Number.NEGATIVE_INFINITY);
          const best = left.toSorted((a, b) => (logs[b] as number) - (logs[a] as number));
          for (const order of [best.slice(0, 6), best.slice(-6), best.slice(0, -1).slice(0, 63), left.slice(0, 64)]) {
            const expected = plackettLuce(logs, order);
            const largest = Math.max(1, size, ...order.map((id) => Math.abs(logs[id] as number)));
            expect(Math.abs(slate(order).logProbability - expected)).toBeLessThan(
              order.length * (2e-5 + 2 ** -20 * largest),
            );
          }
          if (left.length < ids.length) {
            const out = ids.find((id) => !left.includes(id)) as number;
            const answer = slate([...best.slice(0, 2), out, ...best.slice(2, 3)]);
            expect(answer.logProbability).toBe(Number.NEGATIVE_INFINITY);
            expect(answer.logProbabilities.map((log) => (log > Number.NEGATIVE_INFINITY ? 1 : 0))).toEqual(
              Float64Array.of(...best.slice(0, 2).map(() => 1), 0, ...best.slice(2, 3).map(() => 1)),
            );
          }
        }
      }
    }
  });
});

describe("slates of the proposal by fine codes", () => {
  test("have the log-probability of the formula", async () => {
    const file = await build(
      { data: randomRows(300 * 8, 9), shape: [300, 8] },
      { bias: biases(300, 3), fineCodes: true, seed: 1 },
    );
    const lawOf = await lawsOf({ file, itemCount: 300 });
    const ids = Array.from({ length: 300 }, (_, id) => id);
    for (const conditions of conditionsOf(ids)) {
      const { slate, logs } = lawOf(randomRows(8, 10), { ...conditions, proposal: "codes", scan: 20 });
      const best = ids.toSorted((a, b) => (logs[b] as number) - (logs[a] as number));
      for (const order of [best.slice(0, 10), best.slice(30, 33), best.slice(0, 120)]) {
        expect(Math.abs(slate(order).logProbability - plackettLuce(logs, order))).toBeLessThan(order.length * 2e-5);
      }
    }
  });
});

test.each([
  ["i8", {}],
  ["f32", { proposal: "codes" }],
  ["i8", { mixture: { uniform: 1e-9, popularity: { share: 1e-9, power: 1 } } }],
] as const)(
  "no class, draw or slate is more probable than 1, however rounding falls: %s rows, %j",
  async (rowType, options) => {
    for (const count of [5, 40, 300]) {
      const matrix = { data: randomRows(count * 8, count), shape: [count, 8] } as const;
      const bias = biases(count, 7).map((value) => 5 * value);
      const { index } = await open(await build(matrix, { rowType, fineCodes: true, bias, seed: 1, calibrate: "off" }));
      const ids = Array.from({ length: count }, (_, id) => id);
      for (const [i, size] of inTurn([...[5, 20, 100, 1e3, 1e5, 1e8].entries()], 2, `${count}`)) {
        const query = randomRows(8, 100 + i).map((value) => size * value);
        for (const conditions of [
          { scan: 0 },
          { scan: 3 },
          { scan: 0, temperature: 0.1 },
          { scan: 0, allow: [1, 2] },
        ]) {
          const logQ = index.logQ(query, ids, { ...conditions, ...options });
          expect(Math.max(...logQ)).toBeLessThanOrEqual(0);
          const drawn = index.sample(query, 8, { ...conditions, ...options, seed: 1 });
          expect(drawn.logQ).toEqual(Float32Array.from(drawn.ids, (id) => logQ[id] as number));
          if ("mixture" in options) continue;
          const best = ids.toSorted((a, b) => (logQ[b] as number) - (logQ[a] as number)).slice(0, 2);
          for (const slate of [best, best.slice(0, 1)]) {
            const { logProbability } = index.slateLogProbability(query, slate, { ...conditions, ...options });
            expect(logProbability).toBeLessThanOrEqual(0);
          }
        }
      }
    }
  },
);

describe("sampleTopK", () => {
  const small = indexes.find(
    ({ itemCount, name }) => itemCount === 5 && name.includes("narrow") === false,
  ) as SmallIndex;

  test.each([{ scan: 2 }, { scan: 0, temperature: 2 }, { exact: true }, { exact: true, exclude: [1] }] as const)(
    "draws slates with their probability: %j",
    async (options) => {
      const { index } = await open(small.file);
      const query = small.queries[0] as Float32Array;
      const ids = [0, 1, 2, 3, 4].filter((id) => !("exclude" in options && id === 1));
      const all = orders(ids, 2);
      const counts = new Float64Array(all.length);
      for (let seed = 0; seed < 6000; seed++) {
        const drawn = index.sampleTopK(query, 2, { ...options, seed }).ids;
        const place = all.findIndex(([first, second]) => first === drawn[0] && second === drawn[1]);
        (counts[place] as number)++;
      }
      const probabilities = all.map((order) =>
        Math.exp(index.slateLogProbability(query, order, options).logProbability),
      );
      const { g, low, high } = goodnessOfFit(counts, probabilities);
      expect(g).toBeLessThan(high);
      expect(g).toBeGreaterThanOrEqual(low);
    },
  );
});

test("a slate of one class has its log Q; batches are single calls; no class may come twice", async () => {
  const { file, queries, itemCount } = indexes.at(-1) as SmallIndex;
  const { index } = await open(file);
  const [query] = queries as [Float32Array];
  expect(Math.fround(index.slateLogProbability(query, [3], { scan: 4 }).logProbability)).toBe(
    index.logQ(query, [3], { scan: 4 })[0],
  );
  const single = index.slateLogProbability(query, [3, 1, 2]);
  expect(index.slateLogProbability(Float32Array.of(...query, ...query), [3, 1, 2], { batch: 2 })).toEqual([
    single,
    single,
  ]);
  expect(index.slateLogProbability(query, []).logProbability).toBe(0);
  expect(() => index.slateLogProbability(query, [3, 1, 3])).toThrow(
    new RangeError('"ids"[2] expected a class that is not in the slate yet, got 3 as in [0]'),
  );
  expect(() => index.slateLogProbability(query, [itemCount])).toThrow(
    `"ids"[0] expected an integer in 0..${itemCount - 1}`,
  );
  expect(() => index.slateLogProbability(query, [1], { exact: true, scan: 3 })).toThrow('"exact" expected no "scan"');
  expect(() => index.slateLogProbability(query, [1], { seed: 1 } as never)).toThrow('"seed" is not an option');
});
