import { requireFunctions } from "../host/require-functions.ts";
import { encodeRoute } from "../sequences/encode-route.ts";
import { encodeWith } from "../sequences/encoders.ts";
import { adaptSequences } from "../sequences/sequence-queries.ts";
import { routedEncoder } from "./routed-encoder.ts";
import type { RouterIndex } from "./router-index.ts";
import type { OpenSharedEncoder } from "./shared-encoder.ts";

/** The option that lets a router take sequences. `sequencesBy` makes it. */
export interface RouterSequences {
  /** Opens the encoder of the parts. */
  readonly openEncoder: OpenSharedEncoder;
}

/** The functions that only a router that takes sequences has. */
export interface SequenceRoutes extends RouterSequences {
  /** Adds the fields of sequences to an endpoint. */
  readonly adapt: typeof adaptSequences;
  /** Adds POST /v1/encode. */
  readonly addRoute: typeof encodeRoute;
  /** Lets the index of a request make queries of sequences. */
  readonly encodeFor: (index: RouterIndex) => void;
}

/**
 * Lets a router take sequences, by the encoder that its parts share. Routers without it carry none of its code.
 *
 * @param openEncoder `openSharedEncoder` of midx/encoder
 * @returns the option `sequences` of `createRouter`
 *
 * @example
 * export default createRouter((env: Env) => manifestAt(inBucket(env.INDEX), "items/current.json"), {
 *   hosts: (env, parts) => inDurableObjects(env.PARTS, parts),
 *   sequences: sequencesBy(openSharedEncoder),
 * });
 */
export function sequencesBy(openEncoder: OpenSharedEncoder): RouterSequences {
  requireFunctions({ openEncoder });
  const routes: SequenceRoutes = {
    openEncoder,
    adapt: adaptSequences,
    addRoute: encodeRoute,
    encodeFor(index) {
      if (index.encoder) encodeWith(index, routedEncoder(index, index.encoder));
    },
  };
  return routes;
}
