import { type VersionedSection, versionedSection } from "./section.ts";
import { type NamedSpec, padTo } from "./tensor-spec.ts";

/** The section has no facts, only tensors. */
export type DispersionFacts = Readonly<Record<never, never>>;

/** The largest dispersion: a difference of two rows of 4,096 values of at most 2^32 has no larger square. */
export const MAX_DISPERSION = 2 ** 80;

/**
 * The mean squared residual of each bucket and, with fine codes, that of all rows under their fine codes. The proposal
 * depends on them, so a reader that does not know the section refuses the file.
 */
export const DISPERSION: VersionedSection<DispersionFacts> = versionedSection(
  1,
  "refuse",
  {},
  (_, { bucketCount, hasFineCodes }): NamedSpec[] => [
    { name: "dispersion.buckets", dtype: "F32", shape: [padTo(bucketCount, 4)] },
    ...(hasFineCodes ? [{ name: "dispersion.codes", dtype: "F32", shape: [4] } as const] : []),
  ],
);
