import { describe, expect, test } from "vitest";
import { load, type MultiIndex } from "../../src/index.ts";
import type { FeatureTable, Pooling } from "../../src/train/index.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { randomRows } from "../train/rows.ts";

const [ITEMS, FEATURES, DIM] = [20, 9, 5];
const NAMES = ["the", "cat", "", "sat", "mät", "猫", "a b", "z", "Z"];
const vectors = randomRows(FEATURES * DIM, 2);
const positions = randomRows(3 * DIM, 3);

const table = (more: Partial<FeatureTable> = {}): FeatureTable => ({ data: vectors, shape: [FEATURES, DIM], ...more });
const built = async (features?: FeatureTable): Promise<Uint8Array<ArrayBuffer>> =>
  buildIndex({ data: randomRows(ITEMS * DIM, 1), shape: [ITEMS, DIM] }, { ...(features && { features }), seed: 1 });
const indexWith = async (more: Partial<FeatureTable> = {}): Promise<MultiIndex> => load(await built(table(more)));

const { fround } = Math;
/** Σ w E[f] ⊙ P, where every product and sum is rounded to f32. */
function plain(ids: readonly number[], weights: readonly number[], factors?: Float32Array): Float32Array {
  return Float32Array.from({ length: DIM }, (_, d) =>
    ids.reduce((sum, id, k) => {
      const value = vectors[id * DIM + d] as number;
      const product = factors ? fround(value * (factors[k * DIM + d] as number)) : value;
      return fround(sum + fround(fround(weights[k] as number) * product));
    }, 0),
  );
}

describe("a query of features", () => {
  test("is their weighted sum, rounded to f32 after every product and sum", async () => {
    const index = await indexWith();
    expect(index.encode([3, 0, 3, 8], { weights: [0.1, -2, 1 / 3, 1e-8] })).toEqual(
      plain([3, 0, 3, 8], [0.1, -2, 1 / 3, 1e-8]),
    );
    expect(index.encode(Int32Array.of(1, 2), { weights: Float32Array.of(0.7, 0.2) })).toEqual(
      plain([1, 2], [0.7, 0.2]),
    );
    expect(index.encode([])).toEqual(new Float32Array(DIM));
  });

  test("multiplies each feature by its position's factors, if there are positions", async () => {
    const index = await indexWith({ positions });
    expect(index.encode([4, 4, 1])).toEqual(plain([4, 4, 1], [1, 1, 1], positions));
    expect(index.encode([2])).toEqual(plain([2], [1], positions));
    expect(() => index.encode([1, 1, 1, 1])).toThrow('"features" expected at most 3, one per position, got 4');
  });

  test.each<[Pooling, number]>([
    ["sum", 1],
    ["mean", 1 / 3],
    ["sqrtn", 1 / Math.sqrt(3)],
  ])("weighs features as pooling %s says, unless weights are given", async (pooling, weight) => {
    const index = await indexWith({ pooling });
    expect(index.encode([5, 6, 7])).toEqual(plain([5, 6, 7], [weight, weight, weight]));
    expect(index.encode([5, 6], { weights: [2, 3] })).toEqual(plain([5, 6], [2, 3]));
  });

  test("can be asked for by names", async () => {
    const index = await indexWith({ labels: NAMES });
    expect(index.encode(NAMES)).toEqual(index.encode([...NAMES.keys()]));
    expect(index.encode(["猫", 0, ""])).toEqual(index.encode([5, 0, 2]));
  });

  test("is a query like any other, and none without a table or after dispose", async () => {
    const [index, without] = [await indexWith(), await load(await built())];
    const query = index.encode([1, 2]);
    expect(index.predict(query, 3, { exact: true })).toEqual({
      ...without.predict(plain([1, 2], [1, 1]), 3, { exact: true }),
      seed: expect.anything(),
    });
    expect(() => without.encode([1])).toThrow('"features" expected an index built with "features", got one without');
    index.dispose();
    expect(() => index.encode([1])).toThrow("the index has been disposed of");
  });

  test.each<[unknown, unknown, string]>([
    ["cat", undefined, '"features" expected an array of ids or names, got string'],
    [null, undefined, '"features" expected an array of ids or names, got null'],
    [[0, 9], undefined, '"features"[1] expected an integer in 0..8 or the name of a feature, got 9'],
    [[-1], undefined, '"features"[0] expected an integer in 0..8 or the name of a feature, got -1'],
    [[0.5], undefined, '"features"[0] expected an integer in 0..8 or the name of a feature, got 0.5'],
    [[{}], undefined, '"features"[0] expected an integer in 0..8 or the name of a feature, got an object'],
    [["dog"], undefined, '"features"[0] expected an integer in 0..8 or the name of a feature, got "dog"'],
    [["\ud83d"], undefined, '"features"[0] expected an integer in 0..8 or the name of a feature, got "\\ud83d"'],
    [[1, 2], [1], '"weights" expected 2 values, one per feature, got 1'],
    [[1], 5, '"weights" expected an array of numbers, got number'],
    [[1, 2], [1, "1"], '"weights"[1] expected a finite number of magnitude at most 2^40, got "1"'],
    [[1, 2], [1, Number.NaN], '"weights"[1] expected a finite number of magnitude at most 2^40, got NaN'],
    [[1], [2 ** 41], '"weights"[0] expected a finite number of magnitude at most 2^40, got 2199023255552'],
  ])("of %j, weighed %j, is refused by the name of what is wrong", async (features, weights, message) => {
    const index = await indexWith({ labels: NAMES });
    expect(() => index.encode(features as number[], { weights: weights as number[] })).toThrow(message);
  });

  test("that grows too large is refused", async () => {
    const index = await indexWith({ data: vectors.map(() => 2 ** 40), positions: new Float32Array(DIM).fill(2 ** 40) });
    expect(() => index.encode([0], { weights: [2 ** 40] })).toThrow(
      '"query of features"[0] expected a finite number of magnitude at most 2^40',
    );
  });
});

describe("a table of features", () => {
  test("is in the facts of an index that has one", async () => {
    const { info } = await indexWith({ positions, labels: NAMES, pooling: "mean" });
    expect(info.features).toEqual({
      ...{ featureCount: FEATURES, positionCount: 3, pooling: "mean" },
      ...{ hasFeatureLabels: true, featureLabelBytes: new TextEncoder().encode(NAMES.join("")).length },
    });
    expect("features" in (await load(await built())).info).toBe(false);
  });

  test("adds its tensors to the file and changes no answer of the index", async () => {
    const [small, large] = [await built(), await built(table({ positions, labels: NAMES }))];
    const [without, index] = [await load(small), await load(large)];
    expect(large.length - small.length).toBeGreaterThanOrEqual((FEATURES + 3) * 8 * 4);
    expect(index.info.memoryBytes).toBeGreaterThanOrEqual(without.info.memoryBytes);
    const query = randomRows(DIM, 5);
    expect(index.sample(query, 20, { seed: 3 })).toEqual(without.sample(query, 20, { seed: 3 }));
  });

  test("counts for maxBytes, as all of the file does", async () => {
    const file = await built({ data: new Float32Array(100_000 * DIM), shape: [100_000, DIM] });
    await expect(load(file, { maxBytes: 2 ** 21 })).rejects.toThrow(/^index needs \d+\.\d MiB, limit is 2\.0 MiB/);
    expect((await load(file)).info.memoryBytes).toBeGreaterThan(100_000 * 8 * 4);
  });

  test.each<[Partial<FeatureTable>, string]>([
    [{ shape: [FEATURES, 4] }, '"features.shape"[1] expected 5 values per row, as in "data", got 4'],
    [{ shape: [0, DIM] }, '"features.shape"[0] expected 1..2147483647 rows, got 0'],
    [{ shape: [8, DIM] }, '"features.data" expected 40 values, got 45'],
    [{ data: [1] as unknown as Float32Array }, '"features.data" expected a Float32Array'],
    [{ data: vectors.map((v, i) => (i === 7 ? Number.NaN : v)) }, '"features.data"[7] expected a finite value'],
    [{ positions: new Float32Array(7) }, '"features.positions" expected 1..4096 rows of 5 values, got 7'],
    [{ positions: new Float32Array(0) }, '"features.positions" expected 1..4096 rows of 5 values, got 0'],
    [{ pooling: "max" as Pooling }, '"features.pooling" expected sum or mean or sqrtn, got "max"'],
    [{ labels: ["a"] }, '"features.labels" expected 9 labels, got 1'],
    [{ labels: NAMES.with(3, "the") }, '"features.labels"[3] expected a label other than that of "features.labels"[0]'],
  ])("%# is refused by the name of what is wrong", async (wrong, message) => {
    await expect(indexWith(wrong)).rejects.toThrow(message);
  });
});
