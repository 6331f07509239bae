import { FormatError } from "../../src/public.ts";
import type { Part, Pointer } from "../../src/publication/pointer.ts";

const CHUNK_BYTES = 65536;

/** Workers have a digest of more than fits in memory, which other runtimes don't. */
interface StreamingCrypto {
  readonly DigestStream: new (
    algorithm: string,
  ) => WritableStream<Uint8Array> & { readonly digest: Promise<ArrayBuffer> };
}

/**
 * The parts end to end, each opened when the one before it is read. The stream fails where a part has another length than
 * the pointer says, and at its end where the whole has another SHA-256: nothing of it is kept but a chunk.
 */
export function joinParts(
  { parts, sha256 }: Pointer,
  open: (part: Part) => Promise<ReadableStream<Uint8Array>>,
): ReadableStream<Uint8Array> {
  const digest = new (crypto as unknown as StreamingCrypto).DigestStream("SHA-256");
  const hashing = digest.getWriter();
  const chunks = chunksOf(parts, open);
  return new ReadableStream({
    type: "bytes",
    async pull(controller) {
      const { value, done } = await chunks.next();
      if (value) {
        await hashing.write(value);
        controller.enqueue(value);
      }
      if (!done) return;
      await hashing.close();
      const found = hexOf(await digest.digest);
      if (found !== sha256) throw new FormatError("sha256", 0, `the file expected SHA-256 ${sha256}, got ${found}`);
      controller.close();
      controller.byobRequest?.respond(0);
    },
    async cancel() {
      await chunks.return(undefined);
      digest.digest.catch(() => undefined); // it rejects where nobody asks for it any more
      await hashing.abort();
    },
  });
}

async function* chunksOf(
  parts: readonly Part[],
  open: (part: Part) => Promise<ReadableStream<Uint8Array>>,
): AsyncGenerator<Uint8Array<ArrayBuffer>, undefined, undefined> {
  for (const part of parts) {
    let byteLength = 0;
    const reader = (await open(part)).getReader({ mode: "byob" });
    try {
      for (;;) {
        const { value, done } = await reader.read(new Uint8Array(CHUNK_BYTES));
        if (done || !value) break;
        byteLength += value.byteLength;
        if (byteLength > part.byteLength) break;
        yield value;
      }
    } finally {
      reader.cancel().catch(() => undefined);
    }
    if (byteLength !== part.byteLength) {
      throw new FormatError("part", 0, `part ${part.sha256} expected ${part.byteLength} bytes, got ${byteLength}`);
    }
  }
  return undefined;
}

const hexOf = (bytes: ArrayBuffer): string =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
