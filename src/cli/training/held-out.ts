import type { Task } from "./corpus.ts";
import type { Found, HeldOut } from "./names.ts";

/** The least data in which there is something to predict. */
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

/** Returns the least held-out data that can be measured. Of a sequence, an encoder is measured by the last item. */
const measurable = (task: Task, isEncoder: boolean): string =>
  task === "next-item" && isEncoder
    ? "a sequence whose last item, and one before it, the training data has"
    : `${NEEDED[task]} that the training data has`;

/** Reads held-out data, if there are any. RangeError that names the file if they have nothing that the training data have, too. */
export async function readHeldOut<Data>(
  path: string | undefined,
  task: Task,
  read: (path: string) => Promise<HeldOut<Data>>,
  isEmpty: (data: Data) => boolean,
  isEncoder = false,
): Promise<HeldOut<Data> | undefined> {
  if (path === undefined) return undefined;
  const heldOut = await read(path);
  if (!isEmpty(heldOut.data)) return heldOut;
  if (heldOut.names === 0) throw new RangeError(`${path}: '--valid' expected ${NEEDED[task]}, got none`);
  const found = `${heldOut.unknown} of its ${heldOut.names} names are not in the training data`;
  throw new RangeError(`${path}: '--valid' expected ${measurable(task, isEncoder)}, got none: ${found}`);
}

/** Returns the counts of names and targets in held-out data, without the data. */
export const foundIn = (read: HeldOut<unknown> | undefined): Found | undefined =>
  read && { names: read.names, unknown: read.unknown, targets: read.targets, unmeasured: read.unmeasured };

const UNMEASURED = "because they or all names before them are unknown";

/** The lines of a report about names that held-out data have and the training data lack. */
export const unknownFacts = (found: Found | undefined): readonly (readonly [string, string])[] => [
  ...(found && found.unknown > 0 ? [["unknown", `${found.unknown} of ${found.names} names`] as const] : []),
  ...(found && found.unmeasured > 0
    ? [["unmeasured", `${found.unmeasured} of ${found.targets} targets, ${UNMEASURED}`] as const]
    : []),
];
