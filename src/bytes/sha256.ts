import { plainSha256 } from "./plain-sha256.ts";

/** Computes the SHA-256 of bytes, as 64 hex digits. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const subtle = crypto.subtle as SubtleCrypto | undefined; // missing on pages that are served over plain HTTP
  const digest = subtle
    ? new Uint8Array(await subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>))
    : plainSha256(bytes);
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
