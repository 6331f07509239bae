// The data sets of the comparison, each with examples for learning, validation and testing. Except for wikitext-2 they
// may not be shipped. They are read from the folder that MIDX_DATA names, with the loader that lies beside them.
import { type Examples, type RaggedIds, rowCount } from "../../src/train/model/examples.ts";
import { spacedRows } from "../../src/train/model/order.ts";
import { labelExamples, nextWordExamples, raggedOf } from "../../src/train/model/tasks.ts";
import { PURPOSE, uniforms } from "../../src/train/random/uniforms.ts";
import { type Loader, loader, placeOf, type Sequences } from "../data.ts";
import { shuffle } from "../train-recommender.ts";

/** The measure of a set, which also chooses on its validation part. */
export type Measure = "perplexity" | "NDCG@20" | "P@1";

export interface Measured {
  readonly examples: Examples;
  /** The rows of the examples. */
  readonly rows: Uint32Array;
  /** The classes that are not candidates in a row. */
  readonly passedOver?: RaggedIds;
}

export interface TableSet {
  readonly measure: Measure;
  /**
   * The form of the loss: A as in the paper's code; B if rows have many positives, which A would draw against each
   * other.
   */
  readonly form: "A" | "B";
  readonly ks: readonly number[];
  readonly epochs: number;
  readonly train: Examples;
  readonly valid: Measured;
  readonly test: Measured;
}

export const SET_NAMES = ["ptb", "wikitext-2", "ml-1m", "gowalla", "diginetica", "citeulike-t"] as const;
export type SetName = (typeof SET_NAMES)[number];

const READERS: Readonly<Record<SetName, (loader: Loader, folder: string) => TableSet>> = {
  ptb: readPennTreebank,
  "wikitext-2": readWikiText,
  "ml-1m": readMovieLens,
  gowalla: readGowalla,
  diginetica: readDiginetica,
  "citeulike-t": readCiteULike,
};

export const readSet = (name: SetName): TableSet => READERS[name](loader(), placeOf(name));

/** The number of words before, each with its own position. */
const WORDS_BACK = 4;
/** The number of items before. */
const ITEMS_BACK = 20;
const VALID_ROWS = 2000;
const TEST_ROWS = 4000;
const RANKS = [10, 20, 50];

function readPennTreebank({ ptb }: Loader, folder: string): TableSet {
  return languageSet(ptb(folder), 10_000, 200_000);
}

function readWikiText({ u16 }: Loader, folder: string): TableSet {
  const [train, valid, test] = ["train", "valid", "test"].map((part) => u16(`${folder}/${part}.u16.gz`));
  return languageSet({ train, valid, test } as ReturnType<Loader["ptb"]>, 33_278, 100_000);
}

/** The first `tokens` of the training text, with the words of all of it. */
function languageSet({ train, valid, test }: ReturnType<Loader["ptb"]>, wordCount: number, tokens: number): TableSet {
  const examplesOf = (tokens: Uint16Array): Examples =>
    nextWordExamples(Int32Array.from(tokens), wordCount, WORDS_BACK);
  return {
    measure: "perplexity",
    form: "A",
    ks: [10],
    epochs: 2,
    train: examplesOf(train.subarray(0, tokens)),
    valid: measured(examplesOf(valid), VALID_ROWS),
    test: measured(examplesOf(test), TEST_ROWS),
  };
}

/**
 * The last 33 items of each user before the last two make 32 examples. The last but one is for validation, and the last
 * for testing.
 */
function readMovieLens({ rag }: Loader, folder: string): TableSet {
  const sequences = rag(`${folder}/sequences.rag.gz`);
  const [train, valid, test]: [Bag[], Bag[], Bag[]] = [[], [], []];
  for (let user = 0; user < sequences.n; user++) {
    const items = [...sequences.row(user)];
    for (let at = Math.max(1, items.length - 34); at < items.length - 2; at++) train.push(before(items, at));
    valid.push(before(items, items.length - 2));
    test.push(before(items, items.length - 1));
  }
  return itemSet(3706, 3, train, valid, test);
}

/**
 * Every item of a session but the first follows from those before it. The last 24,000 sessions are used, and one in 20
 * is for validation.
 */
function readDiginetica({ rag }: Loader, folder: string): TableSet {
  const bagsOf = (sessions: Sequences, first: number, isWanted: (session: number) => boolean): Bag[] => {
    const bags: Bag[] = [];
    for (let session = first; session < sessions.n; session++) {
      if (!isWanted(session)) continue;
      const items = [...sessions.row(session)];
      for (let at = 1; at < items.length; at++) bags.push(before(items, at));
    }
    return bags;
  };
  const [sessions, tested] = [rag(`${folder}/train.rag.gz`), rag(`${folder}/test.rag.gz`)];
  const first = sessions.n - 24_000;
  return itemSet(
    43_097,
    2,
    bagsOf(sessions, first, (session) => session % 20 !== 0),
    bagsOf(sessions, first, (session) => session % 20 === 0),
    bagsOf(tested, 0, () => true),
  );
}

/**
 * Sets without an order: a user's items are split in two random halves, and each half is to be predicted from 20 of the
 * other. One item of every tenth user is for validation. The split's own test items are for testing, and the items that
 * a user has are not candidates.
 */
function readGowalla({ rag }: Loader, folder: string): TableSet {
  const [given, tested] = [rag(`${folder}/train.rag.gz`), rag(`${folder}/test.rag.gz`)];
  const uniform = uniforms({ seed: 1n, purpose: PURPOSE.sample, codebook: 0, restart: 0 });
  let used = 0;
  const [train, valid, test]: [Bag[], Bag[], Bag[]] = [[], [], []];
  const owned: number[][] = [];
  for (let user = 0; user < given.n; user++) {
    const items = [...shuffle(given.row(user).slice(), () => uniform(used++))];
    test.push({ seen: items.slice(0, 2 * ITEMS_BACK), wanted: [...new Set(tested.row(user))] });
    owned.push(items);
    if (user % 10 === 0 && items.length > 3) {
      const kept = items.pop() as number;
      valid.push({ seen: items.slice(0, 2 * ITEMS_BACK), wanted: [kept] }); // without the item that is held out
    }
    const half = items.length >> 1;
    for (const [seen, wanted] of [
      [items.slice(0, half), items.slice(half)],
      [items.slice(half), items.slice(0, half)],
    ] as const) {
      if (seen.length > 0 && wanted.length > 0) {
        train.push({ seen: seen.slice(0, ITEMS_BACK), wanted: wanted.slice(0, ITEMS_BACK) });
      }
    }
  }
  const asked = test.map(({ wanted }, user) => (wanted.length > 0 ? user : -1)).filter((user) => user >= 0);
  const set = itemSet(
    40_981,
    4,
    train,
    valid,
    asked.map((user) => test[user] as Bag),
  );
  const passedOver = raggedOf(asked.map((user) => owned[user] as number[]));
  return { ...set, form: "B", test: { ...set.test, passedOver } };
}

/** The labels of an article from its words by tf-idf: the 8,311 labels that at least 5 articles have. */
function readCiteULike({ rag, u8 }: Loader, folder: string): TableSet {
  const [words, labels] = [rag(`${folder}/features.rag.gz`), rag(`${folder}/labels.rag.gz`)];
  const counts = u8(`${folder}/counts.u8.gz`);
  const [wordCount, labelCount] = [20_000, 8311];
  const articlesWith = new Float64Array(wordCount);
  for (let row = 0; row < words.n; row++)
    for (const word of words.row(row)) articlesWith[word] = (articlesWith[word] as number) + 1;
  const parts: Record<"train" | "valid" | "test", { words: Uint16Array; weights: number[]; labels: number[] }[]> = {
    train: [],
    valid: [],
    test: [],
  };
  for (let row = 0, at = 0; row < words.n; row++) {
    const own = words.row(row);
    const weights = Array.from(own, (word, i) => {
      return (counts[at + i] as number) ** 0.5 * Math.log(words.n / (articlesWith[word] as number));
    });
    at += own.length;
    const norm = Math.sqrt(weights.reduce((sum, weight) => sum + weight * weight, 0)) || 1;
    const hash = Math.imul(row, 2654435761) >>> 0;
    const part = hash % 5 === 0 ? "test" : hash % 20 === 1 ? "valid" : "train";
    const kept = [...labels.row(row)].filter((label) => label < labelCount);
    parts[part].push({ words: own, weights: weights.map((weight) => weight / norm), labels: kept });
  }
  const examplesOf = (part: keyof typeof parts): Examples =>
    labelExamples(
      {
        ...raggedOf(parts[part].map((row) => row.words)),
        weights: Float32Array.from(parts[part].flatMap(({ weights }) => weights)),
      },
      raggedOf(parts[part].map((row) => row.labels)),
      wordCount,
      labelCount,
    );
  return {
    measure: "P@1",
    form: "B",
    ks: [1, 3, 5],
    epochs: 6,
    train: examplesOf("train"),
    valid: measured(examplesOf("valid"), VALID_ROWS),
    test: measured(examplesOf("test"), TEST_ROWS),
  };
}

/** The items that are seen, and the items to be predicted from their mean. */
interface Bag {
  readonly seen: readonly number[];
  readonly wanted: readonly number[];
}

const before = (items: readonly number[], at: number): Bag => ({
  seen: items.slice(Math.max(0, at - ITEMS_BACK), at),
  wanted: [items[at] as number],
});

function itemSet(
  itemCount: number,
  epochs: number,
  train: readonly Bag[],
  valid: readonly Bag[],
  test: readonly Bag[],
): TableSet {
  const examplesOf = (bags: readonly Bag[]): Examples => ({
    features: {
      ...raggedOf(bags.map(({ seen }) => seen)),
      weights: Float32Array.from(bags.flatMap(({ seen }) => seen.map(() => 1 / seen.length))),
    },
    positives: raggedOf(bags.map(({ wanted }) => wanted)),
    featureCount: itemCount,
    classCount: itemCount,
    positionCount: 0,
  });
  return {
    measure: "NDCG@20",
    form: "A",
    ks: RANKS,
    epochs,
    train: examplesOf(train),
    valid: measured(examplesOf(valid), VALID_ROWS),
    test: measured(examplesOf(test), TEST_ROWS),
  };
}

const measured = (examples: Examples, most: number): Measured => ({
  examples,
  rows: spacedRows(rowCount(examples.positives), most),
});
