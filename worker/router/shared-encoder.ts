import type { SharedEncoder } from "../../src/encoder/shared-encoder.ts";
import { PartFailure } from "../parts/part-failure.ts";
import type { Asking } from "./part-client.ts";
import type { RoutedGroup } from "./routed-group.ts";

/** Opens the encoder that a part has sent: `openSharedEncoder` of midx/encoder. */
export type OpenSharedEncoder = (message: Uint8Array) => Promise<SharedEncoder>;

/** Asks one part after the other for the encoder that all share, until one answers. Undefined if they have none. */
export async function encoderOfParts(
  groups: readonly RoutedGroup[],
  asking: Asking,
  open: OpenSharedEncoder,
): Promise<SharedEncoder | undefined> {
  let failure: unknown;
  for (const group of groups.filter(({ described }) => described !== undefined)) {
    try {
      const message = await group.encoder(asking);
      return message && (await open(message));
    } catch (error) {
      failure = error;
    }
  }
  throw failure instanceof PartFailure ? failure : new PartFailure(String((failure as Error).message ?? failure));
}
