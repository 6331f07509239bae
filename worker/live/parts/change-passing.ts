import type { Context } from "hono";
import { changesRoutes } from "../../parts/changes-routes.ts";
import { OtherChanges } from "../../parts/part-problem.ts";
import { CHANGES_HEADER } from "../../parts/protocol.ts";
import { requireChanges } from "../../parts/require-changes.ts";
import type { ChangePassing } from "../../router/change-passing.ts";
import type { RouterIndex } from "../../router/router-index.ts";
import { PassedChanges } from "./passed-changes.ts";

/** Waits for an answer of parts. If they have other changes, the response says which. */
async function sayingChanges<T>(c: Context, answer: T | Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof OtherChanges) c.header(CHANGES_HEADER, error.state);
    throw error;
  }
}

/** Passes changes on, for one router. The states of parts are kept as long as their generation is served. */
export function changePassing(): ChangePassing {
  const known = new WeakMap<RouterIndex, Map<string, PassedChanges>>();
  return {
    addRoutes: changesRoutes,
    partOf(c, index, asked) {
      const { numbers } = asked;
      const wanted = c.req.header(CHANGES_HEADER);
      const part = index.partOf({ ...asked, isPartial: false }, (groups, asking) => {
        const all = known.get(index) ?? new Map<string, PassedChanges>();
        known.set(index, all);
        const sequence = index.info.compaction?.sequence ?? 0;
        const changing = all.get(numbers.join()) ?? new PassedChanges(groups, sequence, asking);
        all.set(numbers.join(), changing);
        if (wanted === undefined) return { changing, asked: undefined };
        requireChanges(c, { changes: changing }); // changes that come from now on are not those of this request
        return { changing, asked: changing.asked(wanted) };
      });
      return part && { ...part, answer: async (question) => sayingChanges(c, part.answer(question)) };
    },
  };
}
