import { ISOLATE_BYTES } from "../../memory/load-options.ts";
import type { Manifest } from "../../publication/manifest.ts";
import type { WranglerConfig } from "./wrangler.ts";

/** The most memory of a part whose object may share an isolate: three of them fit, such as two parts and a newer generation. */
const SHARED_PART_BYTES = ISOLATE_BYTES / 3;

/** Returns the bindings of Durable Objects that a Worker has, each with its class. */
export const objectsOf = ({ durable_objects: objects }: WranglerConfig): string[] =>
  (objects?.bindings ?? []).map(({ name, class_name }) => `${name} (class ${class_name})`);

/**
 * Throws an Error if parts could share an isolate that is too small for them: Cloudflare does not say when objects of one class
 * do. Nobody but the Worker knows which of its bindings lead to parts, so any may.
 */
export function checkShared({ parts }: Manifest, objects: readonly string[], isForced: boolean): void {
  const large = parts.find(({ memoryBytes }) => memoryBytes > SHARED_PART_BYTES);
  if (isForced || objects.length === 0 || large === undefined) return;
  throw new Error(
    `part ${large.number} needs ${large.memoryBytes} bytes of memory, and Durable Objects of ${objects.join(", ")} may share ` +
      `an isolate, which has ${ISOLATE_BYTES} for all of them: build parts of at most ${SHARED_PART_BYTES} (--parts), serve ` +
      "them from Workers of their own behind service bindings or from processes, or pass --force to publish them nevertheless",
  );
}
