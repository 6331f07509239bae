/** The bytes before each message, which have its length: a little-endian u32. */
const LENGTH_BYTES = 4;

/** Writes messages end to end. */
export function joinMessages(messages: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(messages.reduce((sum, { byteLength }) => sum + LENGTH_BYTES + byteLength, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const message of messages) {
    view.setUint32(at, message.byteLength, true);
    bytes.set(message, at + LENGTH_BYTES);
    at += LENGTH_BYTES + message.byteLength;
  }
  return bytes;
}

/** Divides messages, in their order, among bodies of at most this many bytes. A message that is longer has a body of its own. */
export function inBodies(messages: readonly Uint8Array[], most: number): Uint8Array[][] {
  const bodies: Uint8Array[][] = [];
  let room = -1;
  for (const message of messages) {
    const bytes = LENGTH_BYTES + message.byteLength;
    if (bytes > room) {
      bodies.push([]);
      room = most;
    }
    bodies.at(-1)?.push(message);
    room -= bytes;
  }
  return bodies;
}

/** Reads the messages of a body, which are views of it. RangeError for more than `most`, none, and lengths that lie. */
export function splitMessages(bytes: Uint8Array, most: number): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const messages: Uint8Array[] = [];
  for (let at = 0; at < bytes.byteLength; ) {
    const name = `"messages[${messages.length}]"`;
    if (messages.length === most) throw new RangeError(`"messages" expected at most ${most}, got more`);
    const left = bytes.byteLength - at - LENGTH_BYTES;
    if (left < 0) throw new RangeError(`${name} expected ${LENGTH_BYTES} bytes of length, got ${left + LENGTH_BYTES}`);
    const length = view.getUint32(at, true);
    if (length > left) throw new RangeError(`${name} expected ${length} bytes, got ${left}`);
    at += LENGTH_BYTES + length;
    messages.push(bytes.subarray(at - length, at));
  }
  if (messages.length === 0) throw new RangeError('"messages" expected at least one, got none');
  return messages;
}
