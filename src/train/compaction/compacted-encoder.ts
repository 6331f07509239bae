import { ENCODER, encoderSection, readEncoder } from "../../format/encoder.ts";
import type { IndexFacts } from "../../format/facts.ts";
import { type IgnoredSection, sectionCount } from "../../format/sections.ts";
import { STATISTICS } from "../../format/statistics-values.ts";
import type { TensorName } from "../../format/tensor-spec.ts";
import type { BaseIndex } from "./base-index.ts";
import type { ResolvedChanges } from "./resolved-changes.ts";

/** The sections that the library ignores, and their tensors that change. */
export interface CompactedSections {
  readonly ignored: readonly IgnoredSection[];
  readonly tensors: Readonly<Partial<Record<TensorName, Uint8Array>>>;
}

const VECTORS: TensorName = "encoder.itemVectors";

/**
 * Takes the encoder of sequences over, and drops the statistics of the build's queries. Throws a RangeError for a section that
 * this program does not know, and for classes without a vector in an encoder with vectors of its own.
 */
export function compactSections(
  base: BaseIndex,
  { oldIds, freshRows }: ResolvedChanges,
  facts: IndexFacts,
): CompactedSections {
  for (const { name, version } of base.facts.ignored ?? []) {
    if (name === ENCODER || name === STATISTICS) continue; // statistics are of the older classes, and are dropped
    throw new RangeError(
      `"file" expected sections that this version of midx knows, got "${name}" of version ${version}: update midx, or ` +
        "build a new index of the changed table",
    );
  }
  const encoder = readEncoder(base.facts);
  if (!encoder) return { ignored: [], tensors: {} };
  const section = encoderSection(encoder, facts, sectionCount(facts));
  if (encoder.items === "rows") return { ignored: [section], tensors: {} };
  const changed = freshRows.findIndex((row) => row >= 0);
  if (changed >= 0) {
    throw new RangeError(
      `"changes" expected removals alone, got a new row of class ${changed}: the encoder of the index has vectors of its own ` +
        "for items, which changes do not have; train it with the new items and build the index anew",
    );
  }
  const vectors = base.bytes(VECTORS) as Uint8Array;
  const bytes = 4 * facts.dim;
  const own = new Uint8Array(oldIds.length * bytes);
  for (const [id, oldId] of oldIds.entries()) own.set(vectors.subarray(oldId * bytes, (oldId + 1) * bytes), id * bytes);
  return { ignored: [section], tensors: { [VECTORS]: own } };
}
