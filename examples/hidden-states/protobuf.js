// @ts-check
// As much of the protocol buffers' encoding as an ONNX file needs.

/**
 * Encodes a field with an integer from 0.
 * @param {number} field
 * @param {number} value
 */
export const varint = (field, value) => joined([variable(field << 3), variable(value)]);

/**
 * Encodes a field with a text.
 * @param {number} field
 * @param {string} text
 */
export const string = (field, text) => message(field, [new TextEncoder().encode(text)]);

/**
 * Encodes a field with bytes or with the fields of a message, or without a number the message itself.
 * @param {number | undefined} field
 * @param {readonly Uint8Array[]} parts
 */
export function message(field, parts) {
  const bytes = joined(parts);
  return field === undefined ? bytes : joined([variable((field << 3) | 2), variable(bytes.length), bytes]);
}

/** @param {number} value */
function variable(value) {
  const bytes = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Uint8Array.of(...bytes, rest);
}

/** @param {readonly Uint8Array[]} parts */
function joined(parts) {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const part of parts) {
    bytes.set(part, end);
    end += part.length;
  }
  return bytes;
}
