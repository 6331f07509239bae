import type { Task } from "./corpus.ts";
import type { FoundNames, HeldOut } from "./names.ts";

/** What a file needs, so that there is something to predict. */
const NEEDED: Readonly<Record<Task, string>> = {
  lm: "a sentence",
  "next-item": "a sequence of two items",
  labels: "a row with a label",
};

/** Throws a RangeError that names the file if its data have nothing to predict. */
export function requireTraining(path: string, task: Task, isEmpty: boolean): void {
  if (!isEmpty) return;
  throw new RangeError(`${path}: expected ${NEEDED[task]}, got none: use more data or a smaller '--min-count'`);
}

/** Reads held-out data, if there are any. RangeError that names the file if they have nothing that the training data have, too. */
export async function readHeldOut<Data>(
  path: string | undefined,
  task: Task,
  read: (path: string) => Promise<HeldOut<Data>>,
  isEmpty: (data: Data) => boolean,
): Promise<HeldOut<Data> | undefined> {
  if (path === undefined) return undefined;
  const heldOut = await read(path);
  if (!isEmpty(heldOut.data)) return heldOut;
  if (heldOut.names === 0) throw new RangeError(`${path}: '--valid' expected ${NEEDED[task]}, got none`);
  const found = `${heldOut.unknown} of its ${heldOut.names} names are not in the training data`;
  throw new RangeError(`${path}: '--valid' expected ${NEEDED[task]} that the training data has, got none: ${found}`);
}

/** The line of a report about names that held-out data have and the training data lack. */
export const unknownFact = (found: FoundNames | undefined): readonly (readonly [string, string])[] =>
  found === undefined || found.unknown === 0 ? [] : [["unknown", `${found.unknown} of ${found.names} names`]];
