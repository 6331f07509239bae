import type { NumberedSet } from "../../../src/publication/change-log.ts";
import { sequenceIn } from "../../parts/changes-state.ts";
import { joinMessages, splitMessages } from "../../parts/frames.ts";

/** Changes of a part, as a router sends them: for each set of the log those that are of the part. */
export interface SentChanges {
  /** The state that they follow. */
  readonly from: string;
  /** The state behind each set. */
  readonly states: readonly string[];
  readonly sets: readonly NumberedSet[];
}

/** The most sets in a message. */
export const MOST_SETS = 100_000;

/** Writes changes end to end, behind a head of JSON. */
export const encodePartChanges = ({ from, states, sets }: SentChanges): Uint8Array<ArrayBuffer> =>
  joinMessages([new TextEncoder().encode(JSON.stringify({ from, states })), ...sets.map(({ bytes }) => bytes)]);

/** Reads changes. RangeError for others. */
export function decodePartChanges(message: Uint8Array): SentChanges {
  const [head, ...bytes] = splitMessages(message, MOST_SETS + 1);
  const { from, states } = headIn(head as Uint8Array);
  if (states.length !== bytes.length) {
    throw new RangeError(`"changes" expected ${states.length} sets, got ${bytes.length}`);
  }
  const before = sequenceOf(from, "from");
  const sets = bytes.map((set, i) => {
    const sequence = sequenceOf(states[i], `states[${i}]`);
    if (sequence === before + 1 + i) return { sequence, bytes: set };
    throw new RangeError(`"states[${i}]" of changes expected change ${before + 1 + i}, got ${sequence}`);
  });
  return { from, states, sets };
}

function headIn(head: Uint8Array): Pick<SentChanges, "from" | "states"> {
  try {
    const { from, states } = JSON.parse(new TextDecoder().decode(head));
    if (Array.isArray(states)) return { from, states };
  } catch {
    // It is refused below.
  }
  throw new RangeError('"changes" expected a head of JSON with "from" and "states", got another');
}

function sequenceOf(state: unknown, name: string): number {
  const sequence = typeof state === "string" ? sequenceIn(state) : undefined;
  if (sequence !== undefined) return sequence;
  throw new RangeError(
    `"${name}" of changes expected a number and 32 hex digits with "-" between them, got another text`,
  );
}
