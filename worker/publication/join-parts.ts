import { FormatError } from "../../src/public.ts";
import type { Part, Pointer } from "../../src/publication/pointer.ts";

const CHUNK_BYTES = 65536;

/** Workers can digest a stream that does not fit in memory. Other runtimes cannot. */
interface StreamingCrypto {
  readonly DigestStream: new (
    algorithm: string,
  ) => WritableStream<Uint8Array> & { readonly digest: Promise<ArrayBuffer> };
}

/**
 * Joins the parts of a file into one stream, which opens each part after reading the previous one and holds one chunk in
 * memory. The stream fails if the length of a part, or at its end the SHA-256 of the file, differs from the pointer.
 */
export function joinParts(
  { parts, sha256 }: Pick<Pointer, "parts" | "sha256">,
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
      digest.digest.catch(() => undefined); // it rejects, and nobody needs it any more
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
