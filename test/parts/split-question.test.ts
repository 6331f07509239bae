import { describe, expect, test } from "vitest";
import { ownBits, type Place } from "../../src/parts/place.ts";
import { questionTo } from "../../src/parts/split-question.ts";

const COUNT = 100;
const bitmap = Uint8Array.from({ length: 13 }, (_, i) => (i * 89 + 41) & 255);
const has = (id: number): number => ((bitmap[id >> 3] as number) >> (id & 7)) & 1;

/** The bits of a part, one class after the other. */
function plainBits(ids: readonly number[]): Uint8Array {
  const own = new Uint8Array(Math.ceil(ids.length / 8));
  for (const [i, id] of ids.entries()) own[i >> 3] = (own[i >> 3] as number) | (has(id) << (i & 7));
  return own;
}

const range = (first: number, count: number): number[] => Array.from({ length: count }, (_, i) => first + i);

describe("the bits of a part", () => {
  test.each(range(0, 17).flatMap((first) => [0, 1, 7, 8, 9, 40, 83].map((count) => [first, count] as const)))(
    "from class %i on, %i classes",
    (first, count) => {
      const place: Place = { count, first, table: undefined };
      expect(ownBits(place, { bitmap }).bitmap).toEqual(plainBits(range(first, count)));
      const added = [97, 99];
      expect(ownBits({ ...place, added }, { bitmap }).bitmap).toEqual(plainBits([...range(first, count), ...added]));
    },
  );

  test("of a table of classes, with those that changes have added", () => {
    const ids = range(0, 30).map((i) => 3 * i);
    const place: Place = { count: ids.length, first: 0, table: Int32Array.from(ids), added: [95] };
    expect(ownBits(place, { bitmap }).bitmap).toEqual(plainBits([...ids, 95]));
  });
});

test("conditions that the queries of a batch share are divided once for each part", () => {
  const part = { info: { itemCount: 50 }, place: { count: 50, first: 10, table: undefined }, before: 10 } as never;
  const shared = {
    ...{ exclude: Int32Array.of(11, 70), allow: { bitmap }, history: Int32Array.of(12, 80) },
    bias: { ids: Int32Array.of(13, 90), values: Float32Array.of(1, 2) },
  };
  const asked = [1, 2].map((seed) => {
    const question = { call: "predict", query: Float32Array.of(seed), size: 3, ids: new Int32Array(0) } as const;
    return questionTo(part, { ...question, options: { ...shared, seed: BigInt(seed) } }, COUNT).question.options;
  });
  const [one, two] = asked as [(typeof asked)[0], (typeof asked)[0]];
  expect(one).toMatchObject({
    ...{ exclude: Int32Array.of(1), history: Int32Array.of(2) },
    bias: { ids: Int32Array.of(3), values: Float32Array.of(1) },
  });
  for (const name of ["exclude", "allow", "history", "bias"] as const) expect(two[name], name).toBe(one[name]);
  expect(two.seed).not.toBe(one.seed);
});
