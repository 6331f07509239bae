import { DEFAULT_SCAN } from "../../src/internal.ts";
import type { ServedIndex } from "../host/served-index.ts";

type Info = ServedIndex["info"];

/** Sums the work over the parts that answer one after the other, which are one for an index that is not in parts. */
export function sumOverParts(
  { info, inTurn = [info] }: Pick<ServedIndex, "info" | "inTurn">,
  workOf: (part: Info, share: number) => number,
): number {
  const all = inTurn.reduce((sum, { itemCount }) => sum + itemCount, 0);
  return inTurn.reduce((sum, part) => sum + workOf(part, part.itemCount / Math.max(all, 1)), 0);
}

/** Returns the options of a call with the part of the head that falls to a share of the classes. */
export function withShare<Options extends object>(options: Options, share: number): Options {
  const { scan = DEFAULT_SCAN } = options as { readonly scan?: number | "auto" };
  return share === 1 || scan === "auto" ? options : { ...options, scan: Math.ceil(scan * share) };
}
