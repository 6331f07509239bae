/** Bytes in order, a chunk at a time. The next chunk may overwrite the last. */
export type ByteChunks = Iterable<Uint8Array>;

export const bytesOf = (values: ArrayBufferView): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

const CHUNK_VALUES = 16384;

/** Yields values[order[0]], values[order[1]], … as f32. */
export function* reordered(values: Float32Array, order: Int32Array): Generator<Uint8Array> {
  const chunk = new Float32Array(Math.min(CHUNK_VALUES, order.length));
  for (let start = 0; start < order.length; start += CHUNK_VALUES) {
    const count = Math.min(CHUNK_VALUES, order.length - start);
    for (let i = 0; i < count; i++) chunk[i] = values[order[start + i] as number] as number;
    yield bytesOf(chunk.subarray(0, count));
  }
}
