import { changesBy, createRouter, logInBucket } from "../../../worker/router.ts";
import { type BoundEnv, boundHosts } from "./bound-hosts.ts";
import { KEY, manifestOf, REFRESH_SECONDS, WRITER } from "./env.ts";

type LogBucket = Parameters<typeof logInBucket>[0];

/** A router with a log in its bucket, whose first two parts are behind another router. */
export default createRouter<BoundEnv>(manifestOf, {
  hosts: boundHosts,
  groups: [2, 1],
  changes: changesBy({ log: (env: BoundEnv) => logInBucket(env.INDEX as LogBucket, KEY), writeTokens: [WRITER] }),
  refreshSeconds: REFRESH_SECONDS,
});
