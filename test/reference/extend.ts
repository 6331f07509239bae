import { at } from "./at.ts";
import type { DerivedIndex } from "./buckets.ts";
import { bestOf, fineTables, groupsBy, layOutGroups } from "./fine.ts";
import { bucketAt } from "./reference-index.ts";
import { scorePositions } from "./score.ts";
import { addScored, endProposal, type Proposal } from "./search.ts";
import { removeCoded } from "./tail.ts";

/** A proposal with classes in its head whose buckets are in the tail. */
export interface ExtendedProposal extends Proposal {
  /** Their positions. */
  readonly coded: ReadonlySet<number>;
}

/**
 * Adds the `keep` best classes by fine codes that are not in the head, of the groups with the most mass a row in the tail, until
 * `scan` rows are read.
 */
export function extendHead(index: DerivedIndex, proposal: Proposal, scan: number, keep: number): ExtendedProposal {
  const { prepared, headBuckets, tail } = proposal;
  const { groupStarts, groupTops } = layOutGroups(index);
  const masses = groupTops.map((_, group) => {
    const mass = at(tail.groupPrefix, group + 1) - at(tail.groupPrefix, group);
    return mass / (at(groupStarts, group + 1) - at(groupStarts, group));
  });
  const fine = fineTables(index, prepared);
  const inHead = Array.from({ length: index.facts.itemCount }, (_, position) => position).filter((position) =>
    headBuckets.includes(bucketAt(index, position)),
  );
  const outside = { ...index, excluded: new Set([...index.excluded, ...inHead]) };
  const added = bestOf(outside, fine, groupsBy(index, prepared, fine, scan, masses), keep)
    .map(({ position }) => position)
    .sort((a, b) => a - b);
  const positions = Int32Array.from(added);
  const extended = {
    ...proposal,
    ...addScored(index, proposal, scorePositions(index, prepared, positions)),
    headPositions: Int32Array.of(...proposal.headPositions, ...positions),
    headCount: proposal.headCount + added.length,
    coded: new Set(added),
    tail: removeCoded(index, proposal.tail, new Set(added)),
  };
  return { ...extended, logProposal: endProposal(index, extended) };
}
