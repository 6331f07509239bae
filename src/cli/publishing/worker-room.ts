import type { Room } from "../../../worker/live/bytes-with-changes.ts";
import type { WranglerConfig } from "./wrangler.ts";

/** Returns the room of a Worker with the configuration of midx/live. Undefined for any other Worker. */
export function roomIn({ vars, durable_objects: objects }: WranglerConfig): Room | undefined {
  const hasLog = vars.LOG !== undefined || objects?.bindings.some(({ name }) => name === "LOG");
  if (!hasLog) return undefined;
  const maxDelta = Math.floor(Number(vars.MAX_DELTA));
  return { maxDelta: maxDelta >= 1 ? maxDelta : undefined }; // the Worker itself refuses other values
}
