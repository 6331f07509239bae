import type { SharedEncoder } from "../../src/encoder/shared-encoder.ts";
import { PartFailure } from "../parts/part-failure.ts";
import type { Asking } from "./part-client.ts";
import type { RoutedGroup } from "./routed-group.ts";

/** Opens the encoder that a part has sent: `openSharedEncoder` of midx/encoder. */
export type OpenSharedEncoder = (message: Uint8Array) => Promise<SharedEncoder>;

/**
 * Asks one part after the other for the encoder that all share, until one answers, and returns what `read` makes of it. Undefined if
 * they have none. Throws the failure of the last part that was asked.
 */
export async function encoderOfParts<T>(
  groups: readonly RoutedGroup[],
  asking: Asking,
  read: (message: Uint8Array<ArrayBuffer>) => T | Promise<T>,
): Promise<T | undefined> {
  let failure: unknown;
  const known = groups.filter(({ described }) => described !== undefined);
  for (const group of known.length > 0 ? known : groups) {
    try {
      const message = await group.encoder(asking);
      return message && (await read(message));
    } catch (error) {
      failure = error;
    }
  }
  throw failure instanceof PartFailure ? failure : new PartFailure(String((failure as Error).message ?? failure));
}
