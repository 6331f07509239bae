import { describe, expect, test } from "vitest";
import { load, type MultiIndex } from "../../src/index.ts";
import {
  build,
  createSampler,
  encodeExamples,
  evaluate,
  evaluateModel,
  measure,
  nextItemExamples,
  sampledSoftmaxLoss,
  train,
} from "../../src/train/index.ts";
import { raggedOf } from "../../src/train/model/tasks.ts";
import { rawVectors } from "../fixtures/raw-vectors.ts";

// Refusals and their words: each message names the argument, what was expected, what was given, and the remedy.

const [N, DIM] = [60, 4];
const vectors = rawVectors(N, DIM, 9);
const [query] = vectors.queries as [Float32Array];
const matrix = { data: vectors.data, shape: vectors.shape };

const plain = build(matrix, { calibrate: "off" }).then((file) => load(file));
const coded = build(matrix, { fineCodes: true, calibrate: "off" }).then((file) => load(file));
const capped = build(matrix, { calibrate: "off" }).then((file) =>
  load(file, { maxK: 5, maxDraws: 6, maxScan: 7, maxBatch: 2 }),
);

const detached = <T extends ArrayBufferView<ArrayBuffer>>(view: T): T => {
  structuredClone(view.buffer, { transfer: [view.buffer] });
  return view;
};

/** A view of a buffer that has shrunk to half of it. */
const shrunk = (length: number): Float32Array<ArrayBuffer> => {
  const buffer = new ArrayBuffer(4 * length, { maxByteLength: 4 * length });
  const view = new Float32Array(buffer, 0, length);
  buffer.resize(2 * length);
  return view;
};

const shrunkDataView = (): DataView<ArrayBuffer> => {
  const buffer = new ArrayBuffer(8, { maxByteLength: 8 });
  const view = new DataView(buffer, 0, 8);
  buffer.resize(4);
  return view;
};

type Row = readonly [
  call: string,
  ask: (index: MultiIndex, coded: MultiIndex, capped: MultiIndex) => unknown,
  message: string,
];

const DETACHED = "expected values, got a detached buffer: pass a copy";
const SHRUNK = "expected values, got a view of a buffer that has shrunk: pass a copy";
const any = (value: unknown): never => value as never;

const UNKNOWN: readonly Row[] = [
  [
    "topK exat",
    (on) => on.topK(query, 3, any({ exat: true })),
    '"exat" is not an option of topK: did you mean "exact"?',
  ],
  [
    "topK Recall",
    (on) => on.topK(query, 3, any({ Recall: 1 })),
    '"Recall" is not an option of topK: did you mean "recall"?',
  ],
  [
    "topK nprobe",
    (on) => on.topK(query, 3, any({ nprobe: 8 })),
    '"nprobe" is not an option of topK: it takes scan, rescore, recall, exact, diversity, temperature, exclude, allow, filter, namespace, bias, history, repetitionPenalty',
  ],
  ["topK draws", (on) => on.topK(query, 3, any({ draws: 8 })), '"draws" is not an option of topK: it takes'],
  [
    "predict recall",
    (on) => on.predict(query, 3, any({ recall: 0.9 })),
    '"recall" is not an option of predict: it takes',
  ],
  ["predict tolerance", (on) => on.predict(query, 3, any({ tolerance: 1 })), '"tolerance" is not an option of predict'],
  [
    "sample draw",
    (on) => on.sample(query, 3, any({ sed: 1 })),
    '"sed" is not an option of sample: did you mean "seed"?',
  ],
  [
    "sampleTopK rescore",
    (on) => on.sampleTopK(query, 3, any({ rescore: 3 })),
    '"rescore" is not an option of sampleTopK',
  ],
  ["logPartition k", (on) => on.logPartition(query, any({ k: 3 })), '"k" is not an option of logPartition'],
  [
    "logProbability temp",
    (on) => on.logProbability(query, [1], any({ temp: 3 })),
    '"temp" is not an option of logProbability',
  ],
  [
    "score exclude",
    (on) => on.score(query, [1], any({ exclude: [1] })),
    '"exclude" is not an option of score: it takes batch',
  ],
  ["logQ seed", (on) => on.logQ(query, [1], any({ seed: 1 })), '"seed" is not an option of logQ'],
  [
    "encode weight",
    (on) => on.encode([1], any({ weight: [1] })),
    '"weight" is not an option of encode: did you mean "weights"?',
  ],
];

const CONTRADICTORY: readonly Row[] = [
  [
    "topK",
    (on) => on.topK(query, 3, { exact: true, scan: 9 }),
    '"exact" expected no "scan" beside it, got scan: 9; leave one',
  ],
  ["topK", (_, on) => on.topK(query, 3, { exact: true, rescore: 9 }), '"exact" expected no "rescore" beside it'],
  ["topK", (_, on) => on.topK(query, 3, { exact: true, recall: 0.9 }), '"exact" expected no "recall" beside it'],
  [
    "topK",
    (_, on) => on.topK(query, 3, { recall: 0.9, scan: 3 }),
    '"recall" expected no "scan" beside it, got scan: 3',
  ],
  ["topK", (_, on) => on.topK(query, 3, { recall: 0.9, rescore: 3 }), '"recall" expected no "rescore" beside it'],
  [
    "predict",
    (_, on) => on.predict(query, 3, { scan: "auto", proposal: "codes" }),
    '"proposal" expected a number as "scan" beside it, got scan: "auto"',
  ],
  [
    "predict",
    (on) => on.predict(query, 3, { scan: "auto", proposal: "buckets" }),
    '"proposal" expected a number as "scan" beside it, got scan: "auto"',
  ],
  ["predict", (on) => on.predict(query, 3, { exact: true, scan: "auto" }), '"exact" expected no "scan" beside it'],
  ["predict", (on) => on.predict(query, 3, { exact: true, draws: 9 }), '"exact" expected no "draws" beside it'],
  [
    "logPartition",
    (on) => on.logPartition(query, { exact: true, targetError: 1 }),
    '"exact" expected no "targetError"',
  ],
  [
    "logPartition",
    (on) => on.logPartition(query, { targetError: 1, proposal: "buckets" }),
    '"proposal" expected a number as "scan" beside it, got targetError: 1, which chooses the proposal too',
  ],
  [
    "logProbability",
    (on) => on.logProbability(query, [1], { targetError: 1, scan: 8 }),
    '"targetError" expected scan: "auto" beside it, or no scan, got scan: 8',
  ],
  ["sample", (on) => on.sample(query, 3, { exact: true, scan: 9 }), '"exact" expected no "scan" beside it'],
  ["sample", (_, on) => on.sample(query, 3, { exact: true, proposal: "codes" }), '"exact" expected no "proposal"'],
  ["sampleTopK", (on) => on.sampleTopK(query, 3, { exact: true, scan: 9 }), '"exact" expected no "scan" beside it'],
];

const WRONG: readonly Row[] = [
  ["null options", (on) => on.topK(query, 3, any(null)), '"options" expected an object, got null'],
  ["options that are no object", (on) => on.predict(query, 3, any(5)), '"options" expected an object, got number'],
  ["options that are an array", (on) => on.sample(query, 3, any([1])), '"options" expected an object, got an array'],
  [
    "options that are a typed array",
    (on) => on.topK(query, 3, any(new Int32Array(1))),
    '"options" expected an object, got an Int32Array',
  ],
  ["a null option", (on) => on.topK(query, 3, any({ scan: null })), '"scan" expected an integer, got null'],
  [
    "a null filter",
    (on) => on.topK(query, 3, any({ exclude: null })),
    '"exclude" expected an array of integers, got null',
  ],
  [
    "a Set",
    (on) => on.topK(query, 3, any({ exclude: new Set() })),
    '"exclude" expected an array of integers, got a Set: make it an array, Array.from(set)',
  ],
  [
    "a Set to allow",
    (on) => on.topK(query, 3, any({ allow: new Set() })),
    '"allow" expected { bitmap } or an array of integers, got a Set',
  ],
  [
    "a vector of another width",
    (on) => on.topK(new Float32Array(DIM + 1), 3),
    '"query" expected 4 values (info.dim), got 5',
  ],
  [
    "two queries without batch",
    (on) => on.topK(new Float32Array(2 * DIM), 3),
    '"query" expected 4 values (info.dim), got 8; for several queries end to end say batch: 2',
  ],
  [
    "a batch of another size",
    (on) => on.topK(query, 3, { batch: 2 }),
    '"query" expected 2 × 4 values (batch × info.dim), got 4',
  ],
  ["k", (_, __, on) => on.topK(query, 6), '"k" expected at most 5 (maxK), got 6; load(file, { maxK: 6 }) allows it'],
  [
    "draws",
    (_, __, on) => on.sample(query, 7),
    '"draws" expected at most 6 (maxDraws), got 7; load(file, { maxDraws: 7 }) allows it',
  ],
  [
    "scan",
    (_, __, on) => on.sample(query, 3, { scan: 8 }),
    '"scan" expected at most 7 (maxScan), got 8; load(file, { maxScan: 8 }) allows it',
  ],
  [
    "batch",
    (_, __, on) => on.topK(new Float32Array(3 * DIM), 3, { batch: 3 }),
    '"batch" expected at most 2 (maxBatch), got 3; load(file, { maxBatch: 3 }) allows it',
  ],
  ["recall without codes", (on) => on.topK(query, 3, { recall: 1.9 }), '"recall" expected 0 to 1, got 1.9'],
  ["a detached query", (on) => on.topK(detached(query.slice()), 3), `"query" ${DETACHED}`],
  [
    "labels as ids",
    (on) => on.score(query, any(["a"])),
    'expected an integer in 0..59, got "a": idsOf finds the ids of labels',
  ],
  ["detached ids", (on) => on.score(query, detached(Int32Array.of(1))), `"ids" ${DETACHED}`],
  ["a detached filter", (on) => on.topK(query, 3, { exclude: detached(Int32Array.of(1)) }), `"exclude" ${DETACHED}`],
  [
    "a detached bitmap",
    (on) => on.topK(query, 3, { allow: { bitmap: detached(new Uint8Array(8)) } }),
    `"allow.bitmap" ${DETACHED}`,
  ],
  ["a query that has shrunk", (on) => on.topK(shrunk(query.length), 3), `"query" ${SHRUNK}`],
  ["a filter that has shrunk", (on) => on.topK(query, 3, { exclude: shrunk(4) }), `"exclude" ${SHRUNK}`],
];

describe.each(Object.entries({ UNKNOWN, CONTRADICTORY, WRONG }))("a call of an index, %s", (_, rows) => {
  test.each(rows)("%s", async (__, ask, message) => {
    const [a, b, c] = await Promise.all([plain, coded, capped]);
    expect(() => ask(a, b, c)).toThrow(message);
  });
});

describe("options that are undefined", () => {
  test("count as absent, known or not", async () => {
    const index = await plain;
    const nothing = { scan: undefined, exact: undefined, nprobe: undefined, batch: undefined } as never;
    expect(index.topK(query, 3, nothing)).toEqual(index.topK(query, 3));
    expect(index.topK(query, 3, any({ exact: true, scan: undefined }))).toEqual(index.topK(query, 3, { exact: true }));
    expect(index.topK(query, 3, { exact: false, scan: 9 })).toEqual(index.topK(query, 3, { scan: 9 }));
  });
});

describe("k", () => {
  test("above the number of classes gives all of them in every call", async () => {
    const [index, on] = [await plain, await coded];
    for (const options of [{}, { exact: true }, { scan: 3 }]) {
      expect(index.topK(query, N + 40, options).ids).toHaveLength(N);
      expect(index.topK(query, 2 ** 40, options).ids).toHaveLength(N);
    }
    for (const options of [{}, { recall: 0.1 }, { recall: 1 }, { rescore: 2 }]) {
      expect(on.topK(query, N + 40, options).ids).toHaveLength(N);
    }
    expect(index.predict(query, N + 40, { seed: 1 }).ids).toHaveLength(N);
    expect(index.sampleTopK(query, N + 40, { seed: 1 }).ids).toHaveLength(N);
  });

  test("is at most 16,384 if there are more classes", async () => {
    const many = { data: new Float32Array(16_400), shape: [16_400, 1] as const };
    const file = await build(many, { bits: 1 });
    const index = await load(file);
    const one = Float32Array.of(1);
    expect(index.topK(one, 16_384).ids).toHaveLength(16_384);
    expect(() => index.topK(one, 16_385)).toThrow(
      '"k" expected at most 16384 (maxK), got 16385; load(file, { maxK: 16385 }) allows it',
    );
    expect((await load(file, { maxK: 16_400 })).topK(one, 20_000).ids).toHaveLength(16_400);
  });
});

const examples = nextItemExamples(
  raggedOf([
    [0, 1, 2, 3],
    [2, 3, 4],
  ]),
  5,
  2,
);
const classes = { rows: vectors.data, biases: vectors.bias };

const FUNCTIONS: readonly (readonly [call: string, ask: () => unknown, message: string])[] = [
  [
    "load maxk",
    () => load(any(new Uint8Array(8)), any({ maxk: 5 })),
    '"maxk" is not an option of load: did you mean "maxK"?',
  ],
  ["load null", () => load(any(new Uint8Array(8)), any(null)), '"options" expected an object, got null'],
  [
    "load maxK null",
    () => load(any(new Uint8Array(8)), any({ maxK: null })),
    '"maxK" expected a positive integer, got null',
  ],
  [
    "load maxDelta 1.5",
    () => load(any(new Uint8Array(8)), { maxDelta: 1.5 }),
    '"maxDelta" expected 0 or a positive integer, got 1.5',
  ],
  ["load detached", () => load(detached(new Uint8Array(8))), `"source" ${DETACHED}`],
  ["load a detached buffer", () => load(detached(new Uint8Array(8)).buffer), `"source" ${DETACHED}`],
  ["load what has shrunk", () => load(shrunk(8)), `"source" ${SHRUNK}`],
  ["load a DataView of what has shrunk", () => load(shrunkDataView()), `"source" ${SHRUNK}`],
  ["build label", () => build(matrix, any({ label: [] })), '"label" is not an option of build: did you mean "labels"?'],
  ["build null", () => build(matrix, any(null)), '"options" expected an object, got null'],
  [
    "build labels null",
    () => build(matrix, any({ labels: null })),
    '"labels" of build expected a value, got null: leave it out',
  ],
  [
    "build no matrix",
    () => build(any(null)),
    '"embeddings" expected { data, shape: [rows, values per row] }, got null',
  ],
  ["build detached", () => build({ ...matrix, data: detached(matrix.data.slice()) }), `"data" ${DETACHED}`],
  ["build detached bias", () => build(matrix, { bias: detached(new Float32Array(N)) }), `"bias" ${DETACHED}`],
  [
    "build bias of a Set",
    () => build(matrix, any({ bias: new Set() })),
    '"bias" expected an array of numbers, got a Set',
  ],
  [
    "build fit",
    () => build(matrix, { fit: any({ scann: 1 }), queries: query }),
    '"scann" is not an option of fit of build: did you mean "scan"?',
  ],
  ["build fit null", () => build(matrix, any({ fit: null })), '"fit" of build expected a value, got null'],
  [
    "build features",
    () => build(matrix, { features: any({ ...matrix, names: [] }) }),
    '"names" is not an option of features of build: it takes data, shape, positions, labels, pooling',
  ],
  ["evaluate", async () => evaluate(await plain, query, any({ limit: 3 })), '"limit" is not an option of evaluate'],
  [
    "evaluate by codes",
    async () => evaluate(await plain, query, { proposal: "codes" }),
    '"proposal" expected an index built with "fineCodes" (--fine-codes) for "codes", got one without',
  ],
  [
    "measure",
    async () => measure(await plain, query, any({ drws: 3 })),
    '"drws" is not an option of measure: did you mean "draws"?',
  ],
  ["train", () => train(examples, any({ epoch: 3 })), '"epoch" is not an option of train: did you mean "epochs"?'],
  [
    "train negatives",
    () => train(examples, { negatives: 3 }),
    '"negatives" expected "sampler" beside it and has no effect without it',
  ],
  ["train heldOutLimit", () => train(examples, { heldOutLimit: 3 }), '"heldOutLimit" expected "heldOut" beside it'],
  [
    "evaluateModel",
    () => evaluateModel(any({}), examples, any({ limits: 1 })),
    '"limits" is not an option of evaluateModel: did you mean "limit"?',
  ],
  [
    "encodeExamples",
    () => encodeExamples(any({}), examples, any({ limits: 1 })),
    '"limits" is not an option of encodeExamples: did you mean "limit"?',
  ],
  [
    "createSampler",
    () => createSampler(any({ kind: "midx", tables: 3 }), classes),
    '"tables" is not an option of createSampler of kind "midx"',
  ],
  ["createSampler null", () => createSampler(any(null), classes), '"kind" expected one of full, uniform'],
  [
    "createSampler classes",
    () => createSampler({ kind: "uniform" }, any(null)),
    '"classes" expected { rows, biases }, got null',
  ],
  [
    "sampledSoftmaxLoss",
    async () => sampledSoftmaxLoss(any({ form: "B", logits: [] })),
    '"logits" is not an option of sampledSoftmaxLoss: it takes form, query, positives, sampled',
  ],
];

test.each(FUNCTIONS)("a function of the library: %s", async (_, ask, message) => {
  await expect((async () => ask())()).rejects.toThrow(message);
});
