import { changesRoutes } from "../../parts/changes-routes.ts";
import type { ChangePassing } from "../../router/change-passing.ts";
import type { RouterIndex } from "../../router/router-index.ts";
import { PassedChanges } from "./passed-changes.ts";

/** Passes changes on, for one router. The states of parts are kept as long as their generation is served. */
export function changePassing(): ChangePassing {
  const known = new WeakMap<RouterIndex, Map<string, PassedChanges>>();
  return {
    addRoutes: changesRoutes,
    partOf(index, numbers, wanted) {
      return index.partOf(numbers, (groups, asking) => {
        const all = known.get(index) ?? new Map<string, PassedChanges>();
        known.set(index, all);
        const sequence = index.info.compaction?.sequence ?? 0;
        const changing = all.get(numbers.join()) ?? new PassedChanges(groups, sequence, asking);
        all.set(numbers.join(), changing);
        return { changing, asked: wanted !== undefined && changing.has(wanted) ? changing.asked(wanted) : undefined };
      });
    },
  };
}
