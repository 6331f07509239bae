import { createRouter, type PartHost } from "../../../worker/router.ts";
import { manifestOf, REFRESH_SECONDS, type StoreEnv } from "./env.ts";

type Env = StoreEnv & Readonly<Record<`PART_${number}`, PartHost>>;

/** A router whose parts are Workers behind service bindings. */
export default createRouter<Env>(manifestOf, {
  hosts: (env, { numbers: [number = 0] }) => {
    const bound = env[`PART_${number}`];
    return bound ? [{ fetch: (request) => bound.fetch(request) }] : [];
  },
  refreshSeconds: REFRESH_SECONDS,
});
