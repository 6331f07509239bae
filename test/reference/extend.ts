import type { DerivedIndex } from "./buckets.ts";
import { scanBest } from "./fine.ts";
import { bucketAt } from "./reference-index.ts";
import { scorePositions } from "./score.ts";
import { endProposal, type Proposal, sumScored } from "./search.ts";

/** A proposal with classes in its head whose buckets are in the tail. */
export interface ExtendedProposal extends Proposal {
  /** Their positions. */
  readonly coded: ReadonlySet<number>;
}

/** Adds the `keep` best classes by fine codes of `scan` rows to the head, those that are not in it. */
export function extendHead(index: DerivedIndex, proposal: Proposal, scan: number, keep: number): ExtendedProposal {
  const { kept } = scanBest(index, proposal.prepared, scan, keep);
  const added = kept
    .map(({ position }) => position)
    .filter((position) => !proposal.headBuckets.includes(bucketAt(index, position)));
  const headPositions = Int32Array.of(...proposal.headPositions, ...added);
  const headScores = scorePositions(index, proposal.prepared, headPositions);
  const head = { headPositions, ...sumScored(index, headScores), headCount: headPositions.length };
  const extended = { ...proposal, ...head };
  return { ...extended, logProposal: endProposal(index, extended), coded: new Set(added) };
}
