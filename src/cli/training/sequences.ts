import { raggedOf } from "../../train/model/tasks.ts";
import type { Sequences } from "../../train/sequences/sequences.ts";
import { atLeastTwo, eachSequence, eachWord, UNKNOWN } from "./corpus.ts";
import { chooseNames, type HeldOut, NameCounts, startFinding, type VocabularyLimits } from "./names.ts";
import { everyTarget, lastTargets, type WithGaps, withoutGaps } from "./targets.ts";

/** The tasks that an encoder of sequences is trained for. */
export type SequenceTask = "lm" | "next-item";

/** The sequences of a file, with the labels of their items. */
export interface SequenceCorpus {
  readonly sequences: Sequences;
  readonly items: readonly string[];
  /**
   * Reads the sequences of another file with the same vocabulary, to measure their last items or all words. Unknown names are left
   * out, or become <unk>, and sequences whose last item is unknown are left out.
   */
  read(path: string): Promise<HeldOut<Sequences>>;
}

type Read = (path: string, visit: (names: readonly string[]) => void) => Promise<void>;

/** A text is one sequence, all sentences end to end. */
const readText: Read = async (path, visit) => {
  const words: string[] = [];
  await eachWord(path, (word) => words.push(word));
  visit(words);
};

/**
 * Reads a file of sequences: a text, or {"items": […]} per line in chronological order.
 *
 * @throws FormatError of text-lines.ts and fields.ts; RangeError if fewer than two items are left
 */
export async function readSequenceCorpus(
  task: SequenceTask,
  path: string,
  limits: VocabularyLimits,
): Promise<SequenceCorpus> {
  const [each, unknown] = task === "lm" ? [readText, UNKNOWN] : [eachSequence, undefined];
  const counted = new NameCounts();
  const found: number[][] = [];
  await each(path, (names) => found.push(names.map((name) => counted.add(name))));
  const vocabulary = chooseNames(counted, limits, unknown);
  const itemCount = atLeastTwo(path, vocabulary);
  const sequencesOf = (rows: readonly WithGaps[]): Sequences => ({
    ...raggedOf(rows.map(withoutGaps)),
    itemCount,
  });
  return {
    sequences: sequencesOf(found.map((ids) => ids.map((id) => vocabulary.ids[id]))),
    items: vocabulary.names,
    async read(other) {
      const finding = startFinding(vocabulary);
      const rows: WithGaps[] = [];
      await each(other, (names) => rows.push(names.map(finding.idOf)));
      const { measured, ...found } = task === "lm" ? { measured: rows, ...everyTarget(rows) } : lastTargets(rows);
      return { data: sequencesOf(measured), ...finding.found(), ...found };
    },
  };
}
