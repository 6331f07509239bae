import { createHash } from "node:crypto";
import { open } from "node:fs/promises";

/** Computes the SHA-256 of a file of any size. */
export async function sha256OfFile(path: string): Promise<{ readonly sha256: string; readonly byteLength: number }> {
  const handle = await open(path, "r");
  try {
    const hash = createHash("sha256");
    const buffer = new Uint8Array(2 ** 20);
    let byteLength = 0;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.byteLength, byteLength);
      if (bytesRead === 0) return { sha256: hash.digest("hex"), byteLength };
      hash.update(buffer.subarray(0, bytesRead));
      byteLength += bytesRead;
    }
  } finally {
    await handle.close();
  }
}
