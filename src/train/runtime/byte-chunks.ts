/** Bytes in order, a piece at a time. What comes next may overwrite a piece. */
export type ByteChunks = Iterable<Uint8Array>;

export const bytesOf = (values: ArrayBufferView): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

const PIECE_ITEMS = 16384;

/** values[order[0]], values[order[1]], … as f32. */
export function* reordered(values: Float32Array, order: Int32Array): Generator<Uint8Array> {
  const piece = new Float32Array(Math.min(PIECE_ITEMS, order.length));
  for (let start = 0; start < order.length; start += PIECE_ITEMS) {
    const count = Math.min(PIECE_ITEMS, order.length - start);
    for (let i = 0; i < count; i++) piece[i] = values[order[start + i] as number] as number;
    yield bytesOf(piece.subarray(0, count));
  }
}
