import { describe, expect, test } from "vitest";
import type { ConditionOptions } from "../../src/answers/options.ts";
import { headOf, type Open, open, tiltPathOf } from "../fixtures/open.ts";
import { halfOfSmallIndexes, type SmallIndex } from "../fixtures/small-indexes.ts";
import { storedIndex } from "../fixtures/stored-index.ts";
import type { TiltPath } from "../reference/mass-units.ts";
import { inTurn } from "../run/turns.ts";
import { enumerate, logSumExp, proposal } from "../statistics/enumeration.ts";
import { goodnessOfFit } from "../statistics/goodness-of-fit.ts";

const indexes = await halfOfSmallIndexes(1);
const CROWDED = indexes.filter(({ itemCount }) => itemCount >= 30);

interface Condition {
  readonly name: string;
  readonly options: ConditionOptions;
  readonly takesPart: (id: number) => boolean;
}

/**
 * Conditions that leave nothing, one class, most classes or every third, by ids and by bitmap, at several temperatures.
 */
function conditionsOf({ itemCount }: SmallIndex): Condition[] {
  const all = Array.from({ length: itemCount }, (_, id) => id);
  const bitmap = new Uint8Array(Math.ceil(itemCount / 8));
  for (const id of all) if (id % 3 === 1) (bitmap[id >> 3] as number) |= 1 << (id & 7);
  const few = all.filter((id) => id % 11 === 2);
  return [
    { name: "T = .5", options: { temperature: 0.5 }, takesPart: () => true },
    { name: "T = 3.7", options: { temperature: 3.7 }, takesPart: () => true },
    { name: "some excluded", options: { exclude: [...few, ...few] }, takesPart: (id) => !few.includes(id) },
    { name: "most excluded", options: { exclude: all.filter((id) => id % 5 > 0) }, takesPart: (id) => id % 5 === 0 },
    { name: "all excluded", options: { exclude: all }, takesPart: () => false },
    { name: "one allowed", options: { allow: all.slice(-1) }, takesPart: (id) => id === itemCount - 1 },
    { name: "none allowed", options: { allow: [] }, takesPart: () => false },
    { name: "bitmap", options: { allow: { bitmap }, temperature: 2 }, takesPart: (id) => id % 3 === 1 },
    {
      name: "allowed but excluded",
      options: { allow: { bitmap }, exclude: few, temperature: 0.8 },
      takesPart: (id) => id % 3 === 1 && !few.includes(id),
    },
  ];
}

const idsOf = ({ itemCount }: SmallIndex): number[] => Array.from({ length: itemCount }, (_, id) => id);
const scansOf = ({ itemCount }: SmallIndex): number[] => [0, 7, itemCount >> 1, itemCount];

/** log Q of all classes by enumeration: of the softmax itself where a head holds all that `allow` leaves. */
function expectedLogQ(small: SmallIndex, one: Open, query: Float32Array, condition: Condition, maxScan: number) {
  const { e, temperature, logits, logZ } = oracle(small, query, condition, tiltPathOf(one));
  const isHead = condition.options.allow !== undefined && idsOf(small).filter(condition.takesPart).length <= maxScan;
  const logQ = isHead ? logits.map((logit) => logit - logZ) : proposal(e, headOf(one), temperature).logQ;
  return { e, temperature, logQ };
}

/** The enumeration under a condition. */
function oracle(
  small: SmallIndex,
  query: Float32Array,
  { options, takesPart }: Condition,
  tilts: TiltPath = "factors",
) {
  const { temperature = 1 } = options;
  const stored = storedIndex(small.file, { temperature, takesPart });
  const e = enumerate(stored, query, { temperature, tilts });
  const logits = e.scores.map((score, id) => (takesPart(id) ? score / temperature : Number.NEGATIVE_INFINITY));
  return { e, temperature, logits, logZ: logSumExp(logits.filter(Number.isFinite)) };
}

describe.each(indexes)("under conditions, $name", (small) => {
  test("log Q is that of enumerating the classes that take part, and Q sums to 1", async () => {
    const openWith = async (maxScan: number) => ({ ...(await open(small.file, { maxScan })), maxScan });
    const [small7, large] = [await openWith(7), await openWith(1024)];
    for (const query of inTurn(small.queries, 3)) {
      for (const condition of inTurn(conditionsOf(small), 3, `${query}`)) {
        for (const scan of inTurn(scansOf(small), 2, condition.name)) {
          const one = scan > 7 ? large : small7;
          const logQ = one.index.logQ(query, idsOf(small), { ...condition.options, scan });
          const { e, temperature, logQ: expected } = expectedLogQ(small, one, query, condition, one.maxScan);
          const largest = Math.max(0, ...e.scores.map(Math.abs)) / temperature;
          const tolerance = 1e-5 + 2 ** -20 * Math.max(e.magnitude, largest);
          const what = `${condition.name}, scan ${scan}`;
          const isRight = (log: number, id: number): boolean =>
            condition.takesPart(id)
              ? Math.abs(log - (expected[id] as number)) <= tolerance
              : log === Number.NEGATIVE_INFINITY;
          expect(
            idsOf(small).filter((id) => !isRight(logQ[id] as number, id)),
            what,
          ).toEqual([]);
          const left = logQ.filter(Number.isFinite);
          if (left.length > 0) expect(Math.abs(Math.exp(logSumExp(left)) - 1), what).toBeLessThanOrEqual(1e-5);
        }
      }
    }
  });

  test("every answer keeps to the classes that take part", async () => {
    const { index } = await open(small.file);
    for (const query of inTurn(small.queries, 3)) {
      for (const condition of inTurn(conditionsOf(small), 2)) {
        const { options, takesPart } = condition;
        const { logits, logZ } = oracle(small, query, condition);
        const left = idsOf(small).filter(takesPart);
        const best = left.sort((a, b) => (logits[b] as number) - (logits[a] as number) || a - b).slice(0, 5);
        for (const exact of [false, true]) {
          const effort = exact ? { exact } : { scan: small.itemCount };
          const top = index.topK(query, 5, { ...options, ...effort });
          expect(top.ids.every(takesPart), condition.name).toBe(true);
          expect(top.ids.length).toBe(best.length);
          expect(top.exact).toBe(true);
          expect(top.scores).toEqual(index.score(query, top.ids));
          const prediction = index.predict(query, 5, { ...options, ...effort, seed: 1 });
          expect(prediction.ids).toEqual(top.ids);
          const tolerance = 1e-4 + 2 ** -20 * Math.max(0, ...logits.filter(Number.isFinite).map(Math.abs));
          if (left.length > 0) {
            expect(Math.abs(prediction.logPartition - logZ), condition.name).toBeLessThan(tolerance);
          } else expect(prediction.logPartition).toBe(Number.NEGATIVE_INFINITY);
          const p = index.logProbability(query, idsOf(small), { ...options, ...effort, seed: 1 });
          const isRight = (log: number, id: number): boolean =>
            takesPart(id)
              ? Math.abs(log - ((logits[id] as number) - prediction.logPartition)) < tolerance
              : log === Number.NEGATIVE_INFINITY;
          const wrong = idsOf(small).filter((id) => !isRight(p.logProbabilities[id] as number, id));
          expect(wrong, condition.name).toEqual([]);
        }
        for (const drawn of [
          ...[0, 5].map((scan) => index.sample(query, 40, { ...options, scan, seed: 2 }).ids),
          index.sample(query, 40, { ...options, exact: true, seed: 2 }).ids,
        ]) {
          expect(drawn.length).toBe(left.length > 0 ? 40 : 0);
          expect(drawn.every(takesPart), condition.name).toBe(true);
        }
        for (const exact of [false, true]) {
          const { ids, keys } = index.sampleTopK(query, 7, {
            ...options,
            ...(exact ? { exact } : { scan: 5 }),
            seed: 3,
          });
          expect(ids.length, condition.name).toBe(Math.min(7, left.length));
          expect(new Set(ids).size).toBe(ids.length);
          expect(ids.every(takesPart), condition.name).toBe(true);
          expect(keys).toEqual(keys.slice().sort().reverse());
        }
      }
    }
  });

  test("conditions leave no trace: each call has the bits it has on a fresh index", async () => {
    const used = await open(small.file);
    const answersOf = ({ index }: Open, query: Float32Array, options: ConditionOptions) => [
      index.logQ(query, idsOf(small), { ...options, scan: 3 }),
      index.predict(query, 3, { ...options, scan: 3, seed: 1 }),
      index.sample(query, 9, { ...options, scan: 3, seed: 1 }),
      index.sample(query, 9, { ...options, exact: true, seed: 1 }),
    ];
    const conditions = conditionsOf(small);
    const order = [3, 0, 2, 6, 1, 8, 2, 7, 4, 5, 3].map((i) => (conditions[i] as Condition).options);
    const calls = [{}, ...order.flatMap((options) => [options, options, {}])];
    const compared = inTurn([...calls.keys()], 9);
    for (const [i, options] of calls.entries()) {
      const query = small.queries[1] as Float32Array;
      const answers = answersOf(used, query, options);
      if (compared.includes(i)) expect(answers).toEqual(answersOf(await open(small.file), query, options));
    }
  });
});

test("a batch under conditions gives the single answers", async () => {
  for (const small of CROWDED) {
    const { index } = await open(small.file);
    const flat = Float32Array.from(small.queries.flatMap((query) => [...query]));
    for (const { options } of inTurn(conditionsOf(small), 3, small.name)) {
      const given = { ...options, scan: 5, seed: 4 };
      const batch = small.queries.length;
      const each = <T>(answer: (query: Float32Array) => T): T[] => small.queries.map(answer);
      expect(index.predict(flat, 4, { ...given, batch })).toEqual(each((query) => index.predict(query, 4, given)));
      expect(index.sample(flat, 20, { ...given, batch })).toEqual(each((query) => index.sample(query, 20, given)));
      expect(index.sampleTopK(flat, 4, { ...given, batch })).toEqual(
        each((query) => index.sampleTopK(query, 4, given)),
      );
      expect(index.logPartition(flat, { ...given, batch })).toEqual(each((query) => index.logPartition(query, given)));
      expect(index.topK(flat, 4, { ...options, batch })).toEqual(each((query) => index.topK(query, 4, options)));
    }
  }
});

test.each(CROWDED)("draws under a condition follow its Q: $name", async (small) => {
  const one = await open(small.file, { maxDraws: 1 << 16 });
  const query = small.queries[1] as Float32Array;
  const leavingOne = conditionsOf(small).filter(({ takesPart }) => idsOf(small).some(takesPart));
  for (const condition of inTurn(leavingOne, 6)) {
    for (const scan of inTurn([0, small.itemCount >> 2], 2, condition.name)) {
      const counts = new Float64Array(small.itemCount);
      for (const id of one.index.sample(query, 1 << 16, { ...condition.options, scan, seed: 5 }).ids) {
        (counts[id] as number)++;
      }
      const { logQ } = expectedLogQ(small, one, query, condition, 1024);
      const { g, low, high } = goodnessOfFit(counts, logQ.map(Math.exp));
      expect(g, `${condition.name}, scan ${scan}`).toBeLessThanOrEqual(high + 1e-6); // G is summed in f64
      expect(g, `${condition.name}, scan ${scan}`).toBeGreaterThanOrEqual(low - 1e-6);
    }
  }
});

test("bitmaps that differ in one class are two filters, wherever the class is", async () => {
  const isUneven = ({ itemCount }: SmallIndex): boolean => Math.ceil(itemCount / 8) % 4 > 0;
  const { file, itemCount, queries } = CROWDED.find(isUneven) as SmallIndex;
  const [query] = queries as [Float32Array];
  const { index } = await open(file, { maxK: itemCount });
  const all = new Uint8Array(Math.ceil(itemCount / 8)).fill(0xff);
  for (let id = 0; id < itemCount; id++) {
    const bitmap = all.slice();
    (bitmap[id >> 3] as number) ^= 1 << (id & 7);
    index.topK(query, itemCount, { allow: { bitmap: all }, exact: true });
    expect(index.topK(query, itemCount, { allow: { bitmap }, exact: true }).ids).not.toContain(id);
  }
});

test("bad conditions are refused by name", async () => {
  const { index } = await open((CROWDED[0] as SmallIndex).file);
  const { itemCount } = index.info;
  const query = new Float32Array(index.info.dim);
  const refusal = (options: unknown): string => {
    try {
      index.predict(query, 1, options as ConditionOptions);
    } catch (error) {
      return String(error);
    }
    return "taken";
  };
  expect(refusal({ temperature: 0 })).toMatch(/^RangeError: "temperature" expected/);
  expect(refusal({ temperature: -1 })).toMatch(/^RangeError: "temperature"/);
  expect(refusal({ temperature: Number.NaN })).toMatch(/^RangeError: "temperature"/);
  expect(refusal({ temperature: "1" })).toMatch(/^TypeError: "temperature"/);
  expect(refusal({ exclude: [0, itemCount] })).toMatch(/^RangeError: "exclude"\[1\] expected an integer in 0/);
  expect(refusal({ exclude: 3 })).toMatch(/^TypeError: "exclude"/);
  expect(refusal({ allow: [-1] })).toMatch(/^RangeError: "allow"\[0\]/);
  expect(refusal({ allow: "all" })).toMatch(/^TypeError: "allow"/);
  expect(refusal({ allow: null })).toMatch(/^TypeError: "allow"/);
  expect(refusal({ allow: new Uint8Array(itemCount) })).toMatch(
    /^TypeError: "allow" expected { bitmap } or an array of integers, got a Uint8Array: bits go into { bitmap }/,
  );
  expect(refusal({ allow: { bitmap: [1] } })).toMatch(/^TypeError: "allow.bitmap"/);
  expect(refusal({ allow: { bitmap: new Uint8Array(1), invert: true } })).toBe(
    'TypeError: "invert" is not an option of allow: it takes bitmap',
  );
  expect(refusal({ allow: { bitmap: new Uint8Array(1) } })).toMatch(
    /^RangeError: "allow.bitmap" expected \d+ bytes, got 1/,
  );
  expect(refusal({ scan: "automatic" })).toMatch(/^TypeError: "scan"/);
  expect(refusal({ scan: "auto", targetError: -1 })).toMatch(/^RangeError: "targetError"/);
  expect(refusal({})).toBe("taken");
});
