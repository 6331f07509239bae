import { createHash } from "node:crypto";
import type { InputFile } from "../files/input-file.ts";
import { streamOfInput } from "../streaming/file-stream.ts";

/** Bytes that are read at a time. */
const CHUNK_BYTES = 2 ** 20;

/** Reads a file once, and computes the SHA-256 of all of it, however much of it another reader takes. */
export class HashedFile {
  readonly #file: InputFile;
  readonly #hash = createHash("sha256");
  #at = 0;

  constructor(file: InputFile) {
    this.#file = file;
  }

  /** Streams the file from its beginning. */
  stream(): ReadableStream<Uint8Array> {
    const { byteLength } = this.#file;
    return streamOfInput({ byteLength, fill: (_, bytes) => this.#next(bytes) });
  }

  /** Reads what nobody has read yet, and returns the hash. */
  async sha256(): Promise<string> {
    const { byteLength } = this.#file;
    const buffer = new Uint8Array(Math.min(CHUNK_BYTES, byteLength));
    while (this.#at < byteLength) await this.#next(buffer.subarray(0, byteLength - this.#at));
    return this.#hash.digest("hex");
  }

  async #next(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#file.fill(this.#at, bytes);
    this.#hash.update(bytes);
    this.#at += bytes.byteLength;
  }
}

/** Computes the SHA-256 of a file of any size. */
export async function sha256OfFile(
  open: () => Promise<InputFile>,
): Promise<{ readonly sha256: string; readonly byteLength: number }> {
  const file = await open();
  try {
    return { sha256: await new HashedFile(file).sha256(), byteLength: file.byteLength };
  } finally {
    await file.close();
  }
}
