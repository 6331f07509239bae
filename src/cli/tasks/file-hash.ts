import { createHash } from "node:crypto";
import type { InputFile } from "../files/input-file.ts";

/** Bytes that are read at a time. */
const CHUNK_BYTES = 2 ** 20;

/** Computes the SHA-256 of a file of any size. */
export async function sha256OfFile(
  open: () => Promise<InputFile>,
): Promise<{ readonly sha256: string; readonly byteLength: number }> {
  const file = await open();
  try {
    const { byteLength } = file;
    const hash = createHash("sha256");
    const buffer = new Uint8Array(Math.min(CHUNK_BYTES, byteLength));
    for (let at = 0; at < byteLength; at += CHUNK_BYTES) {
      const chunk = buffer.subarray(0, byteLength - at);
      await file.fill(at, chunk);
      hash.update(chunk);
    }
    return { sha256: hash.digest("hex"), byteLength };
  } finally {
    await file.close();
  }
}
