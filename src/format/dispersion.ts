import { DISPERSION_DIRECTIONS } from "../abi.ts";
import { type VersionedSection, versionedSection } from "./section.ts";
import { type NamedSpec, paddedCodeword, padTo } from "./tensor-spec.ts";

/** The section has no facts, only tensors. */
export type DispersionFacts = Readonly<Record<never, never>>;

/** The largest dispersion: a difference of two rows of 4,096 values of at most 2^32 has no larger square. */
export const MAX_DISPERSION = 2 ** 80;

/**
 * The section with the distances of rows from their codewords: the squared residual of each bucket, weighted by itself, the
 * directions in which residuals vary more than in others, and two means: the squared error of the fine codes, and the squared
 * norm of the rows. The proposal depends on them, so a reader that does not know the section refuses the file.
 */
export const DISPERSION: VersionedSection<DispersionFacts> = versionedSection(
  1,
  "refuse",
  {},
  (_, { bucketCount, dim }): NamedSpec[] => [
    { name: "dispersion.buckets", dtype: "F32", shape: [padTo(bucketCount, 4)] },
    { name: "dispersion.directions", dtype: "F32", shape: [DISPERSION_DIRECTIONS, paddedCodeword(dim)] },
    { name: "dispersion.means", dtype: "F32", shape: [4] },
  ],
);
