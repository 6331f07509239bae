import type { Asked } from "../../src/train/sequences/baselines.ts";
import type { Sequences } from "../../src/train/sequences/sequences.ts";
import type { SetName } from "./sets.ts";

/** The metrics of the ranks of items, 0 for the best, as means over all of them. */
export type RankFigure = "recall" | "ndcg" | "mrr";

/** How items are ranked and what is said of it, as in the figures that were published of a set. */
export interface Protocol {
  /** The items that are to be found: the last one of each sequence, or each that has one before it. */
  readonly positions: "last" | "all";
  /** Items that the sequence has already are left out of the ranks. */
  readonly withoutSeen: boolean;
  /** An item is found if it is among the best k. */
  readonly k: number;
  readonly figures: readonly RankFigure[];
}

/** The protocol of users, who take an item once. */
export const USERS: Protocol = { positions: "last", withoutSeen: true, k: 10, figures: ["recall", "ndcg"] };
/** The protocol of sessions, which return to items: one click in five of diginetica is on an item that the session has. */
export const SESSIONS: Protocol = { positions: "all", withoutSeen: false, k: 20, figures: ["recall", "mrr"] };

const PROTOCOLS: Readonly<Partial<Record<SetName, Protocol>>> = {
  "ml-1m": USERS,
  "ml-100k": USERS,
  "amazon-beauty": USERS,
  diginetica: SESSIONS,
};

/** Returns the protocol of a set, or undefined for a text, whose items are not ranked. */
export const protocolOf = (set: SetName): Protocol | undefined => PROTOCOLS[set];

/** Returns the figure of one rank. */
export function figureOf(name: RankFigure, rank: number, { k }: Pick<Protocol, "k">): number {
  if (rank >= k) return 0;
  if (name === "ndcg") return 1 / Math.log2(rank + 2);
  return name === "mrr" ? 1 / (rank + 1) : 1;
}

/** Returns what is asked of each sequence, in order. */
export function askedOf({ offsets, ids }: Sequences, { positions }: Pick<Protocol, "positions">): Asked[][] {
  return Array.from({ length: offsets.length - 1 }, (_, row) => {
    const all = ids.subarray(offsets[row], offsets[row + 1]);
    const from = positions === "last" ? Math.max(1, all.length - 1) : 1;
    return Array.from({ length: Math.max(0, all.length - from) }, (_, i) => ({
      items: all.subarray(0, from + i),
      target: all[from + i] as number,
    }));
  });
}
