import { beforeAll, describe, expect, test } from "vitest";
import { load, type MultiIndex } from "../../src/index.ts";
import {
  build,
  createSampler,
  encodeExamples,
  encodeSequences,
  evaluate,
  evaluateModel,
  evaluateSequences,
  labelExamples,
  type Model,
  measure,
  nextItemExamples,
  nextWordExamples,
  policyValue,
  train,
  trainSequences,
} from "../../src/train/index.ts";

// Errors name arguments that are missing or of another kind. Ids of another vocabulary never reach beyond a model's tables.

const sequences = (itemCount: number) => ({
  offsets: Uint32Array.from({ length: 9 }, (_, row) => row * 5),
  ids: Int32Array.from({ length: 40 }, (_, i) => (i * 7) % itemCount),
});
const examplesOf = (itemCount: number) => nextItemExamples(sequences(itemCount), itemCount, 3);
const matrix = { data: Float32Array.from({ length: 40 }, (_, i) => Math.sin(i)), shape: [10, 4] as const };
const classes = { rows: matrix.data, biases: new Float32Array(10) };
const any = (value: unknown): never => value as never;

let model: Model;
let loaded: MultiIndex;
beforeAll(async () => {
  loaded = await load(await build(matrix));
  model = (await train(examplesOf(20), { dim: 4, epochs: 1 })).model;
});

describe("examples of another vocabulary", () => {
  const expected = new RangeError('"examples.classCount" expected 20, as in the model, got 9000');
  test("are refused by encodeExamples", async () => {
    await expect(encodeExamples(model, examplesOf(9000))).rejects.toThrow(expected);
  });
  test("are refused by evaluateModel", async () => {
    await expect(evaluateModel(model, examplesOf(9000))).rejects.toThrow(expected);
  });
  test("are refused id by id", async () => {
    const { features, ...examples } = examplesOf(20);
    const strange = { ...examples, features: { ...features, ids: features.ids.map(() => -5) } };
    await expect(encodeExamples(model, strange)).rejects.toThrow('"examples.features.ids"[0] expected 0..19, got -5');
  });
});

describe("a model without the tables of its shape is refused by the table", () => {
  const of = { ...sequences(20), itemCount: 20 };
  const models: Record<string, [Model, (model: Model) => Promise<unknown>]> = {};
  beforeAll(async () => {
    models.features = [model, (given) => evaluateModel(given, examplesOf(20))];
    const { model: encoder } = await trainSequences(of, { dim: 4, epochs: 1 });
    models.sequences = [encoder, (given) => encodeSequences(given, of)];
  });
  test.each(["features", "sequences"])("of %s", async (kind) => {
    const [whole, ask] = models[kind] as [Model, (model: Model) => Promise<unknown>];
    const { bias, ...rest } = whole.tables;
    const saved = JSON.parse(JSON.stringify(whole)) as Model;
    await expect(ask(saved)).rejects.toThrow('"model.tables.classes" expected a Float32Array, got ');
    await expect(ask({ ...whole, tables: rest })).rejects.toThrow('"model.tables.bias" expected a Float32Array, got u');
    const short = { ...rest, bias: new Float32Array(3) };
    await expect(ask({ ...whole, tables: short })).rejects.toThrow('"model.tables.bias" expected 20 values, got 3');
    await expect(ask({ shape: whole.shape } as Model)).rejects.toThrow(
      '"model.tables.classes" expected a Float32Array',
    );
  });
});

test.each<[string, () => unknown, string]>([
  ["evaluate nothing", () => evaluate(any(undefined), matrix.data), '"index" expected a loaded index, got undefined'],
  [
    "measure a file",
    () => measure(any(new Uint8Array(9)), matrix.data),
    '"index" expected a loaded index, got a Uint8Array',
  ],
  [
    "evaluate without queries",
    () => evaluate(loaded, any(undefined)),
    '"queries" expected a Float32Array, got undefined',
  ],
  [
    "measure without queries",
    () => measure(loaded, any(undefined)),
    '"queries" expected a Float32Array, got undefined',
  ],
  [
    "a sampler of nothing",
    () => createSampler({ kind: "midx" }, any({})),
    '"rows" expected a Float32Array, got undefined',
  ],
  [
    "more draws than memory holds",
    async () => (await createSampler({ kind: "uniform" }, classes)).draw(new Float32Array(4), 2 ** 31, [], 1n),
    '"count" expected at most 16777216 (2^24 draws of a call), got 2147483648',
  ],
  [
    "a sampler without biases",
    () => createSampler({ kind: "midx" }, any({ rows: matrix.data })),
    '"biases" expected a Float32Array, got undefined',
  ],
  [
    "a sampler of rows in f64",
    () => createSampler({ kind: "lsh" }, any({ rows: new Float64Array(40), biases: new Float32Array(10) })),
    '"rows" expected a Float32Array, got a Float64Array',
  ],
  ["the value of no rows", () => policyValue(any(undefined)), '"rows" expected an array of rows, got undefined'],
  ["the value of a row that is none", () => policyValue(any([null])), '"rows"[0] expected an object, got null'],
  [
    "the value of a draw that is none",
    () => policyValue(any([{ requestId: "a", draws: [5] }])),
    '"rows"[0].draws[0] expected an object, got number',
  ],
  [
    "rows in f64",
    () => build(any({ ...matrix, data: new Float64Array(40) })),
    '"data" expected a Float32Array, got a F',
  ],
  [
    "an older index by its path",
    () => build(matrix, { warmFrom: any("old.midx") }),
    '"warmFrom" expected a Uint8Array, the bytes of an index file, got string',
  ],
  ["no older index", () => build(matrix, { warmFrom: any("") }), '"warmFrom" expected a Uint8Array'],
  [
    "labels that are none",
    () => build(matrix, { labels: any("") }),
    '"labels" expected an array of strings, got string',
  ],
  ["features that are none", () => build(matrix, { features: any(0) }), '"features" expected'],
  ["an encoder that is none", () => build(matrix, { encoder: any(false) }), '"encoder" expected'],
  [
    "columns in a map",
    () => build(matrix, { columns: any(new Map([["price", { type: "number", values: [] }]])) }),
    '"columns" expected an object of columns, got Map: pass what it holds',
  ],
  ...(["midx", "lsh", "fourier"] as const).map((kind): [string, () => unknown, string] => [
    `a seed of ${kind} that is no integer`,
    () => createSampler({ kind, seed: 1.5 }, { rows: matrix.data, biases: new Float32Array(10) }),
    '"seed" expected an integer or a bigint, got 1.5',
  ]),
  ...Object.entries({
    "biases as texts": { bias: Array(10).fill("1") },
    "biases that are null": { bias: Array(10).fill(null) },
    "biases with gaps": { bias: new Array(10) },
    "biases as bigints": { bias: new BigInt64Array(10) },
  }).map(([name, options]): [string, () => unknown, string] => [
    name,
    () => build(matrix, any(options)),
    '"bias"[0] expected a finite value of magnitude at most 2^40, got ',
  ]),
  ["counts as texts", () => build(matrix, { counts: any(Array(10).fill("2")) }), '"counts"[0] expected a value from 0'],
  [
    "a column in a map",
    () => build(matrix, { columns: { price: any(new Map([["type", "number"]])) } }),
    '"columns.price" expected an object with "type" and "values", got Map: pass what it holds',
  ],
  ["options in a map", () => build(matrix, any(new Map([["bits", 2]]))), '"options" expected an object, got Map'],
  ...(
    [
      ["midx", "scan", -1],
      ["midx", "reassignAt", Number.NaN],
      ["midx", "rebuildAt", "2"],
      ["unigram", "power", Number.NaN],
      ["unigram", "power", 17],
      ["quadratic", "alpha", -1],
      ["fourier", "frequencies", -1],
      ["fourier", "frequencies", 1.5],
      ["fourier", "sharpness", Number.POSITIVE_INFINITY],
    ] as const
  ).map(([kind, option, value]): [string, () => unknown, string] => [
    `a sampler of kind ${kind} whose ${option} is ${value}`,
    () =>
      createSampler(any({ kind, [option]: value }), {
        ...{ rows: matrix.data, biases: new Float32Array(10), counts: new Float32Array(10) },
      }),
    `"${option}" expected `,
  ]),
  [
    "a training to resume that is none",
    () => train(examplesOf(20), { resume: any("") }),
    '"resume" expected a Uint8Array',
  ],
  [
    "a list to resume from",
    () => trainSequences({ ...sequences(20), itemCount: 20 }, { resume: any([]) }),
    '"resume" expected a Uint8Array of bytes, got an array',
  ],
  [
    "examples without a model",
    () => encodeExamples(any(null), examplesOf(20)),
    '"model" expected a trained model, got null',
  ],
  ["a training for a model", () => evaluateModel(any({}), examplesOf(20)), '"model" expected a trained model'],
  [
    "no examples",
    () => evaluateModel(model, any(undefined)),
    '"examples" expected an object of examples, got undefined',
  ],
  ["train nothing", () => train(any(null)), '"examples" expected an object of examples, got null'],
  [
    "features that are no ragged ids",
    () => train(any({ ...examplesOf(20), features: [] })),
    '"examples.features" expected { offsets: Uint32Array, ids: Int32Array }, got an array',
  ],
  [
    "offsets in a plain array",
    () => trainSequences(any({ ...sequences(20), offsets: [0, 5], itemCount: 20 })),
    '"sequences.offsets" expected a Uint32Array, got an array',
  ],
  [
    "ids of another type",
    () => trainSequences(any({ ...sequences(20), ids: Uint32Array.of(1), itemCount: 20 })),
    '"sequences.ids" expected an Int32Array, got a Uint32Array',
  ],
  ["no tokens", () => nextWordExamples(any([1, 2]), 3, 1), '"tokens" expected an Int32Array, got an array'],
  ["no sequences", () => nextItemExamples(any(undefined), 3, 1), '"sequences" expected { offsets: Uint32Array'],
  ["no labels", () => labelExamples(sequences(20), any(null), 20, 20), '"labels" expected { offsets: Uint32Array'],
  [
    "a callback that is none",
    () => build(matrix, { onProgress: any(5) }),
    '"onProgress" expected a function, got number',
  ],
  ["a signal that is none", () => build(matrix, { signal: any(5) }), '"signal" expected an AbortSignal, got number'],
  [
    "features without a shape",
    () => build(matrix, { features: any({}) }),
    '"features.shape" expected [features, values',
  ],
  ["labels in a Set", () => build(matrix, { labels: any(new Set(["a"])) }), "got a Set: make it an array"],
])("%s is refused by name", async (_, call, message) => {
  await expect((async () => call())()).rejects.toThrow(message);
});

const trainings: [string, (options: object) => Promise<unknown>][] = [
  ["train", (options) => train(examplesOf(20), { dim: 4, epochs: 1, ...options })],
  [
    "trainSequences",
    (options) => trainSequences({ ...sequences(20), itemCount: 20 }, { dim: 4, epochs: 1, ...options }),
  ],
];
describe.each(trainings)("%s", (_, training) => {
  const factory = '"sampler" expected a function that makes one, (rows, biases) => createSampler(…), got';
  const sampler = '"sampler" expected a function that returns a sampler, as createSampler does, got one that returns';
  test.each<[string, object, string]>([
    ["the options of a sampler", { sampler: { kind: "midx" } }, `${factory} an object`],
    ["the kind of a sampler", { sampler: "midx" }, `${factory} string`],
    ["a sampler that is not made yet", { sampler: Promise.resolve({}) }, `${factory} a Promise: await it first`],
    ["a function that returns nothing", { sampler: () => undefined }, `${sampler} undefined`],
    ["a function that returns options", { sampler: () => ({ kind: "midx" }) }, `${sampler} an object`],
    ["a path as a checkpoint", { resume: "model.safetensors" }, '"resume" expected a Uint8Array of bytes, got string'],
  ])("refuses %s", async (_name, options, message) => {
    await expect(training(options)).rejects.toThrow(new TypeError(message));
  });
});

test.each<[object, string]>([
  [{ carry: true, withoutSeen: true }, '"withoutSeen" expected sequences without "carry": a text repeats its words'],
  [{ carry: true, positions: "last" }, '"positions" expected "all" beside "carry", got last'],
  [{ positions: "first" }, '"positions" expected last or all, got "first"'],
  [{ k: 0 }, '"k" expected 1 or more, got 0'],
  [{ length: 0 }, '"length" expected 1 or more, got 0'],
  [{ limit: 0 }, '"limit" expected 1 or more, got 0'],
])("evaluateSequences refuses %j", async (options, message) => {
  const text = { ...sequences(20), itemCount: 20 };
  const { model: ofSequences } = await trainSequences(text, { dim: 4, epochs: 0 });
  await expect(evaluateSequences(ofSequences, text, options)).rejects.toThrow(message);
});
