import { FormatError } from "../bytes/format-error.ts";
import { type VersionedSection, versionedSection } from "./section.ts";
import { type NamedSpec, padTo, VECTOR_BYTES } from "./tensor-spec.ts";

/** The section has no facts, only a tensor. */
export type ResidualFacts = Readonly<Record<never, never>>;

/** The number of units of a residual in one unit of a row's code. Half a unit of a code is 127 units of a residual. */
export const RESIDUAL_UNITS = 254;

const SECTION = versionedSection<ResidualFacts>(1, "refuse", {}, (_, { itemCount, dim }): NamedSpec[] => [
  { name: "residuals.rows", dtype: "I8", shape: [itemCount, padTo(dim, VECTOR_BYTES)] },
]);

/**
 * The residuals of int8 rows, in int8: a value of a refined row is scale × (code + residual / 254). topK ranks and scores by
 * refined rows, so a reader that does not know the section refuses the file. Only int8 rows have residuals.
 */
export const RESIDUALS: VersionedSection<ResidualFacts> = {
  ...SECTION,
  read(_, __, { rows }) {
    if (rows === "i8") return {};
    throw new FormatError("section", 0, `section "residuals" expected rows of "i8", got "${rows}"`);
  },
};
