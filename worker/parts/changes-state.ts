import { joinedBytes } from "../../src/internal.ts";

// The changes that a part has, as routers and parts write them: "41-" and 32 hex digits, a digest of the changes up to 41.

const STATE = /^(0|[1-9]\d{0,14})-[0-9a-f]{32}$/;
const DIGITS = 32;

/** Returns the state of a file that has the changes of the log up to a number. */
export const firstState = (sequence: number): string => `${sequence}-${"0".repeat(DIGITS)}`;

/** Returns the number of the last change of a state; undefined for another text. */
export function sequenceIn(state: string): number | undefined {
  const [, digits] = STATE.exec(state) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/** Returns the state behind one more set. `digest` computes a SHA-256 in hex. */
export async function stateBehind(
  state: string,
  sequence: number,
  set: Uint8Array,
  digest: (bytes: Uint8Array) => Promise<string>,
): Promise<string> {
  const all = joinedBytes([new TextEncoder().encode(state), set]);
  return `${sequence}-${(await digest(all)).slice(0, DIGITS)}`;
}
