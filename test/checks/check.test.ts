import { beforeAll, describe, expect, test } from "vitest";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { open } from "../fixtures/open.ts";
import { indexFile, tinyIndex } from "../fixtures/tiny-index.ts";

const ITEM_COUNT = 200;
const CAPS = { maxK: 120, maxDraws: 60, maxBatch: 4, maxScan: 100 };
/** The names that messages use for values whose text is that of another value. */
const SHOWN = new Map<unknown, string>([
  ["3", '"3"'],
  ["1", '"1"'],
  [3n, "3n"],
]);

let index: MultiIndex;
beforeAll(async () => {
  index = (await open(indexFile(tinyIndex({ itemCount: ITEM_COUNT, dim: 5, bits: 3 })), CAPS)).index;
});

describe("a mistake", () => {
  const good = [1, 2, 3, 4, 5];
  const withValue = (value: unknown): number[] => [1, 2, 3, value as number, 5];
  type Call = (on: MultiIndex) => unknown;
  const cases: [string, Call, typeof TypeError | typeof RangeError, string][] = [];
  const add = (name: string, call: Call, type: typeof TypeError | typeof RangeError, message: string) =>
    cases.push([name, call, type, message]);

  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e39, 2 ** 41, -(2 ** 41)]) {
    add(
      `query value ${value}`,
      (on) => on.topK(withValue(value), 1),
      RangeError,
      '"query"[3] expected a finite number',
    );
    add(
      `second query's ${value}`,
      (on) => on.score([...good, ...withValue(value)], [0], { batch: 2 }),
      RangeError,
      '"query"[8]',
    );
  }
  for (const value of [undefined, null, "4", {}, 4n, Symbol("four"), true]) {
    add(
      `query value of type ${typeof value}`,
      (on) => on.logQ(withValue(value), [0]),
      TypeError,
      '"query"[3] expected',
    );
  }
  for (const value of [undefined, null, "12345", 5, {}, new ArrayBuffer(20), new DataView(new ArrayBuffer(20))]) {
    const call: Call = (on) => on.sample(value as never, 1);
    add(`a query that is ${Object.prototype.toString.call(value)}`, call, TypeError, '"query" expected');
  }
  add("a query of bigints", (on) => on.topK(new BigInt64Array(5) as never, 1), TypeError, '"query"[0] expected');
  for (const value of [Object.create(null), Symbol("four")]) {
    const type = typeof value === "object" ? "an object" : "Symbol(four)";
    add(`k of type ${typeof value}`, (on) => on.topK(good, value), TypeError, `"k" expected an integer, got ${type}`);
  }
  add("no values", (on) => on.topK([], 1), RangeError, '"query" expected 5 values (info.dim), got 0');
  add("too few values", (on) => on.topK([1, 2, 3], 1), RangeError, '"query" expected 5 values (info.dim), got 3');
  add("too many values", (on) => on.topK([...good, 6], 1), RangeError, '"query" expected 5 values (info.dim), got 6');
  const two = { batch: 2 };
  add(
    "values for one of two",
    (on) => on.topK(good, 1, two),
    RangeError,
    '"query" expected 2 × 5 values (batch × info.dim), got 5',
  );

  const caps: [string, number, (on: MultiIndex, value: number) => unknown][] = [
    ["k", CAPS.maxK, (on, k) => on.topK(good, k)],
    ["k", CAPS.maxK, (on, k) => on.predict(good, k)],
    ["draws", CAPS.maxDraws, (on, draws) => on.sample(good, draws)],
    ["draws", CAPS.maxDraws, (on, draws) => on.predict(good, 1, { draws })],
    ["draws", CAPS.maxDraws, (on, draws) => on.logPartition(good, { draws })],
    ["scan", CAPS.maxScan, (on, scan) => on.topK(good, 1, { scan })],
    ["scan", CAPS.maxScan, (on, scan) => on.predict(good, 1, { scan })],
    ["scan", CAPS.maxScan, (on, scan) => on.logPartition(good, { scan })],
    ["scan", CAPS.maxScan, (on, scan) => on.sample(good, 1, { scan })],
    ["scan", CAPS.maxScan, (on, scan) => on.logQ(good, [0], { scan })],
    ["batch", CAPS.maxBatch, (on, batch) => on.score(good, [0], { batch })],
  ];
  for (const [name, cap, call] of caps) {
    const option = `max${(name[0] as string).toUpperCase()}${name.slice(1)}`;
    for (const value of [1.5, Number.NaN, Number.POSITIVE_INFINITY, "3", null, 3n]) {
      add(
        `${name} ${value}`,
        (on) => call(on, value as number),
        TypeError,
        `"${name}" expected an integer, got ${SHOWN.get(value) ?? value}`,
      );
    }
    add(`${name} -1`, (on) => call(on, -1), RangeError, `"${name}" expected 0 or more, got -1`);
    for (const value of [cap + 1, 2 ** 31, 2 ** 53]) {
      const message = `"${name}" expected at most ${cap} (${option}), got ${value}; load(file, { ${option}: ${value} }) allows it`;
      add(`${name} ${value}`, (on) => call(on, value), RangeError, message);
    }
  }
  const five = Array.from({ length: 5 }, () => good).flat();
  const most = '"batch" expected at most 4 (maxBatch), got 5; load(file, { maxBatch: 5 }) allows it';
  add("five queries", (on) => on.topK(five, 1, { batch: 5 }), RangeError, most);
  for (const seed of [1.5, Number.NaN, Number.POSITIVE_INFINITY, "1", null, {}]) {
    const message = `"seed" expected an integer or a bigint, got ${SHOWN.get(seed) ?? (typeof seed === "object" && seed ? "an object" : seed)}`;
    add(`seed ${seed}`, (on) => on.sample(good, 1, { seed: seed as number }), TypeError, message);
    add(`seed ${seed} of an estimate`, (on) => on.logPartition(good, { seed: seed as number }), TypeError, message);
  }
  for (const id of [-1, ITEM_COUNT, 2 ** 31, 2 ** 32, 0.5, Number.NaN, "1", undefined]) {
    const message = `"ids"[1] expected an integer in 0..199, got ${SHOWN.get(id) ?? id}`;
    add(`id ${id}`, (on) => on.score(good, [0, id as number]), RangeError, message);
    add(`id ${id} for logQ`, (on) => on.logQ(good, [0, id as number]), RangeError, message);
  }
  for (const ids of [undefined, null, 5, {}, () => 0]) {
    add(
      `ids that are ${typeof ids}`,
      (on) => on.score(good, ids as never),
      TypeError,
      '"ids" expected an array of integers',
    );
  }

  test.each(cases)("in the arguments is named: %s", (_, call, type, message) => {
    expect(() => call(index)).toThrow(message);
    expect(() => call(index)).toThrow(type);
  });

  test("leaves the index as it was", () => {
    const before = index.predict(good, 5, { seed: 1 });
    for (const [, call] of cases) {
      expect(() => call(index)).toThrow();
      expect(index.predict(good, 5, { seed: 1 })).toEqual(before);
    }
  });
});
