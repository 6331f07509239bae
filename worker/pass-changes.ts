import type { ChangeRoutes, RouterChanges } from "./changes-by.ts";
import { changePassing } from "./live/parts/change-passing.ts";
import { createRouterService } from "./router-service.ts";

/**
 * Lets a router that is a part of a larger router pass the changes of its classes on to its own parts. It has no log: the router
 * above has it. Whoever reaches it with its token can change its parts.
 *
 * @returns the option `changes` of `createRouter`
 *
 * @example
 * export default createRouter((env: Env) => manifestAt(inBucket(env.INDEX), "items/current.json"), {
 *   hosts: (env, parts) => inDurableObjects(env.PARTS, parts),
 *   changes: passChanges(),
 * });
 */
export function passChanges(): RouterChanges<unknown> {
  const routes: ChangeRoutes<unknown> = {
    createService: (environment) => createRouterService({ ...environment, passing: changePassing() }),
  };
  return routes;
}
