import { createRouter, passChanges } from "../../../worker/router.ts";
import { type BoundEnv, boundHosts } from "./bound-hosts.ts";
import { manifestOf, REFRESH_SECONDS } from "./env.ts";

/** A router that passes changes on to Workers behind service bindings. */
export default createRouter<BoundEnv>(manifestOf, {
  hosts: boundHosts,
  changes: passChanges(),
  refreshSeconds: REFRESH_SECONDS,
});
