import { describe, expect, test } from "vitest";
import type { ConditionOptions } from "../../src/answers/options.ts";
import type { Mixture } from "../../src/answers/recommend-options.ts";
import { PartedIndex } from "../../src/parts/parted-index.ts";
import { LARGE } from "../run/size.ts";
import { inTurn as takeTurns } from "../run/turns.ts";
import { logSumExp } from "../statistics/enumeration.ts";
import { goodnessOfFit } from "../statistics/goodness-of-fit.ts";
import { mixtureLogQ } from "../statistics/mixture-law.ts";
import { encodeThrough } from "./encoded.ts";
import { consecutive, idsTo, indexOf, inParts, inTurn } from "./split.ts";
import { ITEM_COUNT, queries, SIZES, TABLES } from "./tables.ts";

// Mixtures over parts: log Q′ by enumeration, then the law of the draws by chance.

const IDS = idsTo(ITEM_COUNT);

const MIXTURES: readonly Mixture[] = [
  { uniform: 0.3 },
  { uniform: 1 },
  { popularity: { share: 0.4 } },
  { uniform: 0.1, popularity: { share: 0.2, power: 3 } },
  { uniform: 0.5, popularity: { share: 0.5, power: 0 } },
];

interface Condition {
  readonly options: ConditionOptions;
  readonly takesPart: (id: number) => boolean;
}

/** Conditions that touch all parts, leave out all classes of some, and all classes. */
const CONDITIONS: readonly Condition[] = [
  { options: {}, takesPart: () => true },
  { options: { temperature: 0.6, exclude: IDS.filter((id) => id % 7 === 2) }, takesPart: (id) => id % 7 !== 2 },
  { options: { allow: IDS.filter((id) => id >= 120) }, takesPart: (id) => id >= 120 },
  { options: { bias: { ids: [0, 1], values: [3, Number.NEGATIVE_INFINITY] } }, takesPart: (id) => id !== 1 },
  { options: { allow: [] }, takesPart: () => false },
];

const table = TABLES["int8 rows, biases"] as (typeof TABLES)[string];
const fine = TABLES["fine codes"] as (typeof TABLES)[string];
const biases = table.bias as Float32Array;

const GROUPS = [...SIZES.map((sizes) => consecutive(sizes)), inTurn(ITEM_COUNT, 3)];

describe.each(GROUPS.map((group) => [group.map(({ length }) => length).join(), group] as const))(
  "parts %s",
  (_, group) => {
    test("log Q′ is that of its formula, sums to 1, and is what draws say of themselves", async () => {
      const { routers } = await inParts(table, group);
      for (const router of routers.map(encodeThrough)) {
        for (const query of queries.slice(0, 2)) {
          for (const [i, condition] of CONDITIONS.entries()) {
            const { options, takesPart } = condition;
            const plain = await router.logQ(query, IDS, { ...options, scan: 20 });
            for (const mixture of takeTurns(MIXTURES, 5, `${i}, ${query}`)) {
              const given = { ...options, scan: 20, mixture };
              const logQ = await router.logQ(query, IDS, given);
              const oracle = mixtureLogQ(plain, biases, condition.takesPart, mixture);
              const isRight = (log: number, id: number): boolean =>
                takesPart(id) ? Math.abs(log - (oracle[id] as number)) < 2e-5 : log === Number.NEGATIVE_INFINITY;
              expect(IDS.filter((id) => !isRight(logQ[id] as number, id))).toEqual([]);
              const left = Array.from(logQ).filter(Number.isFinite);
              if (left.length > 0) expect(Math.abs(Math.exp(logSumExp(left)) - 1)).toBeLessThan(1e-4);
              const drawn = await router.sample(query, 40, { ...given, seed: 3 });
              expect(drawn.ids.length).toBe(left.length > 0 ? 40 : 0);
              expect(drawn.ids.every(takesPart)).toBe(true);
              expect(drawn.logQ).toEqual(await router.logQ(query, drawn.ids, given));
              const addedTo = (id: number): number => (options.bias && id === 0 ? 3 : 0);
              const scores = (await router.score(query, drawn.ids)).map(
                (score, i) => score + addedTo(drawn.ids[i] as number),
              );
              expect(drawn.scores).toEqual(scores);
            }
          }
        }
      }
    });
  },
);

/** Calls of 1,000 draws each. */
const CALLS = LARGE ? 25 : 5;

/** Counts what these calls draw. */
async function countsOf(router: PartedIndex, query: Float32Array, options: ConditionOptions & { mixture: Mixture }) {
  const counts = new Float64Array(ITEM_COUNT);
  for (let seed = 0; seed < CALLS; seed++) {
    for (const id of (await router.sample(query, 1000, { ...options, scan: 10, seed })).ids) (counts[id] as number)++;
  }
  return counts;
}

test.each(MIXTURES.filter((_, i) => i % 2 === 0 || i === 3))(
  "draws come as often as log Q′ says: %j",
  async (mixture) => {
    const { routers } = await inParts(table, consecutive([60, 1, 100, 79]));
    const query = queries[2] as Float32Array;
    for (const [i, router] of routers.entries()) {
      for (const { options } of CONDITIONS.slice(i, i + 2)) {
        const counts = await countsOf(router, query, { ...options, mixture });
        const logQ = await router.logQ(query, IDS, { ...options, scan: 10, mixture });
        const { g, low, high } = goodnessOfFit(counts, logQ.map(Math.exp));
        expect(g).toBeGreaterThan(low);
        expect(g).toBeLessThan(high);
      }
    }
  },
);

test("draws that follow each other are independent: pairs come as often as products of their probabilities", async () => {
  const groups = 4;
  const groupOf = (id: number): number => Math.floor((groups * id) / ITEM_COUNT);
  const { parted } = await inParts(table, consecutive([60, 60, 60, 60]));
  const query = queries[0] as Float32Array;
  const options = { scan: 10, mixture: { uniform: 0.4, popularity: { share: 0.4, power: 2 } } };
  const logQ = await parted.logQ(query, IDS, options);
  const shares = new Float64Array(groups);
  for (const id of IDS) shares[groupOf(id)] = (shares[groupOf(id)] as number) + Math.exp(logQ[id] as number);
  for (const step of [1, 2]) {
    const counts = new Float64Array(groups * groups);
    for (let seed = 100; seed < 100 + CALLS; seed++) {
      const { ids } = await parted.sample(query, 1000, { ...options, seed });
      for (let i = 0; i + step < ids.length; i += 2 * step) {
        const pair = groups * groupOf(ids[i] as number) + groupOf(ids[i + step] as number);
        counts[pair] = (counts[pair] as number) + 1;
      }
    }
    const pairs = Array.from(
      counts,
      (_, i) => (shares[Math.floor(i / groups)] as number) * (shares[i % groups] as number),
    );
    const { g, high } = goodnessOfFit(counts, pairs);
    expect(g).toBeLessThan(high);
  }
});

test.each([
  ["int8 rows, biases", table],
  ["fine codes", fine],
])("one part alone is the index, bit for bit: %s", async (name, own) => {
  const whole = await indexOf(own, IDS);
  const { parted } = await inParts(own, [IDS]);
  const proposals = name === "fine codes" ? (["buckets", "codes"] as const) : (["buckets"] as const);
  const alone = encodeThrough(parted);
  for (const proposal of proposals) {
    for (const mixture of [...MIXTURES, { uniform: 0 }]) {
      for (const { options } of CONDITIONS) {
        for (const query of queries.slice(0, 2)) {
          const given = { ...options, proposal, scan: 12, mixture };
          expect(await alone.sample(query, 30, { ...given, seed: 5 })).toEqual(
            whole.sample(query, 30, { ...given, seed: 5 }),
          );
          expect(await alone.logQ(query, [0, 1, 7, 200], given)).toEqual(whole.logQ(query, [0, 1, 7, 200], given));
        }
      }
    }
  }
});

test("bad mixtures are refused with the words of one index", async () => {
  const query = queries[0] as Float32Array;
  const whole = await indexOf(table, IDS);
  const { parted } = await inParts(table, consecutive([100, 140]));
  for (const mixture of [
    { uniform: 2 },
    { uniform: 0.6, popularity: { share: 0.6 } },
    { unifrom: 1 },
    [],
    { popularity: { share: 1, power: -1 } },
  ]) {
    const options = { mixture } as { mixture: Mixture };
    expect(() => whole.sample(query, 3, options)).toThrow();
    const message = await parted.sample(query, 3, options).then(
      () => "",
      (error: Error) => error.message,
    );
    expect(() => whole.sample(query, 3, options)).toThrow(message);
    expect(message).toContain('"');
  }
  const plain = await inParts(TABLES["f32 rows"] as (typeof TABLES)[string], consecutive([100, 140]));
  await expect(plain.parted.sample(query, 3, { mixture: { popularity: { share: 1 } } })).rejects.toThrow(
    '"mixture.popularity" expected an index built with "bias" (--bias), got one without',
  );
  await expect(parted.sample(query, 3, { mixture: { uniform: 1 }, exact: true } as never)).rejects.toThrow(
    '"exact" expected no "mixture" beside it',
  );
});

test("an answer without the laws of a mixture is refused", async () => {
  const { parts } = await inParts(table, consecutive([100, 140]));
  const lying = parts.map((part) => ({
    info: part.info,
    answer: async (question: Parameters<typeof part.answer>[0]) => {
      const { draws, ...answer } = await part.answer(question);
      const { laws: _, ...plain } = draws ?? ({} as NonNullable<typeof draws>);
      return { ...answer, draws: plain };
    },
  }));
  const asked = new PartedIndex(lying).sample(queries[0] as Float32Array, 5, { mixture: { uniform: 0.5 } });
  await expect(asked).rejects.toThrow('"answers"[0] expected 2 laws of 5 classes, got none');
});
