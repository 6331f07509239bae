import type { InputFile } from "../files/input-file.ts";

/** Bytes of a request. */
const PIECE_BYTES = 2 ** 22;
/** Pieces that are kept, so that readers of a few columns of a file side by side read no piece twice. */
const KEPT_PIECES = 4;
/** Pieces that are requested before they are needed, once a reader goes from front to back. */
const PIECES_AHEAD = 2;

/** The most memory that the pieces of a file take. */
export const PIECES_BYTES = (KEPT_PIECES + PIECES_AHEAD) * PIECE_BYTES;

/** Returns a function that reads a file by pieces, which `readRange` requests. It keeps the last ones and reads ahead. */
export function fillByPieces(
  byteLength: number,
  readRange: (begin: number, end: number) => Promise<Uint8Array>,
): InputFile["fill"] {
  const pieces = new Map<number, Promise<Uint8Array>>();
  let last = Number.NEGATIVE_INFINITY;
  /** Requests a piece unless it is there, as the newest one. */
  const request = (index: number): Promise<Uint8Array> => {
    const begin = index * PIECE_BYTES;
    const piece = pieces.get(index) ?? readRange(begin, Math.min(byteLength, begin + PIECE_BYTES));
    pieces.delete(index);
    pieces.set(index, piece);
    piece.catch(() => pieces.delete(index)); // who waits for it hears of the error, and a later reader tries again
    return piece;
  };
  const pieceAt = async (index: number): Promise<Uint8Array> => {
    const piece = request(index);
    if (index === last + 1 && index >= 0) {
      for (let ahead = index + 1; ahead <= index + PIECES_AHEAD && ahead * PIECE_BYTES < byteLength; ahead++) {
        request(ahead);
      }
    }
    last = index;
    for (const oldest of pieces.keys()) {
      if (pieces.size <= KEPT_PIECES + PIECES_AHEAD) break;
      pieces.delete(oldest);
    }
    return piece;
  };
  return async (position, bytes) => {
    for (let filled = 0; filled < bytes.byteLength; ) {
      const index = Math.floor((position + filled) / PIECE_BYTES);
      const piece = await pieceAt(index);
      const from = position + filled - index * PIECE_BYTES;
      const taken = piece.subarray(from, from + bytes.byteLength - filled);
      bytes.set(taken, filled);
      filled += taken.byteLength;
    }
  };
}
