import { hex } from "../../src/bytes/sealed-header.ts";
import { xxh64 } from "../fixtures/index-file.ts";

/**
 * Returns a copy with correct checksums, as an attacker would make it: those of every tensor whose place the header
 * gives, then that of the header. All other bytes stay. If the header cannot be read, so do these.
 */
export function reseal(file: Uint8Array): Uint8Array<ArrayBuffer> {
  const sealed = Uint8Array.from(file);
  const headerBytes = headerEnd(sealed);
  if (headerBytes === undefined) return sealed;
  const header = Buffer.from(sealed.buffer, 0, headerBytes);
  for (const { name, begin, end } of placesIn(header, sealed.byteLength)) {
    const seed = xxh64(new TextEncoder().encode(name), BigInt(begin));
    writeDigits(header, `checksum.${name}`, xxh64(sealed.subarray(begin, end), seed));
  }
  writeDigits(header, "headerChecksum", 0n);
  writeDigits(header, "headerChecksum", xxh64(header, 0n));
  return sealed;
}

/** Returns the end of the header, or undefined if the length field does not fit the file. */
function headerEnd({ buffer, byteLength }: Uint8Array<ArrayBuffer>): number | undefined {
  if (byteLength < 8) return undefined;
  const end = 8n + new DataView(buffer).getBigUint64(0, true);
  return end <= BigInt(byteLength) ? Number(end) : undefined;
}

interface Place {
  readonly name: string;
  readonly begin: number;
  readonly end: number;
}

/** The tensors that lie in the file, in bytes from its start; none if the header is not JSON. */
function placesIn(header: Buffer, fileBytes: number): Place[] {
  let entries: [string, unknown][];
  try {
    entries = Object.entries(JSON.parse(header.toString("utf8", 8)) as object);
  } catch {
    return [];
  }
  return entries.flatMap(([name, value]) => {
    const offsets = (value as { data_offsets?: unknown } | null)?.data_offsets;
    if (!Array.isArray(offsets) || !offsets.every(Number.isSafeInteger)) return [];
    const [begin, end] = offsets.map((offset) => header.byteLength + (offset as number)) as [number, number];
    return header.byteLength <= begin && begin <= end && end <= fileBytes ? [{ name, begin, end }] : [];
  });
}

/** Overwrites the 16 digits of `key` in the JSON, if it is there. */
function writeDigits(header: Buffer, key: string, value: bigint): void {
  const before = `"${key}":"`;
  const at = header.indexOf(before);
  if (at >= 0 && at + before.length + 16 <= header.byteLength) header.write(hex(value), at + before.length, "latin1");
}
