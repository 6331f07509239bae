import type { MultiIndex } from "../../../src/index.ts";
import { goldenQuery } from "../../golden/input.ts";
import type { Files, Library } from "./library.ts";

/** The indexes that odd inputs are tried on. */
export interface Subjects extends Readonly<Record<Exclude<keyof Files, "small" | "encoder">, MultiIndex>> {
  readonly load: Library["load"];
  readonly files: Files;
}

export interface OddInput {
  readonly name: string;
  readonly call: (subjects: Subjects) => unknown;
  /** `Class: message` of the error, or the answer as text. */
  readonly gives: string;
}

export async function openSubjects({ load }: Library, files: Files): Promise<Subjects> {
  const [golden, withoutCodes, empty, single, equal] = await Promise.all([
    load(files.golden),
    load(files.withoutCodes),
    load(files.empty),
    load(files.single),
    load(files.equal),
  ]);
  return { golden, withoutCodes, empty, single, equal, load, files };
}

/**
 * Describes an error by its class and its code, if it has one, and anything else as JSON. Numbers that JSON lacks are
 * given by name.
 */
export async function outcomeOf(call: () => unknown): Promise<string> {
  try {
    return JSON.stringify(await call(), (_, value: unknown) => {
      if (ArrayBuffer.isView(value)) return Array.from(value as Float32Array);
      return typeof value === "bigint" || (typeof value === "number" && !Number.isFinite(value))
        ? String(value)
        : value;
    });
  } catch (error) {
    if (!(error instanceof Error)) return `thrown: ${String(error)}`;
    return "code" in error && error.name === "FormatError"
      ? `FormatError: ${String(error.code)}`
      : `${classOf(error)}: ${error.message}`;
  }
}

function classOf(error: Error): string {
  if (error instanceof RangeError) return "RangeError";
  if (error instanceof TypeError) return "TypeError";
  return error.constructor === Error ? "Error" : error.name;
}

const good = goldenQuery(0);
const plain = Array.from(good);

/** A query as a plain array with another fourth value. */
const queryWith = (value: unknown): number[] => plain.with(3, value as number);

const detached = (): Float32Array => {
  const query = good.slice();
  structuredClone(query.buffer, { transfer: [query.buffer] });
  return query;
};

const BAD_VALUE = 'RangeError: "query"[3] expected a finite number of magnitude at most 2^40, got';
const BAD_TYPE = 'TypeError: "query"[3] expected a finite number of magnitude at most 2^40, got';
const NO_ARRAY = 'TypeError: "query" expected a Float32Array or an array of numbers, got';
const BAD_TEMPERATURE = 'RangeError: "temperature" expected 2^-20 to 2^20 (about 1e-6 to 1e6), got';

const allFinite = (...values: readonly ArrayLike<number>[]): boolean =>
  values.every((part) => Array.from(part).every(Number.isFinite));

/** Returns whether five kinds of call give finite numbers. */
function answersAreFinite(index: MultiIndex, query: readonly number[]): boolean {
  const predicted = index.predict(query, 5, { scan: 50, seed: 1 });
  const drawn = index.sample(query, 20, { scan: 50, seed: 1 });
  const { lower, upper } = index.logPartition(query, { scan: 50, seed: 1 });
  return allFinite(
    index.topK(query, 5).scores,
    index.topK(query, 5, { exact: true }).scores,
    predicted.scores,
    predicted.probabilities,
    drawn.scores,
    drawn.logQ,
    [predicted.logPartition, lower, upper],
  );
}

/** Returns "same" if a query in another shape gives the answers of the plain one. */
function sameAs(index: MultiIndex, query: unknown): string {
  const answers = (asked: number[]): string =>
    JSON.stringify([Array.from(index.topK(asked, 5).scores), Array.from(index.sample(asked, 5, { seed: 1 }).logQ)]);
  return answers(query as number[]) === answers(plain) ? "same" : "different";
}

const QUERIES: readonly OddInput[] = [
  { name: "NaN in a query", call: ({ golden }) => golden.topK(queryWith(Number.NaN), 3), gives: `${BAD_VALUE} NaN` },
  {
    name: "∞ in a query",
    call: ({ golden }) => golden.predict(queryWith(Number.POSITIVE_INFINITY), 3),
    gives: `${BAD_VALUE} Infinity`,
  },
  {
    name: "−∞ in a query",
    call: ({ golden }) => golden.sample(queryWith(Number.NEGATIVE_INFINITY), 3),
    gives: `${BAD_VALUE} -Infinity`,
  },
  {
    name: "1e39, infinite as f32, in a query",
    call: ({ golden }) => golden.logPartition(queryWith(1e39)),
    gives: `${BAD_VALUE} 1e+39`,
  },
  {
    name: "3e38, finite as f32, in a query",
    call: ({ golden }) => golden.score(queryWith(3e38), [0]),
    gives: `${BAD_VALUE} 3e+38`,
  },
  {
    name: "just above 2^40 in a query",
    call: ({ golden }) => golden.topK(queryWith(-(2 ** 40 + 2 ** 17)), 3),
    gives: `${BAD_VALUE} -1099511758848`,
  },
  {
    name: "NaN in a Float32Array",
    call: ({ golden }) => golden.logQ(Float32Array.from(queryWith(Number.NaN)), [0]),
    gives: `${BAD_VALUE} NaN`,
  },
  {
    name: "NaN in the second query of a batch",
    call: ({ golden }) => golden.topK([...plain, ...queryWith(Number.NaN)], 3, { batch: 2 }),
    gives: BAD_VALUE.replace("[3]", "[23]").concat(" NaN"),
  },
  { name: "a text in a query", call: ({ golden }) => golden.topK(queryWith("1"), 3), gives: `${BAD_TYPE} "1"` },
  { name: "null in a query", call: ({ golden }) => golden.topK(queryWith(null), 3), gives: `${BAD_TYPE} null` },
  {
    name: "undefined in a query",
    call: ({ golden }) => golden.topK(queryWith(undefined), 3),
    gives: `${BAD_TYPE} undefined`,
  },
  { name: "a bigint in a query", call: ({ golden }) => golden.topK(queryWith(1n), 3), gives: `${BAD_TYPE} 1n` },
  { name: "an array in a query", call: ({ golden }) => golden.topK(queryWith([1]), 3), gives: `${BAD_TYPE} an array` },
  { name: "null for a query", call: ({ golden }) => golden.topK(null as never, 3), gives: `${NO_ARRAY} null` },
  {
    name: "nothing for a query",
    call: ({ golden }) => golden.topK(undefined as never, 3),
    gives: `${NO_ARRAY} undefined`,
  },
  { name: "a text for a query", call: ({ golden }) => golden.topK("1" as never, 3), gives: `${NO_ARRAY} string` },
  {
    name: "a DataView for a query",
    call: ({ golden }) => golden.topK(new DataView(good.slice().buffer) as never, 3),
    gives: `${NO_ARRAY} an object`,
  },
  {
    name: "a query of no values",
    call: ({ golden }) => golden.topK([], 3),
    gives: 'RangeError: "query" expected 20 values (info.dim), got 0',
  },
  {
    name: "a query one value short",
    call: ({ golden }) => golden.topK(good.subarray(1), 3),
    gives: 'RangeError: "query" expected 20 values (info.dim), got 19',
  },
  {
    name: "a query whose buffer is detached",
    call: ({ golden }) => golden.topK(detached(), 3),
    gives: 'TypeError: "query" expected values, got a detached buffer: pass a copy',
  },
  { name: "a zero query", call: ({ golden }) => answersAreFinite(golden, new Array(20).fill(0)), gives: "true" },
  {
    name: "a query of denormals",
    call: ({ golden }) => answersAreFinite(golden, new Array(20).fill(1e-45)),
    gives: "true",
  },
  {
    name: "a query of 2^40",
    call: ({ golden }) => answersAreFinite(golden, new Array(20).fill(2 ** 40)),
    gives: "true",
  },
  {
    name: "a query of −2^40, against rows that are equal",
    call: ({ equal }) => answersAreFinite(equal, new Array(20).fill(-(2 ** 40))),
    gives: "true",
  },
  { name: "a plain array", call: ({ golden }) => sameAs(golden, plain), gives: '"same"' },
  { name: "a Float64Array", call: ({ golden }) => sameAs(golden, Float64Array.from(plain)), gives: '"same"' },
  {
    name: "a view that starts within its buffer",
    call: ({ golden }) => sameAs(golden, Float32Array.from([9, 9, 9, ...plain, 9]).subarray(3, 23)),
    gives: '"same"',
  },
];

const COUNTS: readonly OddInput[] = [
  { name: "k of 0", call: ({ golden }) => golden.topK(good, 0).ids, gives: "[]" },
  {
    name: "k above the number of classes",
    call: ({ equal }) => equal.topK(good, 100, { exact: true }).ids.length,
    gives: "50",
  },
  {
    name: "k of −1",
    call: ({ golden }) => golden.topK(good, -1),
    gives: 'RangeError: "k" expected 0 or more, got -1',
  },
  {
    name: "k of 1.5",
    call: ({ golden }) => golden.predict(good, 1.5),
    gives: 'TypeError: "k" expected an integer, got 1.5',
  },
  {
    name: "k of NaN",
    call: ({ golden }) => golden.topK(good, Number.NaN),
    gives: 'TypeError: "k" expected an integer, got NaN',
  },
  {
    name: "a text for k",
    call: ({ golden }) => golden.topK(good, "3" as never),
    gives: 'TypeError: "k" expected an integer, got "3"',
  },
  {
    name: "no k",
    call: ({ golden }) => golden.sampleTopK(good, undefined as never),
    gives: 'TypeError: "k" expected an integer, got undefined',
  },
  { name: "k above all classes", call: ({ golden }) => golden.topK(good, 1001).ids.length, gives: "1000" },
  {
    name: "k above the cap",
    call: async ({ load, files }) => (await load(files.golden, { maxK: 10 })).topK(good, 11),
    gives: 'RangeError: "k" expected at most 10 (maxK), got 11; load(file, { maxK: 11 }) allows it',
  },
  { name: "no draws", call: ({ golden }) => golden.sample(good, 0, { seed: 1 }).ids, gives: "[]" },
  {
    name: "more draws than classes",
    call: ({ single }) => drawsOfOne(single),
    gives: '{"draws":100,"of":[0],"logQ":[0]}',
  },
  {
    name: "a million draws, where the caps allow it",
    call: async ({ load, files }) =>
      (await load(files.single, { maxDraws: 1e6 })).sample(good, 1e6, { seed: 1 }).ids.length,
    gives: "1000000",
  },
  {
    name: "draws above the cap",
    call: ({ golden }) => golden.sample(good, 4097),
    gives: 'RangeError: "draws" expected at most 4096 (maxDraws), got 4097; load(file, { maxDraws: 4097 }) allows it',
  },
  {
    name: "a scan of −1",
    call: ({ golden }) => golden.predict(good, 3, { scan: -1 }),
    gives: 'RangeError: "scan" expected 0 or more, got -1',
  },
  {
    name: "an infinite scan",
    call: ({ golden }) => golden.predict(good, 3, { scan: Number.POSITIVE_INFINITY }),
    gives: 'TypeError: "scan" expected an integer, got Infinity',
  },
  {
    name: "a scan of far more than all classes",
    call: ({ golden }) => golden.predict(good, 3, { scan: 2 ** 53 }).scored,
    gives: "1000",
  },
  {
    name: "a rescore without fine codes",
    call: ({ withoutCodes }) => withoutCodes.topK(good, 3, { rescore: 10 }),
    gives: 'RangeError: "rescore" expected an index built with "fineCodes" (--fine-codes), got one without',
  },
  {
    name: "a recall above 1",
    call: ({ golden }) => golden.topK(good, 3, { recall: 1.1 }),
    gives: 'RangeError: "recall" expected 0 to 1, got 1.1',
  },
  {
    name: "a batch of 1.5",
    call: ({ golden }) => golden.topK(good, 3, { batch: 1.5 }),
    gives: 'TypeError: "batch" expected an integer, got 1.5',
  },
  {
    name: "a batch that is not what is given",
    call: ({ golden }) => golden.topK(good, 3, { batch: 2 }),
    gives: 'RangeError: "query" expected 2 × 20 values (batch × info.dim), got 20',
  },
  {
    name: "a batch above the cap",
    call: ({ golden }) => golden.topK(new Float32Array(257 * 20), 3, { batch: 257 }),
    gives: 'RangeError: "batch" expected at most 256 (maxBatch), got 257; load(file, { maxBatch: 257 }) allows it',
  },
  {
    name: "two queries without a batch",
    call: ({ golden }) => golden.topK([...plain, ...plain], 3),
    gives: 'RangeError: "query" expected 20 values (info.dim), got 40; for several queries end to end say batch: 2',
  },
  { name: "a batch of none", call: ({ golden }) => golden.topK([], 3, { batch: 0 }), gives: "[]" },
];

const seedOf = (index: MultiIndex, seed: unknown): bigint => index.sample(good, 1, { seed: seed as number }).seed;

const SEEDS: readonly OddInput[] = [
  { name: "a seed of 0", call: ({ golden }) => seedOf(golden, 0), gives: '"0"' },
  { name: "a seed of 2^32", call: ({ golden }) => seedOf(golden, 2 ** 32), gives: '"4294967296"' },
  { name: "a seed of 2^53", call: ({ golden }) => seedOf(golden, 2 ** 53), gives: '"9007199254740992"' },
  { name: "a seed of −1", call: ({ golden }) => seedOf(golden, -1), gives: '"18446744073709551615"' },
  { name: "a seed of 2^64", call: ({ golden }) => seedOf(golden, 2n ** 64n), gives: '"0"' },
  {
    name: "a seed of 1.5",
    call: ({ golden }) => seedOf(golden, 1.5),
    gives: 'TypeError: "seed" expected an integer or a bigint, got 1.5',
  },
  {
    name: "a text for a seed",
    call: ({ golden }) => seedOf(golden, "1"),
    gives: 'TypeError: "seed" expected an integer or a bigint, got "1"',
  },
];

/** Three chains of decoding, with all digits of their answers. */
const DECODING: readonly OddInput[] = [
  {
    name: "decoding by minP",
    call: ({ golden }) => golden.decode(goldenQuery(1), { minP: 0.05, seed: 1 }),
    gives:
      '{"id":926,"score":15.380722045898438,"logProbability":-2.350292175256107,"kept":18,"certain":true,"decided":"bounds","undecided":0,"standardError":0,"seed":"1","scored":1000}',
  },
  {
    name: "decoding by topP",
    call: ({ golden }) => golden.decode(goldenQuery(1), { topP: 0.9, temperature: 0.7, seed: 1 }),
    gives:
      '{"id":149,"score":15.404939651489258,"logProbability":-2.231847692252653,"kept":10,"certain":true,"decided":"exact","undecided":0,"standardError":0,"seed":"1","scored":1000}',
  },
  {
    name: "decoding with no class left",
    call: ({ golden }) => golden.decode(good, { allow: [] }),
    gives:
      'RangeError: "allow", "exclude", "filter", "namespace" and "bias" expected to leave a class that the index has, got none',
  },
];

const everyId = (count: number): number[] => Array.from({ length: count }, (_, id) => id);

const CONDITIONS: readonly OddInput[] = [
  {
    name: "a temperature of 0",
    call: ({ golden }) => golden.predict(good, 3, { temperature: 0 }),
    gives: `${BAD_TEMPERATURE} 0; decode takes 0, as greedy`,
  },
  ...[-1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 21].map((temperature) => ({
    name: `a temperature of ${temperature}`,
    call: ({ golden }: Subjects) => golden.predict(good, 3, { temperature }),
    gives: `${BAD_TEMPERATURE} ${temperature}`,
  })),
  {
    name: "a text for a temperature",
    call: ({ golden }) => golden.predict(good, 3, { temperature: "1" as never }),
    gives: 'TypeError: "temperature" expected a number, got "1"',
  },
  {
    name: "a filter that leaves nothing",
    call: ({ golden }) => emptyAnswers(golden, { exclude: everyId(1000) }),
    gives: '{"top":[],"draws":[],"logPartition":"-Infinity"}',
  },
  {
    name: "a filter that allows nothing",
    call: ({ golden }) => emptyAnswers(golden, { allow: [] }),
    gives: '{"top":[],"draws":[],"logPartition":"-Infinity"}',
  },
  {
    name: "an excluded class that is none",
    call: ({ golden }) => golden.topK(good, 3, { exclude: [0, 1000] }),
    gives: 'RangeError: "exclude"[1] expected an integer in 0..999, got 1000',
  },
  {
    name: "an allowed class of −1",
    call: ({ golden }) => golden.topK(good, 3, { allow: [-1] }),
    gives: 'RangeError: "allow"[0] expected an integer in 0..999, got -1',
  },
  {
    name: "a bitmap that is too short",
    call: ({ golden }) => golden.topK(good, 3, { allow: { bitmap: new Uint8Array(124) } }),
    gives: 'RangeError: "allow.bitmap" expected 125 bytes, got 124',
  },
  {
    name: "a class to score that is none",
    call: ({ golden }) => golden.score(good, [0, 1000]),
    gives: 'RangeError: "ids"[1] expected an integer in 0..999, got 1000',
  },
  {
    name: "NaN for a class",
    call: ({ golden }) => golden.logProbability(good, [Number.NaN]),
    gives: 'RangeError: "ids"[0] expected an integer in 0..999, got NaN',
  },
  {
    name: "a number for classes",
    call: ({ golden }) => golden.score(good, 5 as never),
    gives: 'TypeError: "ids" expected an array of integers, got number',
  },
  {
    name: "a Set for classes",
    call: ({ golden }) => golden.topK(good, 3, { exclude: new Set([1]) as never }),
    gives: 'TypeError: "exclude" expected an array of integers, got a Set: make it an array, Array.from(set)',
  },
  {
    name: "an option that is misspelt",
    call: ({ golden }) => golden.topK(good, 3, { exat: true } as never),
    gives: 'TypeError: "exat" is not an option of topK: did you mean "exact"?',
  },
  {
    name: "options that contradict each other",
    call: ({ golden }) => golden.predict(good, 3, { exact: true, draws: 5 }),
    gives: 'RangeError: "exact" expected no "draws" beside it, got draws: 5; leave one of them out',
  },
  { name: "no classes to score", call: ({ golden }) => golden.score(good, []), gives: "[]" },
  {
    name: "1 for true",
    call: ({ golden }) => golden.topK(good, 3, { exact: 1 as never }),
    gives: 'TypeError: "exact" expected true or false, got 1',
  },
  {
    name: "a tolerance that is no number",
    call: ({ golden }) => golden.logPartition(good, { tolerance: Number.NaN }),
    gives: 'RangeError: "tolerance" expected 0 to Infinity, got NaN',
  },
];

const INDEXES: readonly OddInput[] = [
  {
    name: "no classes at all",
    call: ({ empty }) => emptyAnswers(empty),
    gives: '{"top":[],"draws":[],"logPartition":"-Infinity"}',
  },
  {
    name: "a class of an index that has none",
    call: ({ empty }) => empty.score(good, [0]),
    gives: 'RangeError: "ids"[0] expected no id, as the index is empty, got 0',
  },
  {
    name: "one class",
    call: ({ single }) => single.predict(good, 3, { seed: 1 }).probabilities,
    gives: "[1]",
  },
  {
    name: "classes that are all equal, the first ones by their number",
    call: ({ equal }) => equal.topK(good, 5, { exact: true }).ids,
    gives: "[0,1,2,3,4]",
  },
  {
    name: "fewer classes than codewords",
    call: ({ equal }) => equal.logProbability(good, everyId(50), { exact: true }).logProbabilities.every((p) => p < 0),
    gives: "true",
  },
  {
    name: "an index that was disposed of",
    call: async ({ load, files }) => {
      const index = await load(files.single);
      index.dispose();
      return index.topK(good, 1);
    },
    gives: "Error: the index has been disposed of",
  },
];

const LOADS: readonly OddInput[] = [
  {
    name: "a text for a file",
    call: ({ load }) => load("words.midx" as never),
    gives: 'TypeError: "source" expected an ArrayBuffer, view, Blob, Response or ReadableStream, got string',
  },
  {
    name: "a response that is an error",
    call: ({ load }) => load(new Response("gone", { status: 404 })),
    gives: 'TypeError: "source" expected a response with status 200, got 404',
  },
  { name: "a file of no bytes", call: ({ load }) => load(new Uint8Array(0)), gives: "FormatError: file-truncated" },
  {
    name: "a file cut short",
    call: ({ load, files }) => load(new Blob([files.golden.subarray(0, -1)])),
    gives: "FormatError: file-truncated",
  },
  {
    name: "a file with a byte behind its end",
    call: ({ load, files }) => load(new Response(new Blob([files.golden, new Uint8Array(1)]))),
    gives: "FormatError: file-extended",
  },
  {
    name: "a file with one bit turned",
    call: ({ load, files }) => load(files.golden.with(-5, (files.golden.at(-5) as number) ^ 1)),
    gives: "FormatError: tensor-checksum",
  },
  {
    name: "a detached file",
    call: ({ load, files }) => {
      const file = files.golden.slice();
      structuredClone(file.buffer, { transfer: [file.buffer] });
      return load(file);
    },
    gives: 'TypeError: "source" expected values, got a detached buffer: pass a copy',
  },
  {
    name: "a cap of 0",
    call: ({ load, files }) => load(files.golden, { maxK: 0 }),
    gives: 'RangeError: "maxK" expected a positive integer, got 0',
  },
  {
    name: "an unknown simd",
    call: ({ load, files }) => load(files.golden, { simd: "relaxed" as never }),
    gives: 'RangeError: "simd" expected auto or base, got "relaxed"',
  },
  {
    name: "a file that needs more than the cap",
    call: ({ load, files }) =>
      load(files.golden, { maxBytes: 1000 }).catch((error: unknown) => String(error).replace(/\d+\.\d/g, "…")),
    gives:
      '"RangeError: index needs … MiB, limit is … MiB (maxBytes): raise it, lower other limits, or build smaller rows"',
  },
];

/** 100 draws from an index with one class. */
function drawsOfOne(single: MultiIndex): object {
  const { ids, logQ } = single.sample(good, 100, { seed: 1 });
  return { draws: ids.length, of: [...new Set(ids)], logQ: [...new Set(logQ)] };
}

function emptyAnswers(index: MultiIndex, conditions: { exclude?: number[]; allow?: number[] } = {}): object {
  return {
    top: index.topK(good, 3, conditions).ids,
    draws: index.sample(good, 3, { ...conditions, seed: 1 }).ids,
    logPartition: index.logPartition(good, { ...conditions, seed: 1 }).logPartition,
  };
}

/** Everything that callers do wrong, and the limits of what is allowed. */
export const ODD_INPUTS = [...QUERIES, ...COUNTS, ...SEEDS, ...DECODING, ...CONDITIONS, ...INDEXES, ...LOADS];
