/** A length field with these header bytes: a safetensors file without tensors. */
export function container(json: string | Uint8Array): Uint8Array<ArrayBuffer> {
  const header = typeof json === "string" ? new TextEncoder().encode(json) : json;
  const bytes = new Uint8Array(8 + header.byteLength);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.byteLength), true);
  bytes.set(header, 8);
  return bytes;
}
