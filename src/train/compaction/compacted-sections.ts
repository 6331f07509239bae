import { ENCODER } from "../../format/encoder.ts";
import type { IndexFacts } from "../../format/facts.ts";
import type { IgnoredSection } from "../../format/sections.ts";
import { STATISTICS } from "../../format/statistics-values.ts";
import type { BaseIndex } from "./base-index.ts";
import { compactEncoder } from "./compacted-encoder.ts";
import type { CompactedSection } from "./compacted-section.ts";
import { type CompactedStatistics, compactStatistics } from "./compacted-statistics.ts";
import type { ResolvedChanges } from "./resolved-changes.ts";

/** The sections that the library ignores, their tensors that change, and the origin of the statistics. */
export interface CompactedSections {
  readonly ignored: readonly IgnoredSection[];
  readonly tensors: CompactedSection["tensors"];
  readonly statistics: CompactedStatistics["origin"];
}

/**
 * Takes the encoder of sequences over, and the statistics of real queries. `bias` has the bias of each class of the new index.
 * Throws a RangeError for a section that this program does not know.
 */
export function compactSections(
  base: BaseIndex,
  resolved: ResolvedChanges,
  facts: IndexFacts,
  bias: Float32Array | undefined,
): CompactedSections {
  for (const { name, version } of base.facts.ignored ?? []) {
    if (name === ENCODER || name === STATISTICS) continue;
    throw new RangeError(
      `"file" expected sections that this version of midx knows, got "${name}" of version ${version}: update midx, or ` +
        "build a new index of the changed table",
    );
  }
  const encoder = compactEncoder(base, resolved, facts);
  const before = encoder ? [encoder.section] : [];
  const withEncoder = encoder ? { ...facts, ignored: before } : facts;
  const { origin, compacted } = compactStatistics(base, resolved, withEncoder, bias);
  return {
    ignored: compacted ? [...before, compacted.section] : before,
    tensors: { ...encoder?.tensors, ...compacted?.tensors },
    statistics: origin,
  };
}
