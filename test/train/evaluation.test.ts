import { beforeAll, describe, expect, test } from "vitest";
import { load, type MultiIndex } from "../../src/index.ts";
import { summariseErrors } from "../../src/train/evaluation/log-partition-errors.ts";
import { type BuildOptions, build, type Evaluation, evaluate, measure } from "../../src/train/index.ts";
import { rawVectors } from "../fixtures/raw-vectors.ts";
import { randomRows } from "./rows.ts";

// Every number is compared with a plain computation by its definition, in f64 with Math.exp and Math.log.

const [ITEMS, DIM, QUERIES, DRAWS, SCAN] = [300, 6, 17, 40, 12];
const vectors = { ...rawVectors(ITEMS, DIM, 31), bias: randomRows(ITEMS, 33).map((value) => 2 * value) };
const queries = randomRows(QUERIES * DIM, 32).map((value) => 1.5 * value);
const counts = Float32Array.from({ length: ITEMS }, (_, id) => (id * 37) % 101);
const ids = Int32Array.from({ length: ITEMS }, (_, id) => id);
const rows = Array.from({ length: QUERIES }, (_, i) => queries.subarray(i * DIM, (i + 1) * DIM));

const sum = (values: Iterable<number>): number => Array.from(values).reduce((a, b) => a + b, 0);
const meanOf = (values: readonly number[]): number => sum(values) / values.length;
const upper = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))] as number;

const loaded = async (options: BuildOptions): Promise<MultiIndex> =>
  load(await build(vectors, { calibrate: "off", ...options }));

interface Truth {
  readonly query: Float32Array;
  readonly logZ: number;
  readonly p: number[];
  readonly q: number[];
  readonly best: number[];
}

function truthOf(index: MultiIndex): Truth[] {
  return rows.map((query) => {
    const scores = Array.from(index.score(query, ids));
    const logZ = Math.log(sum(scores.map(Math.exp)));
    return {
      query,
      logZ,
      p: scores.map((score) => Math.exp(score - logZ)),
      q: Array.from(index.logQ(query, ids, { scan: SCAN }), Math.exp),
      best: Array.from(ids).sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b),
    };
  });
}

const ess = (p: readonly number[], q: readonly number[]): number =>
  1 / (1 + sum(p.map((value, id) => (value - (q[id] as number)) ** 2 / (q[id] as number))));

function expectProposal(
  found: Evaluation["proposals"][number] | undefined,
  truth: readonly Truth[],
  qOf: (one: Truth) => number[],
): void {
  const kl = truth.map((one) => sum(one.p.map((p, id) => p * Math.log(p / (qOf(one)[id] as number)))));
  const tv = truth.map((one) => sum(one.p.map((p, id) => Math.abs(p - (qOf(one)[id] as number)) / 2)));
  const shares = truth.map((one) => ess(one.p, qOf(one)));
  expect(found?.klDivergence).toBeCloseTo(meanOf(kl), 5);
  expect(found?.totalVariation).toBeCloseTo(meanOf(tv), 5);
  expect(found?.effectiveSampleShare).toBeCloseTo(upper(shares, 0.5), 5);
  const deviations = shares.map((share) => Math.sqrt((1 / share - 1) / DRAWS));
  expect(found?.partitionDeviation).toBeCloseTo(upper(deviations, 0.5), 4);
}

test("without scan, predict is measured as it answers by default: flagged answers are made again", async () => {
  const many = rawVectors(4000, DIM, 41);
  const weak = queries.map((value) => 0.2 * value);
  const index = await load(await build(many, { bits: 3, calibrate: "off" }));
  const byOneHead = await evaluate(index, weak, { scan: 1024, draws: 2 });
  const byDefault = await evaluate(index, weak, { draws: 2 });
  expect([byOneHead.effort.triesAgain, byDefault.effort.triesAgain]).toEqual([false, true]);
  expect(byOneHead.logPartition.lowEssShare).toBeGreaterThan(0.5);
  expect(byDefault.logPartition.lowEssShare).toBe(0);
});

describe("evaluate", () => {
  let index: MultiIndex;
  let truth: Truth[];
  let evaluation: Evaluation;
  beforeAll(async () => {
    index = await loaded({ bias: vectors.bias, rowType: "i8", bits: 3 });
    truth = truthOf(index);
    evaluation = await evaluate(index, queries, { scan: SCAN, draws: DRAWS, seed: 5 });
  });

  test("says what was asked for", () => {
    expect(evaluation.queryCount).toBe(QUERIES);
    expect(evaluation.effort).toMatchObject({ scan: SCAN, draws: DRAWS, seed: 5n });
  });

  test("recall is the share of the k best of all classes that topK and predict return", () => {
    expect(evaluation.recall.map(({ k }) => k)).toEqual([1, 10, 100]);
    for (const { k, topK, predict } of evaluation.recall) {
      const share = (found: (query: Float32Array) => Int32Array): number =>
        meanOf(truth.map(({ query, best }) => best.slice(0, k).filter((id) => found(query).includes(id)).length / k));
      expect(topK).toBeCloseTo(
        share((query) => index.topK(query, k, { scan: SCAN }).ids),
        12,
      );
      expect(predict).toBeCloseTo(
        share((query) => index.predict(query, k, { scan: SCAN, draws: DRAWS, seed: 5 }).ids),
        12,
      );
    }
    expect(evaluation.recall[2]?.topK, "a head of 12 cannot have them all").toBeLessThan(0.95);
  });

  test("divergence, total variation and effective sample size are those of the enumerated proposal", () => {
    expectProposal(evaluation.proposals[0], truth, ({ q }) => q);
    expect(evaluation.proposals[0]?.name).toBe("midx");
  });

  test("the same of the uniform proposal, and of the softmax of the biases", () => {
    const weights = Array.from(vectors.bias, Math.exp);
    const unigram = weights.map((weight) => weight / sum(weights));
    const uniform = weights.map(() => 1 / ITEMS);
    expect(evaluation.proposals.map(({ name }) => name)).toEqual(["midx", "unigram", "uniform"]);
    expectProposal(evaluation.proposals[1], truth, () => unigram);
    expectProposal(evaluation.proposals[2], truth, () => uniform);
  });

  test("errors of log Ẑ are those of predict, with its own error bars", () => {
    const answers = truth.map(({ query }) => index.predict(query, 10, { scan: SCAN, draws: DRAWS, seed: 5 }));
    const errors = answers.map(({ logPartition }, i) => logPartition - (truth[i] as Truth).logZ);
    const { logPartition } = evaluation;
    expect(logPartition.bias).toBeCloseTo(meanOf(errors), 5);
    expect(logPartition.rootMeanSquare).toBeCloseTo(Math.sqrt(meanOf(errors.map((error) => error ** 2))), 5);
    expect(logPartition.p90).toBeCloseTo(upper(errors.map(Math.abs), 0.9), 5);
    const covered = errors.flatMap((error, i) => {
      const { lowEss, standardError } = answers[i] as (typeof answers)[number];
      return lowEss ? [] : [Math.abs(error) <= 1.96 * standardError + 1e-5 ? 1 : 0];
    });
    expect(logPartition.coverage).toBeCloseTo(meanOf(covered), 12);
    expect(logPartition.lowEssShare).toBeCloseTo(meanOf(answers.map(({ lowEss }) => (lowEss ? 1 : 0))), 12);
    const ascending = errors.toSorted((a, b) => a - b);
    for (const [i, error] of logPartition.errors.entries()) expect(error).toBeCloseTo(ascending[i] as number, 5);
    const relative = answers.flatMap(({ ids: found, probabilities }, i) =>
      Array.from(found, (id, j) => Math.abs((probabilities[j] as number) / ((truth[i] as Truth).p[id] as number) - 1)),
    );
    expect(evaluation.probabilityErrorP90).toBeCloseTo(upper(relative, 0.9), 5);
  });

  test("calibration holds the mean prediction of a band to the mean of what is exact", () => {
    const pairs = truth.flatMap(({ query, p }) => {
      const { ids: found, probabilities } = index.predict(query, 100, { scan: SCAN, draws: DRAWS, seed: 5 });
      return Array.from(found, (id, i) => ({ predicted: probabilities[i] as number, exact: p[id] as number }));
    });
    expect(sum(evaluation.calibration.map(({ count }) => count))).toBe(pairs.length);
    expect(evaluation.calibration.length).toBeGreaterThan(3);
    for (const band of evaluation.calibration) {
      const own = pairs.filter(({ predicted }) => predicted >= band.from && predicted < band.to);
      expect(own).toHaveLength(band.count);
      expect(band.meanPredicted).toBeCloseTo(meanOf(own.map(({ predicted }) => predicted)), 9);
      expect(band.meanExact).toBeCloseTo(meanOf(own.map(({ exact }) => exact)), 6);
    }
  });

  test("bands by bias: the first 1 %, what follows to 10 %, and the rest, each with its masses, draws and bias", () => {
    expectBands(evaluation, vectors.bias);
    expect(evaluation.popularity).toBe("bias");
  });

  test("counts, where there are any, say who is popular, and make the unigram proposal", async () => {
    const counted = await evaluate(index, queries, { scan: SCAN, draws: DRAWS, seed: 5, counts });
    expect(counted.popularity).toBe("counts");
    expectBands(counted, counts);
    const all = sum(counts) + ITEMS;
    expectProposal(counted.proposals[1], truth, () => Array.from(counts, (count) => (count + 1) / all));
  });

  function expectBands({ bands }: Evaluation, popularity: ArrayLike<number>): void {
    const order = Array.from(ids).sort((a, b) => (popularity[b] as number) - (popularity[a] as number) || a - b);
    const members = [order.slice(0, 3), order.slice(3, 30), order.slice(30)];
    expect(bands.map(({ name, classCount }) => [name, classCount])).toEqual([
      ["head", 3],
      ["torso", 27],
      ["tail", 270],
    ]);
    for (const [i, band] of bands.entries()) {
      const over = ({ p, q }: Truth, among: readonly number[]) => ({
        mass: sum(among.map((id) => p[id] as number)),
        drawn: sum(among.map((id) => q[id] as number)),
        squares: sum(among.map((id) => (p[id] as number) ** 2 / (q[id] as number))),
      });
      const own = truth.map((one) => over(one, members[i] as number[]));
      expect(band.exactMass).toBeCloseTo(meanOf(own.map(({ mass }) => mass)), 5);
      expect(band.exactDraws).toBeCloseTo(DRAWS * meanOf(own.map(({ mass }) => mass)), 4);
      expect(band.expectedDraws).toBeCloseTo(DRAWS * meanOf(own.map(({ drawn }) => drawn)), 4);
      const shares = own.map(({ mass, drawn, squares }) => mass ** 2 / (drawn * squares));
      expect(band.effectiveSampleShare).toBeCloseTo(upper(shares, 0.5), 5);
      const biases = truth.map((one, j) => {
        const all = sum(one.p.map((p, id) => p ** 2 / (one.q[id] as number)));
        return -((own[j]?.squares as number) - (own[j]?.mass as number) * all) / DRAWS;
      });
      expect(band.massBias).toBeCloseTo(meanOf(biases), 6);
    }
    expect(sum(bands.map(({ massBias }) => massBias))).toBeCloseTo(0, 12);
  }
});

test("the bias of a band is the leading term of what self-normalised draws are off by", async () => {
  const index = await loaded({ bias: vectors.bias, rowType: "f32", bits: 0 });
  const [one, draws, trials] = [queries.subarray(0, DIM).map((value) => value / 2), 20, 20_000];
  // One bucket, and the classes that it has too rarely in one band: the bias is as large as it gets.
  const popularity = index.score(one, ids).map((score, id) => 100 + score - (vectors.bias[id] as number));
  const { bands } = await evaluate(index, one, { scan: 0, draws, counts: popularity });
  const order = Array.from(ids).sort((a, b) => (popularity[b] as number) - (popularity[a] as number) || a - b);
  const tail = new Set(order.slice(30));
  const estimates = Array.from({ length: trials }, (_, seed) => {
    const { ids: drawn, scores, logQ } = index.sample(one, draws, { scan: 0, seed });
    const weights = Array.from(scores, (score, i) => Math.exp(score - (logQ[i] as number)));
    return sum(weights.filter((_, i) => tail.has(drawn[i] as number))) / sum(weights);
  });
  const band = bands[2] as Evaluation["bands"][number];
  const mean = meanOf(estimates);
  const spread = Math.sqrt(meanOf(estimates.map((estimate) => (estimate - mean) ** 2)) / trials);
  expect(Math.abs(band.massBias), "else the test says nothing").toBeGreaterThan(5 * spread);
  expect(Math.abs(mean - band.exactMass - band.massBias)).toBeLessThan(4 * spread + 0.2 * Math.abs(band.massBias));
});

test("an index without bias has neither a unigram proposal nor bands, unless there are counts", async () => {
  const index = await loaded({ rowType: "f32" });
  const plain = await evaluate(index, queries);
  expect(plain).toMatchObject({ popularity: "none", bands: [] });
  expect(plain.proposals.map(({ name }) => name)).toEqual(["midx", "uniform"]);
  const counted = await evaluate(index, queries, { counts });
  expect(counted.bands).toHaveLength(3);
  expect(counted.proposals.map(({ name }) => name)).toEqual(["midx", "unigram", "uniform"]);
});

test("a head of all classes is exact: nothing is missed, nothing is off", async () => {
  const index = await loaded({ bias: vectors.bias });
  const { recall, logPartition, proposals, probabilityErrorP90 } = await evaluate(index, queries, { scan: ITEMS });
  for (const { topK, predict } of recall) expect([topK, predict]).toEqual([1, 1]);
  expect(logPartition).toMatchObject({ coverage: 1, lowEssShare: 0 });
  expect(logPartition.p90).toBeLessThan(1e-5);
  expect(probabilityErrorP90).toBeLessThan(1e-5);
  expect(proposals[0]?.totalVariation).toBeLessThan(1e-5);
  expect(proposals[0]?.effectiveSampleShare).toBeCloseTo(1, 5);
});

test("recall of topK is by the refined rows of an index that has residuals, and that of predict by the stored rows", async () => {
  const index = await loaded({ rowType: "i8", bits: 3, residuals: true });
  const best = (query: Float32Array) => index.topK(query, 10, { exact: true }).ids;
  const misses = truthOf(index).map(({ query, best: stored }) =>
    stored.slice(0, 10).filter((id) => !best(query).includes(id)),
  );
  expect(misses.flat()).not.toEqual([]);
  expect(await measure(index, queries, { scan: ITEMS })).toMatchObject({ recallAt10: 1 });
  const { recall } = await evaluate(index, queries, { scan: ITEMS });
  expect(recall).toEqual([1, 10, 100].map((k) => ({ k, topK: 1, predict: 1 })));
});

test("an index with fine codes is asked for topK by its recall, and its proposal by codes", async () => {
  const index = await loaded({ bias: vectors.bias, fineCodes: true });
  const codes = { proposal: "codes", scan: 25 } as const;
  const coded = await evaluate(index, queries, { ...codes, draws: DRAWS });
  const q = rows.map((query) => Array.from(index.logQ(query, ids, codes), Math.exp));
  const truth = truthOf(index).map((one, i) => ({ ...one, q: q[i] as number[] }));
  expectProposal(coded.proposals[0], truth, (one) => one.q);
  const wide = await evaluate(index, queries, { recall: 0.5 });
  const shares = truth.map(({ query, best }) => {
    const { ids: found } = index.topK(query, 10, { recall: 0.5 });
    return best.slice(0, 10).filter((id) => found.includes(id)).length / 10;
  });
  expect(wide.recall[1]?.topK).toBeCloseTo(meanOf(shares), 12);
  expect(wide.recall[1]?.topK).not.toBe(wide.recall[1]?.predict);
});

test("says how far it is, and stops when its signal is aborted", async () => {
  const index = await loaded({});
  const seen: number[] = [];
  await evaluate(index, queries, { onProgress: (done) => seen.push(done) });
  expect(seen).toEqual(rows.map((_, i) => i + 1));
  const signal = AbortSignal.abort(new Error("enough"));
  await expect(evaluate(index, queries, { signal })).rejects.toThrow("enough");
});

test("refuses by name what it can't measure", async () => {
  const index = await loaded({});
  await expect(evaluate(index, new Float32Array(0))).rejects.toThrow('"queries" expected at least one, got none');
  await expect(evaluate(index, new Float32Array(7))).rejects.toThrow('"queries" expected n × 6 values, got 7');
  await expect(evaluate(index, queries, { counts: [1] })).rejects.toThrow('"counts" expected 300 values, got 1');
  await expect(evaluate(index, queries, { recall: 1.5 })).rejects.toThrow('"recall" expected 0 to 1, got 1.5');
  await expect(measure(index, new Float32Array(0))).rejects.toThrow('"queries" expected at least one, got none');
  const empty = await load(await build({ data: new Float32Array(0), shape: [0, DIM] }));
  for (const ask of [evaluate, measure]) {
    await expect(ask(empty, queries)).rejects.toThrow('"index" expected at least one class, got none');
  }
});

test("logits that leave most classes without probability give no NaN", async () => {
  const data = Float32Array.from(vectors.data, (value) => 1e5 * value);
  const index = await load(await build({ data, shape: vectors.shape }, { calibrate: "off" }));
  const { queryCount, draws, proposal, scan, ...figures } = await measure(index, data.subarray(0, 8 * DIM));
  for (const figure of Object.values(figures)) expect(figure).not.toBeNaN();
  expect(figures.effectiveSampleShare).toBeGreaterThan(0.99);
});

test("answers without a finite bar are not counted among those whose bars held", () => {
  const flagged = { error: 3, standardError: Number.POSITIVE_INFINITY, lowEss: true };
  const answers = [
    flagged,
    flagged,
    { error: 0.1, standardError: 0.1, lowEss: false },
    { error: 0.3, standardError: 0.1, lowEss: false },
  ];
  expect(summariseErrors(answers)).toMatchObject({ coverage: 0.5, lowEssShare: 0.5 });
  expect(summariseErrors([flagged]).coverage).toBeNaN();
});
