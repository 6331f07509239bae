import { createRouter } from "../../../worker/router.ts";
import { type BoundEnv, boundHosts } from "./bound-hosts.ts";
import { manifestOf, REFRESH_SECONDS } from "./env.ts";

/** A router whose parts are Workers behind service bindings. */
export default createRouter<BoundEnv>(manifestOf, {
  hosts: boundHosts,
  refreshSeconds: REFRESH_SECONDS,
});
