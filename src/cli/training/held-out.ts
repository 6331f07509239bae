import type { Task } from "./corpus.ts";
import type { FoundNames } from "./names.ts";

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

/** Throws a RangeError that names the file if held-out data have nothing that the training data have, too. */
export function requireHeldOut(path: string, task: Task, isEmpty: boolean, { names, unknown }: FoundNames): void {
  if (!isEmpty) return;
  const found = `${unknown} of its ${names} names are not in the training data`;
  throw new RangeError(`${path}: '--valid' expected ${NEEDED[task]} that the training data has, got none: ${found}`);
}

/** The line of a report about names that held-out data have and the training data lack. */
export const unknownFact = (found: FoundNames | undefined): readonly (readonly [string, string])[] =>
  found === undefined || found.unknown === 0 ? [] : [["unknown", `${found.unknown} of ${found.names} names`]];
