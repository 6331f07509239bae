// Sets of items by user or session, from the recommendation data. They may not be shipped: a bench skips where absent.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { haveData, placeOf } from "./data.ts";

const place = placeOf("gowalla");

/** Whether the data set is there; says so where it is not. */
export const haveSessions = (): boolean => haveData("gowalla");

/** The items of each user of gowalla, in one of its two parts; order within a user means nothing. */
export const sessions = (part: "train" | "test"): Uint16Array[] => readRagged(`${place}/${part}.rag.gz`);

const DELTAS = 1;
const SPLIT_BYTES = 2;

/**
 * "RAG1", u32 rows, u32 items in all, u32 bytes an item (2), u32 flags, u32 length of each row, items end to end.
 * Flags: 1, an item is the difference from the one before it in its row; 2, all low bytes, then all high bytes.
 */
function readRagged(path: string): Uint16Array[] {
  const bytes = new Uint8Array(gunzipSync(readFileSync(path)));
  const view = new DataView(bytes.buffer);
  const word = (index: number): number => view.getUint32(4 * index, true);
  if (view.getUint32(0) !== 0x52414731 || word(3) !== 2) throw new Error(`${path}: not RAG1 with items of 2 bytes`);
  const [rowCount, total, flags] = [word(1), word(2), word(4)];
  const first = 20 + 4 * rowCount;
  const byte = (at: number): number => bytes[first + at] as number;
  const rows: Uint16Array[] = [];
  for (let row = 0, at = 0; row < rowCount; row++) {
    const items = new Uint16Array(word(5 + row));
    for (let i = 0; i < items.length; i++, at++) {
      const value = flags & SPLIT_BYTES ? byte(at) | (byte(total + at) << 8) : byte(2 * at) | (byte(2 * at + 1) << 8);
      items[i] = value + (flags & DELTAS && i > 0 ? (items[i - 1] as number) : 0);
    }
    rows.push(items);
  }
  return rows;
}
