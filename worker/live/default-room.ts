import { addedBytes } from "../../src/internal.ts";

/** The most rows of changes by default, and the most bytes that they take. */
export const MOST_ROWS = 20_000;
const MOST_BYTES = 8_000_000;

/** Returns the most rows of changes by default, for rows like these. */
export const defaultRoom = (row: Parameters<typeof addedBytes>[0]): number =>
  Math.max(1, Math.min(MOST_ROWS, Math.floor(MOST_BYTES / addedBytes(row))));
