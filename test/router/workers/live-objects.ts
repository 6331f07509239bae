import { partObject, takeChanges } from "../../../worker/part.ts";
import {
  changesBy,
  createRouter,
  inDurableObjects,
  type LogNamespace,
  logIn,
  type PartNamespace,
} from "../../../worker/router.ts";
import { manifestOf, REFRESH_SECONDS, type StoreEnv } from "./env.ts";

export { IndexLog } from "../../../worker/live.ts";

interface Env extends StoreEnv {
  readonly PARTS: PartNamespace;
  readonly LOG: LogNamespace;
}

/** The SHA-256 of "writer". */
const WRITER = "b93006774cbdd4b299389a03ac3d88c3a76b460d538795bc12718011a909fba5";

export const PartObject = partObject(manifestOf, { changes: takeChanges({ maxDelta: 50 }) });

/** A router that takes changes, whose parts and log are Durable Objects of the same script. */
export default createRouter<Env>(manifestOf, {
  hosts: (env, parts) => inDurableObjects(env.PARTS, parts),
  changes: changesBy({ log: (env: Env) => logIn(env.LOG, "words"), writeTokens: [WRITER] }),
  refreshSeconds: REFRESH_SECONDS,
});
