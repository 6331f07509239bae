import { describe, expect, test } from "vitest";
import type { ConditionOptions } from "../../src/answers/options.ts";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { open } from "../fixtures/open.ts";
import { rawVectors } from "../fixtures/raw-vectors.ts";

// Calls that change logits: beside an index that was built with them, in batches, and what they refuse.

const [N, DIM] = [300, 6];
const IDS = Array.from({ length: N }, (_, id) => id);
const vectors = rawVectors(N, DIM, 4);
const [small, query, large] = vectors.queries as [Float32Array, Float32Array, Float32Array];
const LIMITS = { maxK: N, maxScan: N, maxBatch: 8, maxChanged: 40 };

describe.each(["f32", "f16", "i8"] as const)("a bias of a call, %s rows", (rowType) => {
  const changed = IDS.filter((id) => id % 9 === 2);
  const stored = vectors.bias.map((value, id) => (changed.includes(id) ? 0 : value));
  const values = changed.map((id) => Math.fround(4 * Math.sin(id)));
  const opening = Promise.all(
    [stored, stored.map((value, id) => (changed.includes(id) ? (values[changed.indexOf(id)] as number) : value))].map(
      async (bias) => (await open(await buildIndex(vectors, { bias, rowType, fineCodes: true }), LIMITS)).index,
    ),
  );

  test("is a stored bias: the best classes bit for bit, and log Z", async () => {
    const [index, built] = (await opening) as [MultiIndex, MultiIndex];
    for (const z of vectors.queries) {
      for (const temperature of [1, 0.4, 3]) {
        const options = { temperature, bias: { ids: changed, values } };
        const { ids, scores } = index.topK(z, 50, { ...options, exact: true });
        const expected = built.topK(z, 50, { temperature, exact: true });
        expect({ ids, scores }).toEqual({ ids: expected.ids, scores: expected.scores });
        const { logPartition } = index.predict(z, 1, { ...options, exact: true });
        const { logPartition: wanted } = built.predict(z, 1, { temperature, exact: true });
        expect(Math.abs(logPartition - wanted)).toBeLessThanOrEqual(2 ** -20 * Math.max(1, Math.abs(wanted)));
      }
    }
  });
});

const opening = buildIndex(vectors, { bias: vectors.bias, fineCodes: true }).then(
  async (file) => (await open(file, LIMITS)).index,
);

/** Every call that has conditions. */
const CALLS: Record<string, (on: MultiIndex, z: Float32Array, options: object) => unknown> = {
  topK: (on, z, options) => on.topK(z, 10, options),
  "topK exact": (on, z, options) => on.topK(z, 10, { ...options, exact: true }),
  predict: (on, z, options) => on.predict(z, 10, { ...options, scan: 20, seed: 1 }),
  logPartition: (on, z, options) => on.logPartition(z, { ...options, scan: 20, seed: 1 }),
  logProbability: (on, z, options) => on.logProbability(z, IDS, { ...options, scan: 20, seed: 1 }),
  sample: (on, z, options) => on.sample(z, 30, { ...options, proposal: "codes", scan: 20, seed: 1 }),
  "sample exact": (on, z, options) => on.sample(z, 30, { ...options, exact: true, seed: 1 }),
  sampleTopK: (on, z, options) => on.sampleTopK(z, 10, { ...options, scan: 20, seed: 1 }),
  logQ: (on, z, options) => on.logQ(z, IDS, { ...options, scan: 20 }),
};

const conditions: readonly ConditionOptions[] = [
  { history: [5, 5, 9], repetitionPenalty: 1.4, frequencyPenalty: 0.5 },
  {},
  { temperature: 0.5, bias: { ids: [299, 0], values: [3, Number.NEGATIVE_INFINITY] }, exclude: [7] },
  { allow: IDS.filter((id) => id % 2 === 1), history: [1, 3], presencePenalty: 2 },
  { history: [5, 5, 9], repetitionPenalty: 1.1, frequencyPenalty: 0.25 },
];

describe.each(Object.entries(CALLS))("%s", (_, call) => {
  test("answers each query of a batch under its own conditions, as a call of its own does", async () => {
    const index = await opening;
    const queries = conditions.map((_, i) => vectors.queries[i % 3] as Float32Array);
    const flat = Float32Array.from(queries.flatMap((z) => Array.from(z)));
    const singles = queries.map((z, i) => call(index, z, conditions[i] as object));
    expect(call(index, flat, { batch: queries.length, conditions })).toEqual(singles);
    expect(call(index, new Float32Array(0), { batch: 0, conditions: [] })).toEqual([]);
    expect(call(index, large, { batch: 1, conditions: [{}] })).toEqual([call(index, large, {})]);
  });

  test("answers as without conditions where they change nothing", async () => {
    const index = await opening;
    const plain = call(index, query, {});
    expect(call(index, query, { history: [1, 2, 3] })).toEqual(plain);
    expect(call(index, query, { history: [], frequencyPenalty: 2, bias: { ids: [], values: [] } })).toEqual(plain);
    const bans = { ids: [4, 8], values: [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY] };
    expect(call(index, query, { bias: bans, history: [4], presencePenalty: 1 })).toEqual(
      call(index, query, { exclude: [4, 8] }),
    );
  });
});

test("an answer has changed logits, and log-probabilities are those over T less log Z", async () => {
  const index = await opening;
  const options = { bias: { ids: [3], values: [50] }, history: [3], repetitionPenalty: 2, temperature: 2 };
  const { ids, scores, probabilities, logPartition } = index.predict(small, 1, { ...options, exact: true });
  expect(ids).toEqual(Int32Array.of(3));
  const [row] = index.score(small, [3]) as unknown as [number];
  expect(scores[0]).toBe(Math.fround((row + 50) / 2));
  expect(probabilities[0]).toBeCloseTo(Math.exp((scores[0] as number) / 2 - logPartition), 12);
});

const any = (value: unknown): never => value as never;

const REFUSED: readonly (readonly [name: string, options: ConditionOptions, message: string])[] = [
  ["bias that is no object", { bias: any([1]) }, '"bias" expected an object, got an array'],
  ["bias without values", { bias: any({ ids: [1] }) }, '"bias.values" expected an array of numbers, got undefined'],
  [
    "bias with more",
    { bias: any({ ids: [], values: [], id: 1 }) },
    '"id" is not an option of bias: it takes ids, values',
  ],
  [
    "unequal lengths",
    { bias: { ids: [1, 2], values: [1] } },
    '"bias.values" expected 2 values, one for each of "ids", got 1',
  ],
  [
    "an unknown class",
    { bias: { ids: [1, 300], values: [1, 2] } },
    '"bias.ids"[1] expected an integer in 0..299, got 300',
  ],
  [
    "a class twice",
    { bias: { ids: [7, 1, 7], values: [1, 2, 3] } },
    '"bias.ids"[2] expected every class once, got 7 again: add its biases up',
  ],
  [
    "NaN",
    { bias: { ids: [1, 2], values: [1, Number.NaN] } },
    '"bias.values"[1] expected a number of magnitude at most 2^40, or -Infinity to ban the class, got NaN',
  ],
  ["Infinity", { bias: { ids: [1], values: [1 / 0] } }, '"bias.values"[0] expected a number of magnitude'],
  ["too large a bias", { bias: { ids: [1], values: [-(2 ** 41)] } }, '"bias.values"[0] expected a number of magnitude'],
  ["a bias as text", { bias: { ids: [1], values: any(["1"]) } }, 'or -Infinity to ban the class, got "1"'],
  ["a class that is none", { history: [3, -1] }, '"history"[1] expected an integer in 0..299, got -1'],
  ["a part of a class", { history: [0.5], presencePenalty: 1 }, '"history"[0] expected an integer in 0..299, got 0.5'],
  ...["repetitionPenalty", "presencePenalty", "frequencyPenalty"].map((name): [string, ConditionOptions, string] => [
    `${name} alone`,
    { [name]: 1 },
    `"${name}" expected "history" beside it, the ids that were seen, and has no effect without it`,
  ]),
  [
    "a repetition penalty of 0",
    { history: [1], repetitionPenalty: 0 },
    '"repetitionPenalty" expected 2^-20 to 2^20 (about 1e-6 to 1e6), got 0',
  ],
  [
    "NaN as a penalty",
    { history: [1], presencePenalty: Number.NaN },
    '"presencePenalty" expected -2^20 to 2^20 (about -1e6 to 1e6), got NaN',
  ],
  ["a penalty as text", { history: [1], frequencyPenalty: any("1") }, '"frequencyPenalty" expected a number, got "1"'],
  [
    "more biases than maxChanged",
    { bias: { ids: IDS.slice(0, 41), values: IDS.slice(0, 41) } },
    '"bias" expected at most 40 different classes (maxChanged), got 41; load(file, { maxChanged: 41 }) allows it',
  ],
  [
    "more of both than maxChanged",
    { bias: { ids: [299], values: [1] }, history: IDS.slice(0, 40), presencePenalty: 1 },
    '"bias" and "history" expected at most 40 different classes (maxChanged), got 41',
  ],
];

describe("a call refuses", () => {
  test.each(REFUSED)("%s", async (_, options, message) => {
    const index = await opening;
    const before = index.predict(query, 5, { seed: 1 });
    expect(() => index.predict(query, 5, options)).toThrow(message);
    const batch = { batch: 2, conditions: [{}, options] };
    const ofItsOwn = message.includes(" of bias") ? message : '"conditions[1].';
    expect(() => index.predict(new Float32Array(2 * DIM), 5, batch)).toThrow(ofItsOwn);
    expect(index.predict(query, 5, { seed: 1 })).toEqual(before);
  });

  test("classes beyond maxChanged only where they differ, and are not filtered out", async () => {
    const index = await opening;
    const history = [...IDS.slice(0, 40), ...IDS.slice(0, 40)];
    expect(index.topK(query, 3, { history, presencePenalty: 1 }).ids).toHaveLength(3);
    expect(index.topK(query, 3, { history: IDS, presencePenalty: 1, allow: [1, 2, 3, 4] }).ids).toHaveLength(3);
  });

  test.each([
    ["conditions alone", { conditions: [{}] }, '"conditions" expected "batch" beside it, the number of queries'],
    ["too few", { batch: 2, conditions: [{}] }, '"conditions" expected 2 of them, one for each query, got 1'],
    ["no array", { batch: 2, conditions: any({}) }, '"conditions" expected an array of conditions, got an object'],
    ["null", { batch: 2, conditions: any([{}, null]) }, '"conditions[1]" expected an object, got null'],
    [
      "an option of the call",
      { batch: 2, conditions: any([{}, { scan: 1 }]) },
      '"scan" is not an option of conditions[1]: it takes temperature',
    ],
    [
      "conditions of the call beside them",
      { batch: 2, conditions: [{}, {}], temperature: 2 },
      '"conditions" expected no "temperature" beside it, got temperature: 2; leave one of them out',
    ],
    [
      "a wrong filter",
      { batch: 2, conditions: [{}, { exclude: [1, 300] }] },
      '"conditions[1].exclude"[1] expected an integer in 0..299, got 300',
    ],
  ])("as conditions of a batch: %s", async (_, options, message) => {
    const index = await opening;
    const run = () => index.topK(new Float32Array(("batch" in options ? 2 : 1) * DIM), 3, any(options));
    expect(run).toThrow(message);
  });
});
