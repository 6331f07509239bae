import type { WorkingParts, WorkOf } from "../../../worker/host/served-index.ts";
import type { Effort } from "../../../worker/request/work.ts";
import { DEFAULT_DRAWS, DEFAULT_SCAN, isTriedAgain } from "../../internal.ts";
import { furtherEfforts } from "../../parts/further-questions.ts";
import type { IndexInfo } from "../../public.ts";

/**
 * Returns the work of parts that answer one after the other. Each reads the share of the head that falls to its classes, and again
 * if the answer of all is flagged.
 */
export function partsInTurn(infos: readonly IndexInfo[]): WorkingParts {
  const all = infos.reduce((sum, { itemCount }) => sum + itemCount, 0);
  return {
    turns: infos.length,
    work<Options extends object>(options: Options, workOf: WorkOf<Options>): number {
      const [alone] = infos.length === 1 ? infos : [];
      if (alone) return workOf(alone, options); // it answers as an index, and may try twice
      const { scan, proposal, draws = DEFAULT_DRAWS }: Partial<Effort> = options;
      const further = isTriedAgain(scan, proposal) ? furtherEfforts({ itemCount: all }, draws) : [];
      return infos.reduce((sum, info) => {
        const share = (rows: number | "auto"): Partial<Effort> =>
          rows === "auto" ? {} : { scan: Math.ceil((rows * info.itemCount) / Math.max(all, 1)) };
        const again = further.reduceRight<Effort | undefined>(
          (next, effort) => ({
            ...{ exact: false, ...effort, ...(effort.scan !== undefined && share(effort.scan)) },
            ...(next && { again: next }),
          }),
          undefined,
        );
        return sum + workOf(info, { ...options, ...share(scan ?? DEFAULT_SCAN), ...(again && { again }) });
      }, 0);
    },
  };
}
