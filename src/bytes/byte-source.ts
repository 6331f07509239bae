import { checkAttached, checkView, isTypedArray, kindOf } from "../checks/check.ts";
import { isWorkerd } from "./workerd.ts";

/** The sources of an index file: bytes in memory, a file, a successful answer of fetch, or a stream of bytes. */
export type IndexSource = ArrayBuffer | ArrayBufferView | Blob | Response | ReadableStream<Uint8Array>;

/** Bytes that are read in order and copied to where the caller wants them. */
export interface ByteSource {
  /** The total number of bytes, if it is known in advance. */
  readonly byteLength: number | undefined;
  /** Fills `target` from the front, and returns how many bytes it wrote: fewer than its length only at the end. */
  fill(target: Uint8Array): Promise<number>;
  /** Cancels the rest, so that no connection stays open. It does not wait for the source, which may never answer. */
  cancel(): void;
}

const STREAM_BUFFER_BYTES = 65536;

/**
 * Opens a source. TypeError for anything that is not an IndexSource, and for a response with a status other than 2xx.
 */
export function openSource(source: IndexSource): ByteSource {
  if (ArrayBuffer.isView(source)) {
    checkView("source", source);
    return new BufferSource(new Uint8Array(source.buffer, source.byteOffset, source.byteLength));
  }
  if (isArrayBuffer(source)) {
    checkAttached("source", source);
    return new BufferSource(new Uint8Array(source));
  }
  if (source instanceof Blob) return new StreamSource(source.stream(), source.size);
  const stream = source instanceof Response ? bodyOf(source) : source;
  if (stream instanceof ReadableStream) {
    if (stream.locked)
      throw new TypeError('"source" expected what nobody has read, got a response or stream that is in use');
    return new StreamSource(stream, undefined);
  }
  throw new TypeError(
    `"source" expected an ArrayBuffer, view, Blob, Response or ReadableStream, got ${kindOf(source)}`,
  );
}

/** An ArrayBuffer of another realm, such as jsdom's, is no instance of the ArrayBuffer of this one. */
const isArrayBuffer = (source: unknown): source is ArrayBuffer =>
  Object.prototype.toString.call(source) === "[object ArrayBuffer]";

function bodyOf({ ok, body, status }: Response): ReadableStream<Uint8Array> {
  if (ok && body) return body;
  throw new TypeError(`"source" expected a response with status 200, got ${status}${ok ? " without a body" : ""}`);
}

class BufferSource implements ByteSource {
  private readonly bytes: Uint8Array;
  private offset = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get byteLength(): number {
    return this.bytes.byteLength;
  }

  async fill(target: Uint8Array): Promise<number> {
    if (this.bytes.byteLength === 0) checkAttached("source", this.bytes.buffer); // transferred while it was being read
    const part = this.bytes.subarray(this.offset, this.offset + target.byteLength);
    target.set(part);
    this.offset += part.byteLength;
    return part.byteLength;
  }

  cancel(): void {}
}

/**
 * Reads a stream, in workerd through one 64 KiB buffer if it is a byte stream. workerd otherwise hands out 4 KiB at a time,
 * which takes 200 ms instead of 20–40 ms for 20 MB. WebAssembly memory cannot be this buffer, because it cannot be detached.
 * Elsewhere chunks are as large, and a reader with a buffer would wait for ever at the end of a byte stream whose source
 * closes it and does not respond to the pending request, which is easily forgotten.
 */
class StreamSource implements ByteSource {
  readonly byteLength: number | undefined;
  private readonly reader: ChunkReader;
  private rest = new Uint8Array(0);

  constructor(stream: ReadableStream<Uint8Array>, byteLength: number | undefined) {
    this.byteLength = byteLength;
    this.reader = (isWorkerd && byteReader(stream)) || chunkReader(stream);
  }

  async fill(target: Uint8Array): Promise<number> {
    let filled = 0;
    while (filled < target.byteLength) {
      if (this.rest.byteLength === 0) {
        const chunk = await this.reader.next();
        if (chunk === undefined) break;
        this.rest = chunk as Uint8Array<ArrayBuffer>;
      }
      const part = this.rest.subarray(0, target.byteLength - filled);
      target.set(part, filled);
      filled += part.byteLength;
      this.rest = this.rest.subarray(part.byteLength);
    }
    return filled;
  }

  /** Ignores errors: a failed stream cannot be cancelled, and `fill` reports its error. */
  cancel(): void {
    this.reader.cancel().catch(() => {});
  }
}

interface ChunkReader {
  /** Returns the next chunk, which is valid until the next call; undefined at the end. */
  next(): Promise<Uint8Array | undefined>;
  cancel(): Promise<void>;
}

/** Returns undefined if the stream is not a byte stream. */
function byteReader(stream: ReadableStream<Uint8Array>): ChunkReader | undefined {
  let reader: ReadableStreamBYOBReader;
  try {
    reader = stream.getReader({ mode: "byob" });
  } catch {
    return undefined;
  }
  let buffer = new ArrayBuffer(STREAM_BUFFER_BYTES);
  const next = async (): Promise<Uint8Array | undefined> => {
    const { value, done } = await reader.read(new Uint8Array(buffer));
    if (done || !value) return undefined;
    buffer = value.buffer as ArrayBuffer;
    return value;
  };
  return { next, cancel: () => reader.cancel() };
}

function chunkReader(stream: ReadableStream<unknown>): ChunkReader {
  const reader = stream.getReader();
  const next = async (): Promise<Uint8Array | undefined> => {
    const { value, done } = await reader.read();
    if (done) return undefined;
    if (!isTypedArray(value, "Uint8Array")) {
      const kind = typeof value === "object" ? (value?.constructor?.name ?? "null") : typeof value;
      throw new TypeError(`"source" expected a stream of Uint8Array, got ${kind}`);
    }
    return value;
  };
  return { next, cancel: () => reader.cancel() };
}
