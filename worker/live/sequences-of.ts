import type { SequenceEncoder } from "../../src/encoder/sequence-encoder.ts";
import type { MultiIndex } from "../../src/public.ts";
import type { Load } from "../publication/open-publication.ts";
import { encodeRoute } from "../sequences/encode-route.ts";
import { withEncoders } from "../sequences/encoders.ts";
import { adaptSequences } from "../sequences/sequence-queries.ts";

/** The option that lets an index whose classes change take sequences. `sequencesOf` makes it. */
export interface LiveSequences {
  /** Tells whether an index has an encoder: `hasEncoder` of midx/encoder. */
  readonly hasEncoder: (index: never) => boolean;
  /** Opens the encoder of an index: `openEncoder` of midx/encoder. */
  readonly openEncoder: (index: never) => Promise<object>;
}

/** The functions that only a service that takes sequences has. */
export interface LiveSequenceRoutes extends LiveSequences {
  /** Loads indexes with their encoders. */
  readonly loadWith: (load: Load) => Load;
  /** Adds the fields of sequences to an endpoint. */
  readonly adapt: typeof adaptSequences;
  /** Adds POST /v1/encode. */
  readonly addRoute: typeof encodeRoute;
}

/**
 * Lets a service of `createLiveHandler` take sequences, by the encoder that the index carries. Services without it carry none of
 * its code. Where the encoder is tied and rows are f32, it reads items that changes have added by their rows.
 *
 * @param encoders `hasEncoder` and `openEncoder` of midx/encoder
 * @returns the option `sequences` of `createLiveHandler`
 *
 * @example
 * const handler = createLiveHandler(() => fetch("https://example.com/items.midx"), {
 *   log: (env: { store: SegmentStore }) => logInSegments(env.store, "items/log/"),
 *   sequences: sequencesOf({ hasEncoder, openEncoder }),
 * });
 */
export function sequencesOf({ hasEncoder, openEncoder }: LiveSequences): LiveSequences {
  const open = async (index: MultiIndex): Promise<SequenceEncoder | undefined> =>
    hasEncoder(index as never) ? ((await openEncoder(index as never)) as SequenceEncoder) : undefined;
  const routes: LiveSequenceRoutes = {
    hasEncoder,
    openEncoder,
    adapt: adaptSequences,
    addRoute: encodeRoute,
    loadWith: (load) => withEncoders(load, open),
  };
  return routes;
}
