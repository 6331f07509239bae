import { describe, expect, test } from "vitest";
import { headOf } from "../fixtures/open.ts";
import { storedIndex } from "../fixtures/stored-index.ts";
import { LARGE } from "../run/size.ts";
import { enumerate, logSumExp, proposal } from "../statistics/enumeration.ts";
import { chancesOf, IDS, logLine, type Shop, shop, USERS, userOf, type Visits, valueFrom, visits } from "./shop.ts";

/** The number of logs of which the share with a covering interval is taken. */
const LOGS = LARGE ? 400 : 80;
/** The requests of the logs that tests of one log have. */
const REQUESTS = LARGE ? 4000 : 3000;

/** The softmax of all classes except these, in f64 from the file's tables. */
function softmax({ file }: Shop, query: Float32Array, temperature: number, excluded: readonly number[]): Float64Array {
  const logits = enumerate(storedIndex(file), query).scores.map((score, id) =>
    excluded.includes(id) ? Number.NEGATIVE_INFINITY : score / temperature,
  );
  const logZ = logSumExp(logits);
  return logits.map((logit) => Math.exp(logit - logZ));
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, value, i) => sum + value * (b[i] as number), 0);

const shops = {
  rq: { a: await shop(1, "rq"), b: await shop(2, "rq") },
  pq: { a: await shop(3, "pq"), b: await shop(4, "pq") },
};

test("the contributions of draws average to a candidate's value where both indexes have outliers", async () => {
  const count = 280;
  const [a, b] = [await shop(5, "rq", undefined, count), await shop(6, "pq", undefined, count)];
  expect([a.index.info.outlierCount, b.index.info.outlierCount]).toEqual([35, 35]);
  const [vector, chances] = [userOf(4), chancesOf(4, count)];
  const queries = [JSON.stringify({ requestId: "x", vector: [...vector] })];
  const all = Array.from({ length: count }, (_, id) => id);
  const logQ = a.index.logQ(vector, all, { scan: 16 });
  let average = 0;
  for (const id of all) {
    const logs = [logLine("x", [id], [logQ[id] as number])];
    const rewards = [JSON.stringify({ requestId: "x", id, reward: chances[id] })];
    const { ips } = await valueFrom({ logs, rewards, queries }, b.index, { policy: "softmax", temperature: 1 });
    average += Math.exp(logQ[id] as number) * ips.mean;
  }
  expect(Math.abs(average - dot(softmax(b, vector, 1, []), chances))).toBeLessThan(1e-6);
});

describe.each(["rq", "pq"] as const)("over all classes of %s", (quantizer) => {
  const { a, b } = shops[quantizer];
  describe.each([
    { name: "the softmax of another index", shop: b, temperature: 1, excluded: [] },
    { name: "the softmax at another temperature", shop: a, temperature: 0.6, excluded: [] },
    { name: "another index and temperature, without an excluded set", shop: b, temperature: 1.7, excluded: [0, 7, 21] },
  ])("$name", ({ shop: { index }, shop: candidateShop, temperature, excluded }) => {
    test.each([1, 2, 3])("the contributions of draws average to its value, for user %i", async (user) => {
      const vector = userOf(user);
      const chances = chancesOf(user);
      const filters = { exclude: excluded };
      const queries = [JSON.stringify({ requestId: "x", vector: [...vector], ...filters })];
      for (const scan of [0, 8]) {
        const logQ = a.index.logQ(vector, IDS, { scan, ...filters });
        const expected = dot(softmax(candidateShop, vector, temperature, excluded), chances);
        let average = 0;
        for (const id of IDS.filter((one) => !excluded.includes(one))) {
          const logs = [logLine("x", [id], [logQ[id] as number])];
          const rewards = [JSON.stringify({ requestId: "x", id, reward: chances[id] })];
          const { ips } = await valueFrom({ logs, rewards, queries }, index, { policy: "softmax", temperature });
          average += Math.exp(logQ[id] as number) * ips.mean;
        }
        expect(Math.abs(average - expected), `scan ${scan}`).toBeLessThan(1e-6);
      }
    });
  });

  test.each([
    ["none right", (id: number) => Math.cos(3 * id)],
    ["of some classes", (id: number) => (id % 3 === 0 ? 1 : 0)],
  ])("the doubly robust contributions average to its value, whatever is predicted: %s", async (_, predictedOf) => {
    const vector = userOf(2);
    const chances = chancesOf(2);
    const queries = [JSON.stringify({ requestId: "x", vector: [...vector] })];
    const ids = IDS.filter((id) => predictedOf(id) !== 0);
    const predictions = [JSON.stringify({ requestId: "x", ids, rewards: ids.map(predictedOf) })];
    const logQ = a.index.logQ(vector, IDS, { scan: 8 });
    let average = 0;
    for (const id of IDS) {
      const logs = [logLine("x", [id], [logQ[id] as number])];
      const rewards = [JSON.stringify({ requestId: "x", id, reward: chances[id] })];
      const { doublyRobust } = await valueFrom({ logs, rewards, queries, predictions }, b.index);
      average += Math.exp(logQ[id] as number) * (doublyRobust?.mean as number);
    }
    expect(Math.abs(average - dot(softmax(b, vector, 1, []), chances))).toBeLessThan(1e-6);
  });

  test("where predictions are right, every draw alone gives the doubly robust value", async () => {
    const vector = userOf(3);
    const chances = chancesOf(3);
    const queries = [JSON.stringify({ requestId: "x", vector: [...vector] })];
    const predictions = [JSON.stringify({ requestId: "x", ids: IDS, rewards: chances })];
    const truth = dot(softmax(b, vector, 1, []), chances);
    for (const id of IDS) {
      const logs = [logLine("x", [id], [-3])];
      const rewards = [JSON.stringify({ requestId: "x", id, reward: chances[id] })];
      const { doublyRobust, ips } = await valueFrom({ logs, rewards, queries, predictions }, b.index);
      expect(doublyRobust?.mean).toBeCloseTo(truth, 5);
      expect(Math.abs(ips.mean - truth)).toBeGreaterThan(1e-4);
    }
  });

  test("the logged log Q is that of the tables, so the average is over the real draws", () => {
    const vector = userOf(1);
    for (const scan of [0, 8]) {
      const logQ = a.index.logQ(vector, IDS, { scan });
      const expected = proposal(enumerate(storedIndex(a.file), vector), headOf(a.opened)).logQ;
      for (const id of IDS) expect(logQ[id]).toBeCloseTo(expected[id] as number, 5);
    }
  });

  test("a candidate that is a proposal is worth what its own draws are", async () => {
    const vector = userOf(4);
    const chances = chancesOf(4);
    const queries = [JSON.stringify({ requestId: "x", vector: [...vector] })];
    const logQ = a.index.logQ(vector, IDS, { scan: 4 });
    const own = b.index.logQ(vector, IDS, { scan: 0, temperature: 1.3 });
    let average = 0;
    for (const id of IDS) {
      const logs = [logLine("x", [id], [logQ[id] as number])];
      const rewards = [JSON.stringify({ requestId: "x", id, reward: chances[id] })];
      const candidate = { policy: "sample", scan: 0, temperature: 1.3 } as const;
      average +=
        Math.exp(logQ[id] as number) * (await valueFrom({ logs, rewards, queries }, b.index, candidate)).ips.mean;
    }
    expect(Math.abs(average - dot(own.map(Math.exp), chances))).toBeLessThan(1e-6);
  });
});

const trueValue = (candidate: Shop, temperature: number): number =>
  USERS.reduce((sum, { vector, chances }) => sum + dot(softmax(candidate, vector, temperature, []), chances), 0) /
  USERS.length;

describe("by chance", () => {
  const { a, b } = shops.rq;
  const candidates = [
    { name: "another index", shop: b, temperature: 1 },
    { name: "another temperature", shop: a, temperature: 0.7 },
  ];

  test.each(candidates)("thousands of requests give the value of $name within 4 standard errors", async (candidate) => {
    const { shop: candidateShop, temperature } = candidate;
    const truth = trueValue(candidateShop, temperature);
    for (const [seed, draws] of (LARGE ? [1, 1, 3] : [1, 3]).entries()) {
      const files = visits(a, { requests: REQUESTS, draws, seed });
      const value = await valueFrom(files, candidateShop.index, { policy: "softmax", temperature });
      for (const { mean, standardError } of [value.ips, value.snips]) {
        expect(Math.abs(mean - truth)).toBeLessThan(4 * standardError);
        expect(standardError).toBeLessThan(0.03);
      }
      expect(Math.abs(value.meanWeight.mean - 1)).toBeLessThan(4 * value.meanWeight.standardError);
      expect(value.effectiveRequests).toBeGreaterThan(REQUESTS / 4);
      expect(value.effectiveRequests).toBeLessThan(REQUESTS);
    }
  });

  /**
   * The share of these logs of 250 requests whose interval of ± 1.96 standard errors covers the truth, for each
   * estimate.
   */
  async function coverage(candidate: Shop, temperature: number, how: Pick<Visits, "draws" | "liked">) {
    const truth = trueValue(candidate, temperature);
    const logged =
      USERS.reduce((sum, { vector, chances }) => {
        return sum + dot(a.index.logQ(vector, IDS, { scan: 8 }).map(Math.exp), chances);
      }, 0) / USERS.length;
    const truths = { ips: truth, snips: truth, logged, difference: truth - logged, snipsDifference: truth - logged };
    const covered = { ips: 0, snips: 0, logged: 0, difference: 0, snipsDifference: 0 };
    let effective = 0;
    for (let seed = 10; seed < 10 + LOGS; seed++) {
      const files = visits(a, { requests: 250, seed, ...how });
      const value = await valueFrom(files, candidate.index, { policy: "softmax", temperature });
      effective += value.effectiveRequests / LOGS;
      for (const name of Object.keys(covered) as (keyof typeof covered)[]) {
        const { mean, standardError } = value[name];
        if (Math.abs(mean - truths[name]) <= 1.96 * standardError) covered[name] += 1 / LOGS;
      }
    }
    return { effective, covered };
  }

  const HOWS = [
    { draws: 4, liked: "mood" },
    { draws: 1, liked: "item" },
  ] as const;
  test.each(LARGE ? HOWS : HOWS.slice(0, 1))(
    "standard errors cover the truth as often as they say, $draws draws a request",
    async (how) => {
      const { effective, covered } = await coverage(a, 0.7, how);
      expect(effective).toBeGreaterThan(150);
      // The expected share is .95, with a standard error of .011, or of .024 if fewer logs are made. Self-normalised
      // differences of 250 requests cover less: .935 in 1,600 logs.
      for (const [name, share] of Object.entries(covered)) {
        expect(share, name).toBeGreaterThan(LARGE ? 0.9 : 0.835);
        expect(share, name).toBeLessThan(LARGE ? 0.985 : 0.9999);
      }
    },
  );

  test("where few requests carry all the weight, standard errors are too small: they have not met the largest", async () => {
    const { effective, covered } = await coverage(b, 0.7, { draws: 1, liked: "item" });
    expect(effective).toBeLessThan(70);
    expect(covered.difference).toBeLessThan(0.9);
    expect(covered.snipsDifference).toBeGreaterThan(covered.difference);
  });

  test("SNIPS improves with more requests, and is exact for equal rewards", async () => {
    const truth = trueValue(b, 1);
    const errors: number[] = [];
    for (const requests of [100, LARGE ? 6400 : 2500]) {
      const values = await Promise.all(
        [1, 2, 3, 4, 5, 6].map((seed) => valueFrom(visits(a, { requests, draws: 1, seed: 500 + seed }), b.index)),
      );
      errors.push(
        Math.sqrt(
          dot(
            values.map(({ snips }) => (snips.mean - truth) ** 2),
            Array(6).fill(1 / 6),
          ),
        ),
      );
    }
    // The expected factor is 8, or 5.
    expect(errors[1]).toBeLessThan((errors[0] as number) / 3);
    const { logs, queries } = visits(a, { requests: 50, draws: 2, seed: 900 });
    const rewards = logs.flatMap((line) => {
      const { requestId, ids } = JSON.parse(line) as { requestId: string; ids: number[] };
      return [...new Set(ids)].map((id) => JSON.stringify({ requestId, id, reward: 3 }));
    });
    const value = await valueFrom({ logs, queries, rewards }, b.index);
    expect(value.snips.mean).toBeCloseTo(3, 12);
    expect(value.snips.standardError).toBeLessThan(1e-12);
    expect(Math.abs(value.ips.mean - 3)).toBeGreaterThan(0.01);
  });

  test("predictions of the mean reward make the doubly robust estimate the surest", async () => {
    const truth = trueValue(b, 1);
    const files = visits(a, { requests: 2000, draws: 1, seed: 77 });
    const vectors = new Map(USERS.map(({ vector, chances }) => [JSON.stringify([...vector]), chances]));
    const predictions = files.queries.map((line) => {
      const { requestId, vector } = JSON.parse(line) as { requestId: string; vector: number[] };
      return JSON.stringify({ requestId, ids: IDS, rewards: vectors.get(JSON.stringify(vector)) });
    });
    const value = await valueFrom({ ...files, predictions }, b.index);
    const { doublyRobust, doublyRobustDifference, snips, ips } = value;
    expect(doublyRobust?.standardError).toBeLessThan(0.9 * ips.standardError);
    expect(doublyRobust?.standardError).toBeLessThan(1.01 * snips.standardError);
    expect(doublyRobust?.low).toBeLessThan(truth);
    expect(doublyRobust?.high).toBeGreaterThan(truth);
    expect(doublyRobustDifference?.mean).toBeCloseTo((doublyRobust?.mean as number) - value.logged.mean, 12);
  });

  test("the policy that drew is worth the rewards it got, exactly: every weight is 1", async () => {
    const value = await valueFrom(visits(a, { requests: 200, draws: 2, seed: 7 }), a.index, {
      policy: "sample",
      scan: 8,
    });
    expect(value.largest.weight).toBe(1);
    expect(value.effectiveRequests).toBe(200);
    expect(value.ips).toEqual(value.logged);
    expect(value.difference).toEqual({ mean: 0, standardError: 0, deviation: 0, low: 0, high: 0 });
  });

  test("an estimated log Z gives nearly the same value", async () => {
    const files = visits(a, { requests: 500, draws: 1, seed: 8 });
    const exact = await valueFrom(files, b.index);
    const estimated = await valueFrom(files, b.index, { policy: "estimated", scan: 8 });
    expect(estimated.ips.mean).not.toBe(exact.ips.mean);
    expect(estimated.ips.mean / exact.ips.mean).toBeCloseTo(1, 1);
  });
});
