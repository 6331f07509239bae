import { DEFAULT_LIMITS } from "../../src/internal.ts";
import type { LoadOptions } from "../../src/public.ts";
import { roomFor } from "./changing.ts";
import { MOST_ROWS } from "./default-room.ts";

/** Bytes beside WebAssembly's memory that an added class takes, with a label of 20 characters: 197 measured (Node 24). */
const CLASS_BYTES = 256;

/**
 * Returns the bytes that `room` added classes take beside WebAssembly's memory, as far as they are more than the default. What the
 * limits of an isolate leave is enough for the default.
 */
export const heapOfChanges = (room: number): number => CLASS_BYTES * Math.max(0, room - roomFor(MOST_ROWS));

/** Lowers the limit of WebAssembly's memory by the heap of changes: of two indexes, if another one is loaded already. */
export function withoutHeap(options: LoadOptions, room: number): LoadOptions {
  const heap = heapOfChanges(room);
  if (heap === 0) return options;
  const { maxBytes } = options;
  const left = maxBytes === undefined ? DEFAULT_LIMITS.maxBytes - heap : maxBytes - 2 * heap;
  return { ...options, maxBytes: Math.max(1, left) };
}
