import { headerIn } from "../../src/internal.ts";
import { workerBytes } from "../host/worker-bytes.ts";
import { roomFor } from "./changing.ts";
import { defaultRoom } from "./default-room.ts";
import { heapOfChanges } from "./heap-of-changes.ts";

/** The room for changes in a Worker that accepts them. */
export interface Room {
  /** The most rows that writers may fill. Undefined for the default, which depends on the rows of the index. */
  readonly maxDelta: number | undefined;
}

/**
 * Returns the bytes of memory that a Worker reserves for changes, with an index file that begins with these bytes. Undefined is a
 * Worker that accepts none.
 */
export function changesBytes(start: Uint8Array, fileBytes: number, room: Room | undefined): number {
  if (!room) return 0;
  const header = headerIn(start, fileBytes);
  const { maxDelta = defaultRoom(header.facts) } = room;
  const reserved = roomFor(maxDelta);
  return workerBytes(header, reserved) - workerBytes(header) + heapOfChanges(reserved);
}
