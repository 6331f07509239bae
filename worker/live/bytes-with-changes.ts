import { headerIn } from "../../src/internal.ts";
import type { Readers } from "../../src/publication/publishing/successor.ts";
import { leastWorkerBytes, workerBytes } from "../host/worker-bytes.ts";
import { roomFor } from "./changing.ts";
import { defaultRoom } from "./default-room.ts";
import { heapOfChanges } from "./heap-of-changes.ts";

/** The room for changes in a Worker that accepts them. */
export interface Room {
  /** The most rows that writers may fill. Undefined for the default, which depends on the rows of the index. */
  readonly maxDelta: number | undefined;
}

/**
 * Returns the bytes of memory that a Worker reserves for changes, with an index file that begins with these bytes, and those that are
 * enough for both. An undefined room is that of a Worker that accepts none.
 */
export function bytesWithChanges(
  start: Uint8Array,
  fileBytes: number,
  room: Room | undefined,
): Required<Pick<Readers, "changesBytes" | "leastBytes">> {
  const header = headerIn(start, fileBytes);
  if (!room) return { changesBytes: 0, leastBytes: leastWorkerBytes(header) };
  const reserved = roomFor(room.maxDelta ?? defaultRoom(header.facts));
  const heap = heapOfChanges(reserved);
  return {
    changesBytes: workerBytes(header, reserved) - workerBytes(header) + heap,
    leastBytes: leastWorkerBytes(header, reserved) + heap,
  };
}
