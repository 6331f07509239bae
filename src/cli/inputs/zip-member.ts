import type { Readable } from "node:stream";
import zlib from "node:zlib";
import type { Entry, ZipFile } from "yauzl";
import { FormatError } from "../../bytes/format-error.ts";
import { type InputFile, readWith, truncated } from "../files/input-file.ts";

/** The largest ratio by which deflate inflates a byte. */
const DEFLATE_RATIO = 1032;
const STORED = 0;

/**
 * Opens a member of a zip archive as a file that is inflated as it is read. Reading from front to back is cheap. Reading at
 * an earlier position starts again from the front. The size is the one that the archive declares.
 *
 * @throws FormatError zip-size, before anything is inflated, if the compressed bytes can't inflate to the declared size;
 *   zip-member if the size or checksum turns out to be different from the declared one
 */
export function zipMember(zip: ZipFile, entry: Entry, path: string): InputFile {
  const { compressedSize, uncompressedSize: byteLength } = entry;
  const most = entry.compressionMethod === STORED ? compressedSize : DEFLATE_RATIO * compressedSize;
  if (byteLength > most) {
    throw new FormatError("zip-size", 0, `${compressedSize} bytes can't inflate to the declared ${byteLength}`);
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

/** One pass over a member. */
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
  /** Returns the next bytes, at most `most`. */
  const advance = async (most: number): Promise<Buffer> => {
    if (piece.byteLength === 0) {
      const next = await nextPiece();
      if (next === undefined) throw truncated(position, most);
      piece = next;
      // Node 20.14 and older have no crc32.
      checksum = zlib.crc32?.(piece, checksum) ?? entry.crc32;
    }
    const taken = piece.subarray(0, most);
    piece = piece.subarray(taken.byteLength);
    position += taken.byteLength;
    if (position === uncompressedSize) await checkEnd();
    return taken;
  };
  /** Checks that the member ends after the declared bytes. yauzl refuses further bytes only when they are requested. */
  const checkEnd = async (): Promise<void> => {
    await nextPiece();
    if (checksum === entry.crc32) return;
    throw new FormatError("zip-member", position, "the checksum differs from the declared one");
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

/**
 * Converts errors of yauzl and zlib, which concern the bytes of the archive, to FormatErrors. System errors stay as they
 * are.
 */
export function zipError(error: unknown, offset: number): unknown {
  if (!(error instanceof Error) || error instanceof FormatError || "syscall" in error) return error;
  return new FormatError("zip-member", offset, error.message);
}
