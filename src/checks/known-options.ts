import { checkPlain } from "./plain-object.ts";

/** Up to this many edits a name counts as a slip. */
const MOST_EDITS = 2;

/**
 * Returns the known options without those that are undefined. Each option is read once, so that a getter cannot give a
 * second value. TypeError for options that are not an object, and for an unknown option, with the nearest known one.
 */
export function knownOptions<T extends object>(
  call: string,
  options: T,
  known: readonly string[],
  argument = "options",
): Partial<T> {
  checkPlain(`"${argument}"`, options);
  const read: Record<string, unknown> = {};
  // Most calls set few options, so their own names are read instead of all known ones, unless options are inherited.
  const names = Object.getPrototypeOf(options) === Object.prototype ? Object.getOwnPropertyNames(options) : known;
  for (const name of names) {
    if (names !== known && !known.includes(name)) continue;
    const value = (options as Record<string, unknown>)[name];
    if (value !== undefined) read[name] = value;
  }
  for (const name of Object.keys(options)) {
    if (known.includes(name) || (options as Record<string, unknown>)[name] === undefined) continue;
    throw new TypeError(`"${name.slice(0, 64)}" is not an option of ${call}: ${optionRemedy(name, known)}`);
  }
  return read as Partial<T>;
}

/** Reads options as knownOptions does, and refuses null for all of them. */
export function optionsWithoutNull<T extends object>(
  call: string,
  options: T,
  known: readonly string[],
  argument?: string,
): Partial<T> {
  const read = knownOptions(call, options, known, argument);
  for (const [name, value] of Object.entries(read)) {
    if (value === null)
      throw new TypeError(`"${name}" of ${call} expected a value, got null: leave it out for the default`);
  }
  return read;
}

/** Returns the remedy for an unknown name: the known one that was probably meant, or all of them. */
export function optionRemedy(name: string, known: readonly string[]): string {
  const within = (edits: number): string | undefined =>
    known.find((candidate) => isSlip(name.toLowerCase(), candidate.toLowerCase(), edits));
  const nearest = within(0) ?? within(1) ?? within(MOST_EDITS);
  return nearest && name.length > MOST_EDITS ? `did you mean "${nearest}"?` : `it takes ${known.join(", ")}`;
}

/** Returns true if at most `edits` insertions, deletions and replacements turn one text into the other. */
function isSlip(a: string, b: string, edits: number): boolean {
  if (a === b) return true;
  if (a[0] === b[0] && a) return isSlip(a.slice(1), b.slice(1), edits);
  return (
    edits > 0 &&
    [
      isSlip(a.slice(1), b, edits - 1),
      isSlip(a, b.slice(1), edits - 1),
      isSlip(a.slice(1), b.slice(1), edits - 1),
    ].includes(true)
  );
}
