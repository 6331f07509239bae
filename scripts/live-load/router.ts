import { partObject, takeChanges } from "../../worker/part.ts";
import {
  type Bucket,
  changesBy,
  createRouter,
  inBucket,
  inDurableObjects,
  type LogNamespace,
  logIn,
  logInBucket,
  manifestAt,
  type PartNamespace,
} from "../../worker/router.ts";
import { KEY, SECONDS_BETWEEN_LOOKS, WRITE_TOKEN_DIGEST } from "./names.ts";

export { IndexLog } from "../../worker/live.ts";

interface Env {
  readonly INDEX: Bucket & Parameters<typeof logInBucket>[0];
  readonly PARTS: PartNamespace;
  readonly LOG: LogNamespace | "segments";
}

const manifestOf = (env: Env) => manifestAt(inBucket(env.INDEX), KEY);

export const PartObject = partObject(manifestOf, { changes: takeChanges() });

/** What midx/live is for one index: a router that takes changes, whose parts are Durable Objects. */
export default createRouter<Env>(manifestOf, {
  hosts: (env, parts) => inDurableObjects(env.PARTS, parts),
  changes: changesBy({
    log: ({ LOG, INDEX }: Env) => (LOG === "segments" ? logInBucket(INDEX, KEY) : logIn(LOG, "index")),
    writeTokens: [WRITE_TOKEN_DIGEST],
    deltaSeconds: SECONDS_BETWEEN_LOOKS,
  }),
  refreshSeconds: SECONDS_BETWEEN_LOOKS,
});
