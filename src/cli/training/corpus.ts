import type { Pooling } from "../../format/features.ts";
import type { Examples } from "../../train/model/examples.ts";
import { labelExamples, nextItemExamples, nextWordExamples, raggedOf } from "../../train/model/tasks.ts";
import { eachLine, ITEMS, ITEMS_REMEDY, namesOf, numbersOf, objectOf, refuseColumns } from "./fields.ts";
import {
  chooseNames,
  type HeldOut,
  NameCounts,
  startFinding,
  type Vocabulary,
  type VocabularyLimits,
} from "./names.ts";
import { everyTarget, type WithGaps, withoutGaps } from "./targets.ts";

export const TASKS = ["lm", "next-item", "labels"] as const;
export type Task = (typeof TASKS)[number];

/** The pooling of features in each task. An index that encodes queries needs the same one. */
export const POOLING: Readonly<Record<Task, Pooling>> = { lm: "sum", "next-item": "mean", labels: "sqrtn" };

export interface CorpusOptions extends VocabularyLimits {
  /** The number of preceding words or items that predict the next one. */
  readonly history: number;
}

/** The examples of a file, with the labels of classes and the names of features. */
export interface Corpus {
  readonly examples: Examples;
  readonly classes: readonly string[];
  readonly features: readonly string[];
  /** Reads the examples of another file with the same vocabulary. Unknown names are left out, or become <unk>. */
  read(path: string): Promise<HeldOut<Examples>>;
}

const END = "<eos>";
/** The name that replaces words without an id. */
export const UNKNOWN = "<unk>";

/**
 * Reads a file of examples.
 *
 * @throws FormatError of text-lines.ts and fields.ts; RangeError if fewer than two classes are left
 */
export function readCorpus(task: Task, path: string, options: CorpusOptions): Promise<Corpus> {
  return { lm: readText, "next-item": readSequences, labels: readLabelled }[task](path, options);
}

/** Reads text with one sentence per line. Words are separated by white space, and <eos> ends each sentence. */
async function readText(path: string, options: CorpusOptions): Promise<Corpus> {
  const counted = new NameCounts();
  const found: number[] = [];
  await eachWord(path, (word) => found.push(counted.add(word)));
  const vocabulary = chooseNames(counted, options, UNKNOWN);
  const wordCount = atLeastTwo(path, vocabulary);
  const examplesOf = (tokens: WithGaps): Examples =>
    nextWordExamples(Int32Array.from(withoutGaps(tokens)), wordCount, options.history);
  return {
    examples: examplesOf(found.map((id) => vocabulary.ids[id])),
    classes: vocabulary.names,
    features: vocabulary.names,
    async read(other) {
      const finding = startFinding(vocabulary);
      const tokens: (number | undefined)[] = [];
      await eachWord(other, (word) => tokens.push(finding.idOf(word)));
      return { data: examplesOf(tokens), ...finding.found(), ...everyTarget([tokens]) };
    },
  };
}

/** Visits the words of a text, and the end of each sentence. RangeError for a .jsonl or a table, whose marks would be words. */
export async function eachWord(path: string, visit: (word: string) => void): Promise<void> {
  if (/\.jsonl$/i.test(path)) {
    const remedy = "use '--task next-item' or '--task labels', or rename the file if it is text";
    throw new RangeError(`${path}: '--task lm' expected text with one sentence per line, got .jsonl: ${remedy}`);
  }
  refuseColumns(
    path,
    "text with one sentence per line",
    "write its sentences as lines, or rename the file if it is text",
  );
  await eachLine(path, ({ text }) => {
    for (const word of text.trim().split(/\s+/)) visit(word);
    visit(END);
  });
}

/** Reads {"items": […]} per line, in chronological order. */
async function readSequences(path: string, options: CorpusOptions): Promise<Corpus> {
  const counted = new NameCounts();
  const found: number[][] = [];
  await eachSequence(path, (items) => found.push(items.map((item) => counted.add(item))));
  const vocabulary = chooseNames(counted, options);
  const itemCount = atLeastTwo(path, vocabulary);
  const examplesOf = (sequences: readonly WithGaps[]): Examples =>
    nextItemExamples(raggedOf(sequences.map(withoutGaps)), itemCount, options.history);
  return {
    examples: examplesOf(found.map((items) => items.map((id) => vocabulary.ids[id]))),
    classes: vocabulary.names,
    features: vocabulary.names,
    async read(other) {
      const finding = startFinding(vocabulary);
      const sequences: (number | undefined)[][] = [];
      await eachSequence(other, (items) => sequences.push(items.map(finding.idOf)));
      return { data: examplesOf(sequences), ...finding.found(), ...everyTarget(sequences) };
    },
  };
}

/** Visits the items of each line. */
export function eachSequence(path: string, visit: (items: string[]) => void): Promise<void> {
  refuseColumns(path, `.jsonl of ${ITEMS}`, ITEMS_REMEDY);
  return eachLine(path, (line) => visit(namesOf(line, objectOf(line, ITEMS), "items")));
}

/** Reads {"features": […], "labels": […]} per line, with optional "weights" of the features. */
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
  const examplesOf = (those: readonly LabelledRow[]): Examples => labelledExamples(those, featureNames, labelNames);
  return {
    examples: examplesOf(rows),
    classes: labelNames.names,
    features: featureNames.names,
    async read(other) {
      const [ofFeatures, ofLabels] = [startFinding(featureNames), startFinding(labelNames)];
      const others: LabelledRow[] = [];
      let targets = 0;
      await eachLabelled(other, (row) => {
        for (const name of row.features) ofFeatures.idOf(name);
        for (const name of row.labels) ofLabels.idOf(name);
        targets += new Set(row.labels).size;
        others.push(row);
      });
      const [features, labels] = [ofFeatures.found(), ofLabels.found()];
      const [names, unknown] = [features.names + labels.names, features.unknown + labels.unknown];
      const data = examplesOf(others);
      return { data, names, unknown, targets, unmeasured: targets - data.positives.ids.length };
    },
  };
}

interface LabelledRow {
  readonly features: readonly string[];
  readonly weights: readonly number[] | undefined;
  readonly labels: readonly string[];
}

function eachLabelled(path: string, visit: (row: LabelledRow) => void): Promise<void> {
  const expected = '{"features": […], "labels": […]}';
  refuseColumns(path, `.jsonl of ${expected}`, "write each example on a line");
  return eachLine(path, (line) => {
    const row = objectOf(line, expected);
    const features = namesOf(line, row, "features");
    const weights = row.weights === undefined ? undefined : numbersOf(line, row, "weights", features.length);
    visit({ features, weights, labels: namesOf(line, row, "labels") });
  });
}

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

/** Returns the number of names. Throws a RangeError if it is below two. */
export function atLeastTwo(path: string, { names }: Vocabulary): number {
  if (names.length < 2) {
    const remedy = "use more data or a smaller '--min-count'";
    throw new RangeError(`${path}: expected at least two classes, got ${names.length}: ${remedy}`);
  }
  return names.length;
}
