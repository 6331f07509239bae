import type { IgnoredSection } from "../../format/sections.ts";
import type { TensorName } from "../../format/tensor-spec.ts";

/** A section that the library ignores, and those of its tensors that change. */
export interface CompactedSection {
  readonly section: IgnoredSection;
  readonly tensors: Readonly<Partial<Record<TensorName, Uint8Array>>>;
}
