import { roomFor } from "../../../worker/live/changing.ts";
import { defaultRoom } from "../../../worker/live/default-room.ts";
import { xxh64 } from "../../arithmetic/xxh64.ts";
import { headerLength, parse } from "../../format/header.ts";
import { workerBytes } from "../files/index-memory.ts";
import type { WranglerConfig } from "./wrangler.ts";

/** The room for changes in a Worker that accepts them. */
export interface Room {
  /** The most rows that writers may fill. Undefined for the default, which depends on the rows of the index. */
  readonly maxDelta: number | undefined;
}

/** Returns the room of a Worker with the configuration of midx/live. Undefined for any other Worker. */
export function roomIn({ vars, durable_objects: objects }: WranglerConfig): Room | undefined {
  const hasLog = vars.LOG !== undefined || objects?.bindings.some(({ name }) => name === "LOG");
  if (!hasLog) return undefined;
  const maxDelta = Math.floor(Number(vars.MAX_DELTA));
  return { maxDelta: maxDelta >= 1 ? maxDelta : undefined }; // the Worker itself refuses other values
}

/** Returns the bytes of memory that a Worker reserves for changes, with an index file that begins with these bytes. */
export function changesBytes(start: Uint8Array, fileBytes: number, room: Room | undefined): number {
  if (!room) return 0;
  const header = parse(start.subarray(0, headerLength(start.subarray(0, 8), fileBytes)), fileBytes, xxh64);
  const { maxDelta = defaultRoom(header.facts) } = room;
  return workerBytes(header, roomFor(maxDelta)) - workerBytes(header);
}
