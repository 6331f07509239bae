import { encoderSection, readEncoder } from "../../format/encoder.ts";
import { padded } from "../../format/encoder-weights.ts";
import type { IndexFacts } from "../../format/facts.ts";
import { sectionCount } from "../../format/sections.ts";
import type { TensorName } from "../../format/tensor-spec.ts";
import type { BaseIndex } from "./base-index.ts";
import type { CompactedSection } from "./compacted-section.ts";
import type { ResolvedChanges } from "./resolved-changes.ts";

const VECTORS: TensorName = "encoder.itemVectors";

/**
 * Takes the encoder of sequences over. Undefined if there is none. Throws a RangeError for classes without a vector in an
 * encoder with vectors of its own.
 */
export function compactEncoder(
  base: BaseIndex,
  { oldIds, freshRows }: ResolvedChanges,
  facts: IndexFacts,
): CompactedSection | undefined {
  const encoder = readEncoder(base.facts);
  if (!encoder) return undefined;
  const section = encoderSection(encoder, facts, sectionCount(facts));
  if (encoder.items === "rows") return { section, tensors: {} };
  const changed = freshRows.findIndex((row) => row >= 0);
  if (changed >= 0) {
    throw new RangeError(
      `"changes" expected removals alone, got a new row of class ${changed}: the encoder of the index has vectors of its own ` +
        "for items, which changes do not have; train it with the new items and build the index anew",
    );
  }
  const vectors = base.bytes(VECTORS) as Uint8Array;
  const bytes = 4 * padded(facts.dim);
  const own = new Uint8Array(oldIds.length * bytes);
  for (const [id, oldId] of oldIds.entries()) own.set(vectors.subarray(oldId * bytes, (oldId + 1) * bytes), id * bytes);
  return { section, tensors: { [VECTORS]: own } };
}
