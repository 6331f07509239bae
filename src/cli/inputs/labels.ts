import { quoteName } from "../../bytes/strict-json.ts";
import type { Sources } from "./source.ts";
import type { TextLine } from "./text-lines.ts";
import { readLines } from "./text-source.ts";

/** The memory of a label in the array and a Map, without its characters. */
const BYTES_PER_LABEL = 128;

/** Returns the label of a class, by its id. */
export type NameOf = (id: number) => string;

/** Reads one label per class from the lines of a file. Throws a RangeError for another number of lines. */
export async function readLabels(path: string, itemCount: number): Promise<NameOf> {
  const labels = await readLabelLines(path, itemCount);
  return (id) => labels[id] ?? "";
}

/** The kind of thing that has labels, and the option that names the file of labels. */
export interface LabelKind {
  readonly option: string;
  readonly of: string;
}

const CLASS_LABELS: LabelKind = { option: "labels", of: "class" };

/**
 * Reads one label per line. It stops at the first superfluous line, since very many may follow.
 *
 * @throws RangeError for another number of lines than `itemCount`; FormatError of text-lines.ts
 */
export function readLabelLines(
  path: string,
  itemCount: number,
  { openRemote, kind = CLASS_LABELS }: Pick<Sources, "openRemote"> & { readonly kind?: LabelKind } = {},
): Promise<string[]> {
  const read = async (pieces: AsyncIterable<Iterable<TextLine>>): Promise<string[]> => {
    const labels: string[] = [];
    const expected = (got: string): RangeError =>
      new RangeError(`'--${kind.option}' expected ${itemCount} lines, one for each ${kind.of}, got ${got}`);
    for await (const lines of pieces) {
      for (const { text } of lines) {
        if (labels.push(text) > itemCount) throw expected("more");
      }
    }
    if (labels.length < itemCount) throw expected(String(labels.length));
    return labels;
  };
  return readLines(path, openRemote, read);
}

/** Throws a RangeError that names the first two rows with the same label. `rowOf` returns a label's row in the file. */
export function checkUnique(path: string, labels: readonly string[], rowOf: (index: number) => number): void {
  const seen = new Map<string, number>();
  for (const [index, label] of labels.entries()) {
    const other = seen.get(label);
    if (other !== undefined) {
      const rows = `rows ${rowOf(other)} and ${rowOf(index)}`;
      throw new RangeError(`${path}: labels must be unique, but ${rows} are both ${quoteName(label)}`);
    }
    seen.set(label, index);
  }
}

/** Returns the memory of labels, at two bytes per character, and of their entries in `seen`. */
export const labelsBytes = (labels: readonly string[]): number =>
  labels.reduce((sum, label) => sum + BYTES_PER_LABEL + 2 * label.length, 0);
