import { partObject, takeChanges } from "../../../worker/part.ts";
import {
  changesBy,
  createRouter,
  inDurableObjects,
  type LogNamespace,
  logIn,
  type PartNamespace,
} from "../../../worker/router.ts";
import { manifestOf, REFRESH_SECONDS, type StoreEnv, WRITER } from "./env.ts";

export { IndexLog } from "../../../worker/live.ts";

interface Env extends StoreEnv {
  readonly PARTS: PartNamespace;
  readonly LOG: LogNamespace;
}

export const PartObject = partObject(manifestOf, { changes: takeChanges() });

/** A router that takes changes, whose parts and log are Durable Objects of the same script. */
export default createRouter<Env>(manifestOf, {
  hosts: (env, parts) => inDurableObjects(env.PARTS, parts),
  changes: changesBy({ log: (env: Env) => logIn(env.LOG, "words"), writeTokens: [WRITER] }),
  refreshSeconds: REFRESH_SECONDS,
});
