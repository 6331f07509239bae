import { quoteName } from "../../bytes/strict-json.ts";
import { asText } from "../files/foreign-files.ts";
import { linesIn, readPieces } from "./text-lines.ts";

/** The array, the string and a Map take so much, besides the characters. */
const BYTES_PER_LABEL = 128;

/** The name of a class, by its id. */
export type NameOf = (id: number) => string;

/** Reads a name for each class from the lines of a file. RangeError if there are not exactly as many. */
export async function readLabels(path: string, itemCount: number): Promise<NameOf> {
  const labels = await readLabelLines(path, itemCount);
  return (id) => labels[id] ?? "";
}

/** The things that have labels, and the option that names the file of them. */
export interface LabelKind {
  readonly option: string;
  readonly of: string;
}

const CLASS_LABELS: LabelKind = { option: "labels", of: "class" };

/** The same as an array. FormatError: those of text-lines.ts. Reading ends with the first line too many, which may be one of very many. */
export async function readLabelLines(path: string, itemCount: number, kind = CLASS_LABELS): Promise<string[]> {
  return asText(path, async () => {
    const labels: string[] = [];
    const expected = (got: string): RangeError =>
      new RangeError(`"${kind.option}" expected ${itemCount} lines, one for each ${kind.of}, got ${got}`);
    for await (const lines of linesIn(readPieces(path))) {
      for (const { text } of lines) {
        if (labels.push(text) > itemCount) throw expected("more");
      }
    }
    if (labels.length < itemCount) throw expected(String(labels.length));
    return labels;
  });
}

/** RangeError names the first two rows with one label. `rowOf` is a label's row in the file. */
export function checkUnique(path: string, labels: readonly string[], rowOf: (index: number) => number): void {
  const seen = new Map<string, number>();
  for (const [index, label] of labels.entries()) {
    const other = seen.get(label);
    if (other !== undefined) {
      const rows = `rows ${rowOf(other)} and ${rowOf(index)}`;
      throw new RangeError(`${path}: labels expected each once, ${rows} are both ${quoteName(label)}`);
    }
    seen.set(label, index);
  }
}

/** Memory of labels, which are UTF-16 at most, and of their place in `seen`. */
export const labelsBytes = (labels: readonly string[]): number =>
  labels.reduce((sum, label) => sum + BYTES_PER_LABEL + 2 * label.length, 0);
