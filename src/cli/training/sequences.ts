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

/** Reads the sequences of a file as what `idOf` returns for their names. */
type Read = <Id>(path: string, idOf: (name: string) => Id) => Promise<Id[][]>;

/** A text is one sequence, all sentences end to end. Its words are not kept, which take some 40 bytes each. */
const readText: Read = async (path, idOf) => {
  const ids: ReturnType<typeof idOf>[] = [];
  await eachWord(path, (word) => ids.push(idOf(word)));
  return [ids];
};

const readItems: Read = async (path, idOf) => {
  const rows: ReturnType<typeof idOf>[][] = [];
  await eachSequence(path, (items) => rows.push(items.map((item) => idOf(item))));
  return rows;
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
  const [readIds, unknown] = task === "lm" ? [readText, UNKNOWN] : [readItems, undefined];
  const counted = new NameCounts();
  const found = await readIds(path, (name) => counted.add(name));
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
      const rows: WithGaps[] = await readIds(other, finding.idOf);
      const { measured, ...found } = task === "lm" ? { measured: rows, ...everyTarget(rows) } : lastTargets(rows);
      return { data: sequencesOf(measured), ...finding.found(), ...found };
    },
  };
}
