import { shown } from "../../../src/internal.ts";
import { sequenceIn } from "../../parts/changes-state.ts";
import { joinMessages, splitMessages } from "../../parts/frames.ts";

/** Changes of a part, or of several behind a router, as the router above sends them. */
export interface SentChanges {
  /** The state that they follow. */
  readonly from: string;
  /** The state behind each set. */
  readonly states: readonly string[];
  /** For each set of the log, and each of the parts, those changes that are of the part, as a set. */
  readonly sets: readonly (readonly Uint8Array[])[];
  /**
   * For each set the places, among the parts, of the classes that it adds, in the order of their ids. A part needs none of it,
   * and routers of earlier versions do not send it.
   */
  readonly added?: readonly (readonly number[])[] | undefined;
}

/** The most sets in a message. */
export const MOST_SETS = 100_000;

/** Writes changes end to end, behind a head of JSON. */
export const encodePartChanges = ({ from, states, sets, added }: SentChanges): Uint8Array<ArrayBuffer> =>
  joinMessages([new TextEncoder().encode(JSON.stringify({ from, states, added })), ...sets.flat()]);

/** Reads changes of a number of parts. RangeError for others. */
export function decodePartChanges(message: Uint8Array, partCount = 1): SentChanges {
  const [head, ...bytes] = splitMessages(message, MOST_SETS + 1);
  const { from, states, added } = headIn(head as Uint8Array);
  if (states.length * partCount !== bytes.length) {
    throw new RangeError(`"changes" expected ${states.length * partCount} sets, got ${bytes.length}`);
  }
  const before = sequenceOf(from, "from");
  for (const [i, state] of states.entries()) {
    const sequence = sequenceOf(state, `states[${i}]`);
    if (sequence === before + 1 + i) continue;
    throw new RangeError(`"states[${i}]" of changes expected change ${before + 1 + i}, got ${sequence}`);
  }
  if (added !== undefined) requireAdded(added, states.length, partCount);
  const sets = states.map((_, i) => bytes.slice(i * partCount, (i + 1) * partCount));
  return { from, states, sets, ...(added && { added }) };
}

function headIn(head: Uint8Array): Omit<SentChanges, "sets"> {
  try {
    const { from, states, added } = JSON.parse(new TextDecoder().decode(head));
    if (Array.isArray(states)) return { from, states, added };
  } catch {
    // It is refused below.
  }
  throw new RangeError('"changes" expected a head of JSON with "from" and "states", got another');
}

/** Refuses places that are none of the parts. */
function requireAdded(added: unknown, setCount: number, partCount: number): void {
  const isPlace = (place: unknown): boolean =>
    Number.isInteger(place) && (place as number) >= 0 && (place as number) < partCount;
  const areLists = Array.isArray(added) && added.length === setCount;
  if (areLists && added.every((places) => Array.isArray(places) && places.every(isPlace))) return;
  throw new RangeError(`"added" of changes expected ${setCount} lists of places below ${partCount}, got others`);
}

function sequenceOf(state: unknown, name: string): number {
  const sequence = typeof state === "string" ? sequenceIn(state) : undefined;
  if (sequence !== undefined) return sequence;
  throw new RangeError(
    `"${name}" of changes expected a number and 32 hex digits with "-" between them, got ${shown(state)}`,
  );
}
