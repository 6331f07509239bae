import type { Pooling } from "../../format/features.ts";
import type { Examples } from "../../train/model/examples.ts";
import { labelExamples, nextItemExamples, nextWordExamples, raggedOf } from "../../train/model/tasks.ts";
import { eachLine, namesOf, numbersOf, objectOf } from "./fields.ts";
import { chooseNames, NameCounts, type Vocabulary, type VocabularyLimits } from "./names.ts";

export const TASKS = ["lm", "next-item", "labels"] as const;
export type Task = (typeof TASKS)[number];

/** The weights of the features of an example, which an index has to know that makes queries of them. */
export const POOLING: Readonly<Record<Task, Pooling>> = { lm: "sum", "next-item": "mean", labels: "sqrtn" };

export interface CorpusOptions extends VocabularyLimits {
  /** Words or items that are looked back at. */
  readonly history: number;
}

/** Examples of a file, and what their ids are called. */
export interface Corpus {
  readonly examples: Examples;
  readonly classes: readonly string[];
  readonly features: readonly string[];
  /** Examples of another file by the same names; what has none is left out, or is <unk>. */
  read(path: string): Promise<Examples>;
}

const END = "<eos>";
const UNKNOWN = "<unk>";

/**
 * Reads a file of examples. FormatError: those of text-lines.ts and fields.ts. RangeError where nothing is left to learn.
 */
export function readCorpus(task: Task, path: string, options: CorpusOptions): Promise<Corpus> {
  return { lm: readText, "next-item": readSequences, labels: readLabelled }[task](path, options);
}

/** A sentence a line, its words by white space, <eos> behind it. */
async function readText(path: string, options: CorpusOptions): Promise<Corpus> {
  const counted = new NameCounts();
  const found: number[] = [];
  await eachWord(path, (word) => found.push(counted.add(word)));
  const vocabulary = chooseNames(counted, options, UNKNOWN);
  const wordCount = atLeastTwo(path, vocabulary);
  const examplesOf = (tokens: readonly (number | undefined)[]): Examples =>
    nextWordExamples(Int32Array.from(withoutGaps(tokens)), wordCount, options.history);
  return {
    examples: examplesOf(found.map((id) => vocabulary.ids[id])),
    classes: vocabulary.names,
    features: vocabulary.names,
    async read(other) {
      const tokens: (number | undefined)[] = [];
      await eachWord(other, (word) => tokens.push(vocabulary.idOf(word)));
      return examplesOf(tokens);
    },
  };
}

async function eachWord(path: string, visit: (word: string) => void): Promise<void> {
  await eachLine(path, ({ text }) => {
    for (const word of text.trim().split(/\s+/)) visit(word);
    visit(END);
  });
}

/** {"items": […]} a line, in the order they came. */
async function readSequences(path: string, options: CorpusOptions): Promise<Corpus> {
  const counted = new NameCounts();
  const found: number[][] = [];
  await eachSequence(path, (items) => found.push(items.map((item) => counted.add(item))));
  const vocabulary = chooseNames(counted, options);
  const itemCount = atLeastTwo(path, vocabulary);
  const examplesOf = (sequences: readonly (readonly (number | undefined)[])[]): Examples =>
    nextItemExamples(raggedOf(sequences.map(withoutGaps)), itemCount, options.history);
  return {
    examples: examplesOf(found.map((items) => items.map((id) => vocabulary.ids[id]))),
    classes: vocabulary.names,
    features: vocabulary.names,
    async read(other) {
      const sequences: (number | undefined)[][] = [];
      await eachSequence(other, (items) => sequences.push(items.map(vocabulary.idOf)));
      return examplesOf(sequences);
    },
  };
}

const eachSequence = (path: string, visit: (items: string[]) => void): Promise<void> =>
  eachLine(path, (line) => visit(namesOf(line, objectOf(line), "items")));

/** {"features": […], "labels": […]} a line, and "weights" of the features where they have some. */
async function readLabelled(path: string, options: CorpusOptions): Promise<Corpus> {
  const [features, labels] = [new NameCounts(), new NameCounts()];
  const rows: LabelledRow[] = [];
  await eachLabelled(path, (row) => {
    for (const name of row.features) features.add(name);
    for (const name of row.labels) labels.add(name);
    rows.push(row);
  });
  const [featureNames, labelNames] = [chooseNames(features, options), chooseNames(labels, options)];
  atLeastTwo(path, labelNames);
  if (featureNames.names.length === 0) throw new RangeError(`${path}: expected at least one feature`);
  const examplesOf = (given: readonly LabelledRow[]): Examples => labelledExamples(given, featureNames, labelNames);
  return {
    examples: examplesOf(rows),
    classes: labelNames.names,
    features: featureNames.names,
    async read(other) {
      const given: LabelledRow[] = [];
      await eachLabelled(other, (row) => given.push(row));
      return examplesOf(given);
    },
  };
}

interface LabelledRow {
  readonly features: readonly string[];
  readonly weights: readonly number[] | undefined;
  readonly labels: readonly string[];
}

const eachLabelled = (path: string, visit: (row: LabelledRow) => void): Promise<void> =>
  eachLine(path, (line) => {
    const row = objectOf(line);
    const features = namesOf(line, row, "features");
    const weights = row.weights === undefined ? undefined : numbersOf(line, row, "weights", features.length);
    visit({ features, weights, labels: namesOf(line, row, "labels") });
  });

function labelledExamples(rows: readonly LabelledRow[], features: Vocabulary, labels: Vocabulary): Examples {
  const ids: number[][] = [];
  const weights: number[] = [];
  for (const row of rows) {
    const kept = row.features.flatMap((feature, i) => {
      const id = features.idOf(feature);
      return id === undefined ? [] : [{ id, weight: row.weights?.[i] }];
    });
    ids.push(kept.map(({ id }) => id));
    for (const { weight } of kept) weights.push(weight ?? 1 / Math.sqrt(kept.length));
  }
  const positives = rows.map((row) => [...new Set(withoutGaps(row.labels.map(labels.idOf)))]);
  return labelExamples(
    { ...raggedOf(ids), weights: Float32Array.from(weights) },
    raggedOf(positives),
    features.names.length,
    labels.names.length,
  );
}

const withoutGaps = (ids: readonly (number | undefined)[]): number[] => ids.filter((id) => id !== undefined);

function atLeastTwo(path: string, { names }: Vocabulary): number {
  if (names.length < 2) {
    const remedy = "use more data or a smaller '--min-count'";
    throw new RangeError(`${path}: expected at least two classes, got ${names.length}: ${remedy}`);
  }
  return names.length;
}
