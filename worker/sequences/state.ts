import { invalidField } from "../request/invalid-field.ts";

/** The state of a sequence as its caller keeps it. It says nothing that the sequence does not say. */
export interface WrittenState {
  /** The content id of the index whose encoder made it. */
  readonly contentId: string;
  /** Little-endian f32 in base64. */
  readonly values: string;
}

export const writtenState = (state: Float32Array, contentId: string): WrittenState => ({
  contentId,
  values: btoa(
    Array.from(new Uint8Array(state.buffer, state.byteOffset, state.byteLength), (byte) =>
      String.fromCharCode(byte),
    ).join(""),
  ),
});

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
  return new Float32Array(Uint8Array.from(text, (character) => character.charCodeAt(0)).buffer);
}
