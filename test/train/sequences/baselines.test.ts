import fc from "fast-check";
import { expect, test } from "vitest";
import { haveData } from "../../../bench/data.ts";
import { askedOf, SESSIONS, USERS } from "../../../bench/sequences/protocols.ts";
import { readSet } from "../../../bench/sequences/sets.ts";
import { raggedOf } from "../../../src/train/model/tasks.ts";
import { type Asked, baselineRanksIn, lastAsked } from "../../../src/train/sequences/baselines.ts";
import type { Sequences } from "../../../src/train/sequences/sequences.ts";
import { denseRanks } from "./dense-counts.ts";

const ITEMS = 12;
const sequences = (lists: readonly (readonly number[])[], itemCount = ITEMS): Sequences => ({
  ...raggedOf(lists.map((list) => Int32Array.from(list))),
  itemCount,
});

const expectDense = (train: Sequences, asked: readonly Asked[], withoutSeen: boolean): void =>
  expect(baselineRanksIn(train)(asked, withoutSeen)).toEqual(denseRanks(train, asked, withoutSeen));

test("counts rank the item that follows before a popular one, and leave out what a sequence has", () => {
  const train = sequences([[0, 1], [0, 1], [2, 3], [3], [3], [3]], 5);
  const test = [
    [0, 1],
    [3, 0],
    [2, 4],
  ];
  const ranks = baselineRanksIn(train)(lastAsked(sequences(test, 5)), true);
  expect(ranks.popularity).toEqual([1, 0, 3]);
  expect(ranks["item-to-item counts"]).toEqual([0, 0, 3]);
});

test("sessions are asked for each item that has one before it, and an item can be found again", () => {
  const train = sequences([[0, 1, 0, 1, 0]], 3);
  const ranks = baselineRanksIn(train)(askedOf(sequences([[0, 1, 1], [2]], 3), SESSIONS).flat(), false);
  expect(ranks.popularity).toEqual([1, 1]);
  expect(ranks["item-to-item counts"]).toEqual([0, 1]);
});

test("ranks are those of a table of all pairs, bit for bit", () => {
  const lists = fc.array(fc.array(fc.nat(ITEMS - 1), { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(lists, lists, fc.constantFrom(USERS, SESSIONS), (learned, tested, protocol) => {
      const [train, test] = [sequences(learned), sequences(tested)];
      expectDense(train, askedOf(test, protocol).flat(), protocol.withoutSeen);
    }),
    { numRuns: 500 },
  );
});

test.skipIf(!haveData("ml-1m"))("ranks on ml-1m are those of a table of all pairs", () => {
  const { train, test } = readSet("ml-1m");
  const [learned, asked] = [train, test].map((part) => {
    const offsets = part.offsets.slice(0, 301);
    return { ...part, offsets, ids: part.ids.subarray(0, offsets.at(-1)) };
  });
  expectDense(learned as Sequences, lastAsked(asked as Sequences), true);
});
