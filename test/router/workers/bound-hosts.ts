import type { HostsOf, PartHost } from "../../../worker/router.ts";
import type { StoreEnv } from "./env.ts";

/** The bindings of a router whose parts are Workers. */
export type BoundEnv = StoreEnv & Readonly<Record<`PART_${number}`, PartHost>>;

/** The Worker that is bound by the number of the first part: the binding itself, as in docs/scale-out.md. */
export const boundHosts: HostsOf<BoundEnv> = (env, { numbers: [number = 0] }) => {
  const bound = env[`PART_${number}`];
  return bound ? [bound] : [];
};
