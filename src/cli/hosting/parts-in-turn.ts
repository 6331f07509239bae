import type { WorkingParts, WorkOf } from "../../../worker/host/served-index.ts";
import { DEFAULT_SCAN } from "../../internal.ts";
import type { IndexInfo } from "../../public.ts";

/** Returns the work of parts that answer one after the other. Each reads the share of the head that falls to its classes. */
export function partsInTurn(infos: readonly IndexInfo[]): WorkingParts {
  const all = infos.reduce((sum, { itemCount }) => sum + itemCount, 0);
  return {
    turns: infos.length,
    work<Options extends object>(options: Options, workOf: WorkOf<Options>): number {
      const [alone] = infos.length === 1 ? infos : [];
      if (alone) return workOf(alone, options); // it answers as an index, and may try twice
      const { scan = DEFAULT_SCAN } = options as { readonly scan?: number | "auto" };
      return infos.reduce((sum, info) => {
        const own = scan === "auto" ? {} : { scan: Math.ceil((scan * info.itemCount) / Math.max(all, 1)) };
        return sum + workOf(info, { ...options, ...own });
      }, 0);
    },
  };
}
