import { logQsOf } from "../../../answers/by-class.ts";
import type { Checksum } from "../../../bytes/sealed-header.ts";
import { copyFloats } from "../../../index/copied-arguments.ts";
import { UNCONDITIONAL } from "../../../memory/call-conditions.ts";
import type { Modules } from "../../../memory/kernels.ts";
import { openBytes } from "../../../memory/opened-index.ts";
import type { Limits } from "../../../memory/plan.ts";
import { weighed } from "../../../memory/weighed.ts";
import { indexBytes } from "./index-bytes.ts";
import { checkDraws } from "./midx-options.ts";
import type { Proposal, QuantizedClasses } from "./proposal.ts";

/**
 * MIDX with a head: about `scan` classes of the best buckets are scored exactly. This is the proposal of
 * `MultiIndex.sample`, computed by an index in memory. Draws carry no scores, because the training has moved on from the
 * rows in the index.
 */
export function headProposal(
  { modules, checksum }: { readonly modules: Modules; readonly checksum: Checksum },
  classes: QuantizedClasses,
  scan: number,
  limits: Limits,
): Proposal {
  const opened = openBytes(modules, indexBytes(checksum, classes), limits, "in memory");
  const { kernels, plan, header, conditions } = opened;
  const { buffer } = kernels.memory;
  const { dim, itemCount } = header.facts;
  const queryAt = new Float32Array(buffer, plan.regions.query, dim);
  const idAt = new Int32Array(buffer, plan.file + (header.tensors.ids?.begin ?? 0), itemCount);
  return (query, excludedIds) => {
    conditions.apply(opened, { ...UNCONDITIONAL, exclude: Int32Array.from(excludedIds) });
    copyFloats("query", query, queryAt);
    kernels.prepareQuery(plan.layout);
    weighed(opened).propose(plan.layout, scan, 0);
    return {
      draw(count, seed) {
        checkDraws(count, limits.maxDraws);
        kernels.drawProposed(plan.layout, count, seed);
        const ids = new Int32Array(buffer, plan.regions.drawPositions, count).slice();
        for (let i = 0; i < count; i++) ids[i] = idAt[ids[i] as number] as number;
        return { ids, logQ: notAboveZero(new Float64Array(buffer, plan.regions.drawLogQ, count)) };
      },
      logQ: (ids) => notAboveZero(logQsOf(opened, ids)),
    };
  };
}

/** Rounds log Q to f32 and to at most 0. At large logits rounding would lift a class with nearly all the mass above 0. */
function notAboveZero(logQ: ArrayLike<number>): Float64Array {
  const bounded = new Float64Array(logQ.length);
  for (let i = 0; i < bounded.length; i++) bounded[i] = Math.min(0, Math.fround(logQ[i] as number));
  return bounded;
}
