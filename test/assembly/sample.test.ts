import { describe, expect, test } from "vitest";
import * as structs from "../../build/structs.ts";
import { anyQuery, biases, INDEX_CASES, LARGE_LOGIT_CASES } from "../fixtures/index-cases.ts";
import { describeBuilds, type OpenedTiny, openTiny } from "../fixtures/opened.ts";
import { tinyIndex } from "../fixtures/tiny-index.ts";
import { derive } from "../reference/buckets.ts";
import { reference } from "../reference/index.ts";
import { bucketAt, type ReferenceIndex } from "../reference/reference-index.ts";
import type { Draw } from "../reference/sample.ts";
import type { Conditions } from "../reference/weights.ts";
import { inTurn } from "../run/turns.ts";
import { goodnessOfFit } from "../statistics/goodness-of-fit.ts";
import { conditionsOf, excludedWhere } from "./condition-cases.ts";

const ALL_CASES = [...INDEX_CASES, ...LARGE_LOGIT_CASES];
const WITH_CLASSES = ALL_CASES.filter(([, index]) => index.facts.itemCount > 0);

/** Conditions that leave at least one class to draw. */
const drawable = (index: ReferenceIndex): [string, Conditions][] => [
  ["of all classes", {}],
  ...conditionsOf(index).filter(([, conditions]) => (conditions.excluded?.size ?? 0) < index.facts.itemCount),
];

/** Head budgets: plain MIDX, a head, nearly everything, everything. */
const scansOf = (itemCount: number): number[] => [0, 20, Math.max(0, itemCount - 1), itemCount];

describe("the reference of logQOf", () => {
  test.each([1, 0.5, 4])("is score / T − log S' in the head and log mass − log S' elsewhere: T = %d", (temperature) => {
    const plain = tinyIndex({ itemCount: 100, dim: 9, bits: 2, bias: biases(100, 20) });
    const excluded = excludedWhere(plain, (place) => place === 1);
    const index = derive(plain, { temperature, excluded });
    const proposal = reference.propose(index, anyQuery(index, 1), 40, 0);
    const { headPositions, headScores, logProposal } = proposal;
    for (const [position, id] of index.ids.entries()) {
      const place = headPositions.indexOf(position);
      const mass = () => reference.logMassAt(index, proposal, bucketAt(index, position), position);
      const logMass = place < 0 ? mass() : (headScores[place] as number) / temperature;
      const [logQ] = reference.logQOf(index, proposal, Int32Array.of(id));
      expect(logQ).toBe(excluded.has(position) ? Number.NEGATIVE_INFINITY : logMass - logProposal);
    }
    expect(headPositions.length).toBeGreaterThan(20);
  });
});

describeBuilds("sample", (modules) => {
  test.each(WITH_CLASSES)("equals the reference: %s", async (_, index) => {
    const opened = await openTiny(modules, index);
    const calls = scansOf(index.facts.itemCount).flatMap((scan, i) =>
      [0, 1, 5, 60].map((draws) => ({ i, scan, draws })),
    );
    for (const { i, scan, draws } of inTurn(calls, 5)) {
      const query = anyQuery(index, 3);
      const seed = BigInt.asUintN(64, 0x9e3779b97f4a7c15n * BigInt(i + 1));
      // Draws are compared one by one: none of these targets lies so near a boundary that rounding could name the
      // neighbour.
      const expected = reference.sample(opened.index, query, scan, draws, seed);
      expect(sample(opened, query, scan, draws, seed), `scan ${scan}, ${draws} draws`).toEqual(expected);
      const { headCount } = reference.propose(opened.index, query, scan, 0);
      expect(opened.search(structs.SEARCH_SCORED)).toBe(headCount + draws);
    }
    expect(opened.strayWrites()).toEqual([]);
  });

  test.each(WITH_CLASSES)(
    "equals the reference under every condition, and never draws an excluded class: %s",
    async (_, index) => {
      for (const [i, [name, conditions]] of drawable(index).entries()) {
        const opened = await openTiny(modules, index, conditions);
        const { allowedCount, excluded, ids } = opened.index;
        for (const scan of inTurn(scansOf(allowedCount), 4, name)) {
          const query = anyQuery(index, 5);
          const seed = BigInt(1000 + i);
          const expected = reference.sample(opened.index, query, scan, 30, seed);
          const draws = sample(opened, query, scan, 30, seed);
          expect(draws, `${name}, scan ${scan}`).toEqual(expected);
          expect(draws.filter(({ id }) => excluded.has(ids.indexOf(id)))).toEqual([]);
        }
        expect(opened.strayWrites(), name).toEqual([]);
      }
    },
  );

  test.each(INDEX_CASES.filter(([, index]) => index.facts.itemCount === 0))(
    "takes no draws from an index without classes: %s",
    async (_, index) => {
      const opened = await openTiny(modules, index);
      expect(sample(opened, anyQuery(index, 1), 5, 0, 1n)).toEqual([]);
      expect(opened.search(structs.SEARCH_LOG_PROPOSAL)).toBe(Number.NEGATIVE_INFINITY);
      expect(opened.strayWrites()).toEqual([]);
    },
  );

  test.each(WITH_CLASSES)("takes no draws if no class is left: %s", async (_, index) => {
    const opened = await openTiny(modules, index, { excluded: new Set(index.ids.keys()) });
    for (const scan of [0, 5, index.facts.itemCount]) {
      expect(sample(opened, anyQuery(index, 1), scan, 0, 1n)).toEqual([]);
      expect(opened.search(structs.SEARCH_HEAD_COUNT)).toBe(0);
      expect(opened.search(structs.SEARCH_LOG_PROPOSAL)).toBe(Number.NEGATIVE_INFINITY);
    }
    expect(opened.strayWrites()).toEqual([]);
  });

  test("gives the first draws of a longer call", async () => {
    const opened = await openTiny(modules, tinyIndex({ itemCount: 300, dim: 5, bits: 3, bias: biases(300, 21) }));
    const query = anyQuery(opened.index, 1);
    const many = sample(opened, query, 50, 200, 5n);
    for (const draws of [1, 2, 3, 4, 5, 99]) expect(sample(opened, query, 50, draws, 5n)).toEqual(many.slice(0, draws));
  });

  test.each([
    ["with bias, no head", biases(200, 22), 0, 1, 0],
    ["with bias, a head", biases(200, 22), 60, 1, 0],
    ["without bias, a head", undefined, 60, 1, 0],
    ["with bias, everything in the head", biases(200, 22), 200, 1, 0],
    ["hot, no head", biases(200, 22), 0, 3.7, 0],
    ["cold, a head", biases(200, 22), 60, 0.5, 0],
    ["with bias, no head, two classes of three", biases(200, 22), 0, 1, 3],
    ["hot, without bias, a head, four classes of five", undefined, 60, 3.7, 5],
  ])("follows Q: %s", async (_, bias, scan, temperature, without) => {
    const index = tinyIndex({ itemCount: 200, dim: 4, bits: 2, seed: 23, ...(bias && { bias }) });
    const excluded = excludedWhere(index, (place) => without > 0 && place % without === 1);
    const opened = await openTiny(modules, index, { temperature, excluded });
    const query = anyQuery(index, 2, 2);
    const counts = new Float64Array(200);
    for (let seed = 0; seed < 25; seed++) {
      opened.ask(query);
      opened.kernels.sample(opened.layout, scan, 4096, BigInt(seed));
      for (const id of opened.read(Int32Array, "drawPositions", 4096)) counts[id] = (counts[id] as number) + 1;
    }
    const everyId = Int32Array.from(counts.keys());
    const proposal = reference.propose(opened.index, query, scan, 0);
    const q = reference.logQOf(opened.index, proposal, everyId).map((logQ) => Math.exp(logQ));
    const left = (values: Float64Array) => values.filter((_unused, id) => !excluded.has(index.ids.indexOf(id)));
    expect(left(counts).reduce((sum, count) => sum + count, 0)).toBe(25 * 4096);
    const { g, low, high } = goodnessOfFit(left(counts), left(q));
    expect(g).toBeGreaterThan(low);
    expect(g).toBeLessThan(high);
  });
});

describeBuilds("sumHead", (modules) => {
  test.each(WITH_CLASSES)("equals the reference bit for bit: %s", async (_, index) => {
    for (const [name, conditions] of [["of all classes", {}] as const, ...conditionsOf(index)]) {
      const opened = await openTiny(modules, index, conditions);
      const query = anyQuery(index, 6);
      for (const scan of inTurn([1, 2, 3, 4, 5, 50, index.facts.itemCount], 4, name)) {
        opened.ask(query);
        opened.kernels.propose(opened.layout, scan, 0);
        opened.kernels.sumHead(opened.layout);
        const proposal = reference.propose(opened.index, query, scan, 0);
        const found = opened.read(Float64Array, "headPrefix", proposal.headCount + 1);
        expect(found, `${name}, scan ${scan}`).toEqual(reference.sumHead(opened.index, proposal));
      }
      expect(opened.strayWrites(), name).toEqual([]);
    }
  });
});

describeBuilds("drawProposed", (modules) => {
  test.each(WITH_CLASSES)("leaves the positions and log Q of the draws: %s", async (_, index) => {
    for (const [name, conditions] of drawable(index)) {
      const opened = await openTiny(modules, index, conditions);
      for (const scan of inTurn(scansOf(opened.index.allowedCount), 4, name)) {
        const query = anyQuery(index, 7);
        opened.ask(query);
        opened.kernels.propose(opened.layout, scan, 0);
        opened.kernels.drawProposed(opened.layout, 40, 9n);
        const logQ = opened.read(Float64Array, "drawLogQ", 40);
        const positions = opened.read(Int32Array, "drawPositions", 40);
        const drawn = Array.from(positions, (position, i) => ({ position, logQ: logQ[i] as number }));
        expect(drawn, `scan ${scan}`).toEqual(reference.drawProposed(opened.index, query, scan, 40, 9n));
      }
      expect(opened.strayWrites()).toEqual([]);
    }
  });
});

describeBuilds("logQOf", (modules) => {
  test.each(WITH_CLASSES)(
    "equals the reference under every condition, -Infinity of excluded classes: %s",
    async (_, index) => {
      for (const [name, conditions] of conditionsOf(index)) {
        const opened = await openTiny(modules, index, conditions);
        const query = anyQuery(index, 4);
        const ids = index.ids.filter((_id, position) => position % 7 === 0 || position < 40);
        for (const scan of inTurn(scansOf(opened.index.allowedCount), 4, name)) {
          const proposal = reference.propose(opened.index, query, scan, 0);
          opened.ask(query);
          opened.kernels.propose(opened.layout, scan, 0);
          const logQ = logQOf(opened, ids);
          expect(logQ, `${name}, scan ${scan}`).toEqual(reference.logQOf(opened.index, proposal, ids));
          for (const [i, id] of ids.entries()) {
            const isExcluded = opened.index.excluded.has(index.ids.indexOf(id));
            expect(logQ[i] === Number.NEGATIVE_INFINITY).toBe(isExcluded);
          }
        }
        expect(opened.strayWrites(), name).toEqual([]);
      }
    },
  );

  test.each(WITH_CLASSES)("equals the reference bit for bit, and sample for the same class: %s", async (_, index) => {
    const opened = await openTiny(modules, index);
    const { itemCount } = index.facts;
    const query = anyQuery(index, 4);
    for (const scan of inTurn(scansOf(itemCount), 2)) {
      // The classes are the first, the last, both ends of a bucket in the middle, and some in between, in no order.
      const middle = index.bucketOffsets[index.facts.bucketCount >> 1] as number;
      const positions = [
        0,
        itemCount - 1,
        middle,
        Math.max(0, middle - 1),
        ...[0.9, 0.1, 0.5].map((x) => Math.floor(x * itemCount)),
      ];
      const ids = Int32Array.from(positions, (position) => index.ids[position] as number);
      const proposal = reference.propose(opened.index, query, scan, 0);
      opened.ask(query);
      opened.kernels.propose(opened.layout, scan, 0);
      expect(logQOf(opened, ids), `scan ${scan}`).toEqual(reference.logQOf(opened.index, proposal, ids));

      const draws = sample(opened, query, scan, 30, 9n);
      const logQ = logQOf(
        opened,
        Int32Array.from(draws, ({ id }) => id),
      );
      expect(Array.from(logQ)).toEqual(draws.map((draw) => draw.logQ));
    }
    expect(opened.strayWrites()).toEqual([]);
  });
});

function sample(opened: OpenedTiny, query: Float32Array, scan: number, draws: number, seed: bigint): Draw[] {
  opened.ask(query);
  opened.kernels.sample(opened.layout, scan, draws, seed);
  const scores = opened.read(Float32Array, "drawScores", draws);
  const logQ = opened.read(Float64Array, "drawLogQ", draws);
  const ids = opened.read(Int32Array, "drawPositions", draws);
  return Array.from(ids, (id, i) => ({ id, score: scores[i] as number, logQ: logQ[i] as number }));
}

/** log Q under the proposal in memory. */
function logQOf(opened: OpenedTiny, ids: Int32Array): Float64Array {
  opened.write("drawPositions", ids);
  opened.kernels.logQOf(opened.layout, ids.length);
  return opened.read(Float64Array, "drawLogQ", ids.length);
}
