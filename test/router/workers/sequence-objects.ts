import { openSharedEncoder } from "../../../src/encoder/workerd.ts";
import { partObject } from "../../../worker/part.ts";
import { createRouter, inDurableObjects, type PartNamespace, sequencesBy } from "../../../worker/router.ts";
import { manifestOf, REFRESH_SECONDS, type StoreEnv } from "./env.ts";

interface Env extends StoreEnv {
  readonly PARTS: PartNamespace;
}

export const PartObject = partObject(manifestOf);

/** A router that takes sequences, whose parts are Durable Objects of the same script. */
export default createRouter<Env>(manifestOf, {
  hosts: (env, parts) => inDurableObjects(env.PARTS, parts),
  sequences: sequencesBy(openSharedEncoder),
  refreshSeconds: REFRESH_SECONDS,
});
