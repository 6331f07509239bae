import type { Readable } from "node:stream";
import zlib from "node:zlib";
import type { Entry, ZipFile } from "yauzl";
import { FormatError } from "../../bytes/format-error.ts";
import { type InputFile, readWith, truncated } from "../files/input-file.ts";

/** Deflate makes at most so many bytes of one. */
const DEFLATE_RATIO = 1032;
const STORED = 0;

/**
 * A member of a zip archive as a file, inflated as it is read: cheap from front to back, and again from the front for what
 * lies behind. Its size is the one the archive declares; FormatError zip-size, before any of it is inflated, where so few
 * bytes cannot become so many, and zip-member where the bytes turn out to be others than declared, in number or checksum.
 */
export function zipMember(zip: ZipFile, entry: Entry, path: string): InputFile {
  const { compressedSize, uncompressedSize: byteLength } = entry;
  const most = entry.compressionMethod === STORED ? compressedSize : DEFLATE_RATIO * compressedSize;
  if (byteLength > most) {
    throw new FormatError("zip-size", 0, `${compressedSize} bytes are declared to inflate to ${byteLength}`);
  }
  let reading = startReading(zip, entry);
  const fill = async (position: number, bytes: Uint8Array): Promise<void> => {
    if (position < reading.position) {
      reading.end();
      reading = startReading(zip, entry);
    }
    await reading.skipTo(position);
    await reading.take(bytes);
  };
  return { path, byteLength, read: readWith(byteLength, fill), fill, close: async () => reading.end() };
}

/** One way through a member. */
interface Reading {
  readonly position: number;
  skipTo(position: number): Promise<void>;
  take(bytes: Uint8Array): Promise<void>;
  end(): void;
}

function startReading(zip: ZipFile, entry: Entry): Reading {
  const { uncompressedSize } = entry;
  let stream: Readable | undefined;
  let pieces: AsyncIterator<Buffer> | undefined;
  let piece: Buffer = Buffer.alloc(0);
  let position = 0;
  let checksum = 0;

  const nextPiece = async (): Promise<Buffer | undefined> => {
    try {
      stream ??= await zip.openReadStreamPromise(entry);
      pieces ??= stream[Symbol.asyncIterator]();
      const { done, value } = await pieces.next();
      return done ? undefined : value;
    } catch (error) {
      throw zipError(error, position);
    }
  };
  /** The next bytes, at most `most` of them. */
  const advance = async (most: number): Promise<Buffer> => {
    if (piece.byteLength === 0) {
      const next = await nextPiece();
      if (next === undefined) throw truncated(position, most);
      piece = next;
      // Node 20.14 and older cannot tell.
      checksum = zlib.crc32?.(piece, checksum) ?? entry.crc32;
    }
    const taken = piece.subarray(0, most);
    piece = piece.subarray(taken.byteLength);
    position += taken.byteLength;
    if (position === uncompressedSize) await checkEnd();
    return taken;
  };
  /** The declared bytes must be all there are. yauzl refuses a byte more, but not before it is asked for it. */
  const checkEnd = async (): Promise<void> => {
    await nextPiece();
    if (checksum === entry.crc32) return;
    throw new FormatError("zip-member", position, "the checksum is another than declared");
  };

  return {
    get position() {
      return position;
    },
    async skipTo(target) {
      while (position < target) await advance(target - position);
    },
    async take(bytes) {
      for (let at = 0; at < bytes.byteLength; ) {
        const taken = await advance(bytes.byteLength - at);
        bytes.set(taken, at);
        at += taken.byteLength;
      }
    },
    end() {
      stream?.destroy();
    },
  };
}

/** Errors of yauzl and zlib are about the bytes of an archive; other errors have a code of the system. */
export function zipError(error: unknown, offset: number): unknown {
  if (!(error instanceof Error) || error instanceof FormatError || "syscall" in error) return error;
  return new FormatError("zip-member", offset, error.message);
}
