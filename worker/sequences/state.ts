import { invalidField } from "../request/invalid-field.ts";

/** The state of a sequence as its caller keeps it. It says nothing that the sequence does not say. */
export interface WrittenState {
  /** The content id of the index whose encoder made it. */
  readonly contentId: string;
  /** Little-endian f32 in base64. */
  readonly values: string;
}

/** Write a value of a state in base64, or read it: 110 ns. */
const STATE_VALUE = 256;
/** The bytes that become text at once, which are the arguments of one call. */
const PORTION = 8192;

/** The work of writing a number of values, or of reading them. */
export const stateWork = (values: number): number => values * STATE_VALUE;

export function writtenState(state: Float32Array, contentId: string): WrittenState {
  const bytes = new Uint8Array(state.buffer, state.byteOffset, state.byteLength);
  let text = "";
  for (let at = 0; at < bytes.length; at += PORTION) text += String.fromCharCode(...bytes.subarray(at, at + PORTION));
  return { contentId, values: btoa(text) };
}

/** Reads a state that an answer gave, which must be of this index. The encoder checks its length and values. */
export function readState({ contentId, values }: WrittenState, own: string): Float32Array {
  if (contentId !== own) {
    throw invalidField(
      "state.contentId",
      `that of the index, ${own}, got another one: send the whole sequence without a state`,
    );
  }
  let text: string;
  try {
    text = atob(values);
  } catch {
    throw invalidField("state.values", "base64 of f32 values, got other text");
  }
  if (text.length % 4 !== 0) throw invalidField("state.values", `whole f32 values, got ${text.length} bytes`);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return new Float32Array(bytes.buffer);
}
