/**
 * Reads the bytes of a stream, at most `maxBytes` and one more. The extra byte tells that there are more, and the rest
 * is not read: the stream is cancelled without waiting for it.
 */
export async function readAtMost(
  stream: ReadableStream<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let byteLength = 0;
  while (byteLength <= maxBytes) {
    const { value } = await reader.read();
    if (!value) break;
    chunks.push(value);
    byteLength += value.byteLength;
  }
  reader.cancel().catch(() => undefined);
  const bytes = new Uint8Array(Math.min(byteLength, maxBytes + 1));
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk.subarray(0, bytes.byteLength - offset), offset);
    offset += chunk.byteLength;
  }
  return bytes;
}
