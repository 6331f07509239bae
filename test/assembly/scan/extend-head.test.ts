import { describe, expect, test } from "vitest";
import * as structs from "../../../build/structs.ts";
import { HEAD_CODES } from "../../../src/abi.ts";
import { bitmapOf } from "../../fixtures/bitmap-of.ts";
import { buildIndex } from "../../fixtures/build-index.ts";
import { anyQuery } from "../../fixtures/index-cases.ts";
import { open } from "../../fixtures/open.ts";
import { describeScanBuilds, openTiny } from "../../fixtures/opened.ts";
import { someOf } from "../../fixtures/opened-exact.ts";
import { storedIndex } from "../../fixtures/stored-index.ts";
import { reference } from "../../reference/index.ts";
import { EVERY } from "../../run/size.ts";
import { inTurn } from "../../run/turns.ts";
import { meanOf, varianceOf } from "../../statistics/drawn-estimate.ts";
import { enumerate, logSumExp } from "../../statistics/enumeration.ts";
import { randomRows } from "../../train/rows.ts";
import { FINE_CASES } from "../fine-cases.ts";

const LARGE = FINE_CASES.filter(([, { facts }]) => facts.itemCount >= 500);
/** The head, the rows read by their codes, and the classes that these add. */
const EXTENSIONS: readonly (readonly [scan: number, read: number, keep: number])[] = [
  [0, 100, 1],
  [7, 64, 40],
  [100, 5000, HEAD_CODES],
];
const DISPERSED = FINE_CASES.filter(([, { dispersions }]) => dispersions);

describeScanBuilds("extendHead", (modules) => {
  test.each(FINE_CASES)("equals the reference, and draws do not meet its classes: %s", async (_, index) => {
    for (const excluded of [new Set<number>(), someOf(index)]) {
      const opened = await openTiny(modules, index, { excluded, temperature: 0.5 });
      const { kernels, layout } = opened;
      for (const [i, [scan, read, keep]] of inTurn([...EXTENSIONS.entries()], 2, `${excluded.size}`)) {
        const query = anyQuery(index, 60 + i, 2);
        opened.ask(query);
        kernels.propose(layout, scan, 0);
        kernels.extendHead(layout, read, keep);
        const proposal = reference.propose(opened.index, query, scan, 0);
        const expected = reference.extendHead(opened.index, proposal, read, keep);
        const { headCount, coded } = expected;
        expect(opened.search(structs.SEARCH_HEAD_COUNT)).toBe(headCount);
        expect(opened.search(structs.SEARCH_CODED_COUNT)).toBe(coded.size);
        expect(opened.search(structs.SEARCH_LOG_PROPOSAL)).toBe(expected.logProposal);
        expect(opened.read(Int32Array, "headPositions", headCount)).toEqual(expected.headPositions);
        expect(opened.read(Float32Array, "headScores", headCount)).toEqual(expected.headScores);
        expect(new Set(expected.headPositions).size, "no class is in the head twice").toBe(headCount);
        kernels.estimateTail(layout, 300, 7n);
        const drawn = reference.estimateTail(opened.index, expected, 300, 7n);
        expect(opened.search(structs.SEARCH_TAIL_TOTAL)).toBe(expected.tail.tailTotal);
        expect(opened.read(Int32Array, "drawPositions", drawn.drawCount)).toEqual(drawn.drawPositions);
        expect(opened.read(Float64Array, "drawFactors", drawn.drawCount)).toEqual(drawn.factors);
        expect(opened.read(Float64Array, "drawLogQ", drawn.drawCount)).toEqual(drawn.logX);
        expect(drawn.drawPositions.every((position) => !coded.has(position))).toBe(true);
        expect(opened.search(structs.SEARCH_TAIL_MEAN)).toBe(drawn.tailMean);
        expect(opened.search(structs.SEARCH_TAIL_SQUARE_MEAN)).toBe(drawn.tailSquareMean);
        expect(opened.search(structs.SEARCH_SCORED)).toBe(headCount + drawn.drawCount);
        const taken = opened.read(Uint8Array, "taken", Math.ceil(index.facts.itemCount / 8));
        expect(taken.every((byte) => byte === 0)).toBe(true);
      }
      expect(opened.strayWrites()).toEqual([]);
    }
  });

  test.each(LARGE)("equals the reference where a bitmap thins out: %s", async (_, index) => {
    const opened = await openTiny(modules, index, { temperature: 0.5 });
    const { kernels, layout } = opened;
    const takesPart = (id: number): boolean => id % 3 > 0;
    const isInBitmap = (position: number): boolean => takesPart(index.ids[position] as number);
    const positions = Array.from({ length: index.facts.itemCount }, (_, position) => position);
    const outside = new Set(positions.filter((position) => !isInBitmap(position)));
    opened.write("allowed", bitmapOf(index, takesPart));
    const thinBy = (address: number): void =>
      new DataView(kernels.memory.buffer, layout).setUint32(structs.LAYOUT_THINNED, address, true);
    thinBy(opened.address("allowed"));
    for (const [i, keep] of [1, 30, HEAD_CODES].entries()) {
      const query = anyQuery(index, 70 + i, 2);
      opened.ask(query);
      kernels.propose(layout, 30, 0);
      const whole = reference.propose(opened.index, query, 30, 0);
      const listed = reference.scoreListed(opened.index, whole.prepared, whole.headPositions.filter(isInBitmap));
      const proposal = { ...whole, ...listed, headCount: listed.headPositions.length };
      kernels.extendHead(layout, 5000, keep);
      const extended = reference.extendHead({ ...opened.index, excluded: outside }, proposal, 5000, keep);
      expect(extended.coded.size).toBe(keep);
      expect(opened.read(Int32Array, "headPositions", extended.headCount)).toEqual(extended.headPositions);
      kernels.estimateThinned(layout, 300, 7n);
      const isLeft = (position: number): boolean => isInBitmap(position) && !extended.coded.has(position);
      const drawn = reference.estimateThinned(opened.index, extended, 300, 7n, isLeft);
      const kept = drawn.drawPositions.length;
      expect(kept).toBeGreaterThan(50);
      expect(opened.read(Int32Array, "drawPositions", kept)).toEqual(drawn.drawPositions);
      expect(opened.read(Float64Array, "drawFactors", drawn.drawCount)).toEqual(drawn.factors);
      expect(opened.search(structs.SEARCH_TAIL_MEAN)).toBe(drawn.tailMean);
      expect(opened.search(structs.SEARCH_KEPT_SHARE)).toBe(drawn.keptShare);
    }
    thinBy(0);
    expect(opened.strayWrites()).toEqual([]);
  });

  test("has classes that draws of the same seed met before", async () => {
    expect(DISPERSED.length).toBeGreaterThan(1);
    for (const [name, index] of DISPERSED) {
      const opened = await openTiny(modules, index, {});
      opened.ask(anyQuery(index, 3, 2));
      opened.kernels.propose(opened.layout, 10, 0);
      opened.kernels.estimateTail(opened.layout, 400, 1n);
      const before = opened.read(Int32Array, "drawPositions", 400).slice();
      opened.kernels.propose(opened.layout, 10, 0);
      opened.kernels.extendHead(opened.layout, 400, 30);
      const headCount = opened.search(structs.SEARCH_HEAD_COUNT);
      const head = new Set(opened.read(Int32Array, "headPositions", headCount));
      expect(before.filter((position) => head.has(position)).length, name).toBeGreaterThan(5);
    }
  });
});

/** 3,000 classes whose residual logits are wide at this temperature, so that an estimate adds classes by their codes. */
const TEMPERATURE = 0.2;
const OPTIONS = { scan: 64, draws: 20, temperature: TEMPERATURE } as const;
const ITEM_COUNT = 3000;
const file = await buildIndex(
  { data: randomRows(ITEM_COUNT * 8, 31), shape: [ITEM_COUNT, 8] },
  { bias: randomRows(ITEM_COUNT, 32), fineCodes: true, bits: 3, rowType: "f32", seed: 1 },
);
const query = randomRows(8, 33);

describe("an estimate whose head has classes by their codes", () => {
  test("is unbiased by enumeration: every class counts e^score once, in the head or with the chance of its draws", async () => {
    const one = await open(file);
    const { kernels, plan } = one.opened;
    one.index.predict(query, 0, { ...OPTIONS, draws: 1000 });
    const stored = storedIndex(file, { temperature: TEMPERATURE });
    const e = enumerate(stored, query, { temperature: TEMPERATURE });
    const logits = e.scores.map((score) => score / TEMPERATURE);
    const logZ = logSumExp(logits);
    const search = (field: number): number => one.opened.search[field / 8] as number;
    const headCount = search(structs.SEARCH_HEAD_COUNT);
    const head = new Set(new Int32Array(kernels.memory.buffer, plan.regions.headPositions, headCount));
    const buckets = new Set(
      new Int32Array(kernels.memory.buffer, plan.regions.headBuckets, search(structs.SEARCH_HEAD_BUCKET_COUNT)),
    );
    const inTail = (id: number): boolean => (e.buckets[id] as number) >= 0 && !buckets.has(e.buckets[id] as number);
    const coded = [...head].map((p) => stored.ids[p] as number).filter(inTail);
    expect(coded.length).toBeGreaterThan(50);
    // Each draw's x is what its class contributes, over the chance of the class: its share of the mass of the tail's others.
    const logTail = logSumExp(e.logMasses.filter((_, id) => inTail(id) && !coded.includes(id)));
    const logCoded = logSumExp(coded.map((id) => e.logMasses[id] as number));
    expect(Math.exp(logCoded - logTail)).toBeGreaterThan(0.1);
    const positions = new Int32Array(kernels.memory.buffer, plan.regions.drawPositions, 1000);
    const logX = new Float64Array(kernels.memory.buffer, plan.regions.drawLogQ, 1000);
    const factors = new Float64Array(kernels.memory.buffer, plan.regions.drawFactors, 1000);
    for (const [j, position] of positions.entries()) {
      const id = stored.ids[position] as number;
      const x = Math.exp((logX[j] as number) - logZ) * (factors[j] as number);
      const counted = Math.exp((logits[id] as number) - logZ);
      const chance = Math.exp((e.logMasses[id] as number) - logTail);
      expect(head.has(position)).toBe(false);
      expect(Math.abs(x * chance - counted)).toBeLessThanOrEqual(2e-5 * counted);
    }
    // So Ẑ is Z_H and what the tail's other classes contribute, on average.
    const headMass = search(structs.SEARCH_HEAD_MASS) * Math.exp(search(structs.SEARCH_LOG_SHIFT) - logZ);
    const isOther = (id: number): boolean => inTail(id) && !coded.includes(id);
    const others = logits.reduce((sum, logit, id) => sum + (isOther(id) ? Math.exp(logit - logZ) : 0), 0);
    expect(Math.abs(headMass + others - 1)).toBeLessThan(1e-5);
    expect(others).toBeGreaterThan(0.001);
  });

  test("is unbiased over seeds", async () => {
    const { index } = await open(file);
    const logZ = index.logPartition(query, { exact: true, temperature: TEMPERATURE }).logPartition;
    const ratios = Float64Array.from({ length: EVERY ? 3000 : 1000 }, (_, seed) =>
      Math.exp(index.predict(query, 0, { ...OPTIONS, seed }).logPartition - logZ),
    );
    expect(varianceOf(ratios)).toBeGreaterThan(1e-9);
    expect(Math.abs(meanOf(ratios) - 1)).toBeLessThan(5 * Math.sqrt(varianceOf(ratios) / ratios.length) + 1e-5);
  });

  test("has the same bits however small the largest head is that the index was loaded for", async () => {
    const options = { ...OPTIONS, scan: 1, seed: 4 };
    const narrow = (await open(file, { maxScan: 1, maxK: 1, maxDraws: 20 })).index;
    const wide = (await open(file)).index;
    const answer = wide.predict(query, 1, options);
    expect(answer.scored, "outliers, codes and draws").toBeGreaterThan(256 + 50 + 20);
    expect(narrow.predict(query, 1, options)).toEqual(answer);
  });
});
