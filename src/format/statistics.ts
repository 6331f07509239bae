import { MAX_ITEMS } from "./limits.ts";
import { integer, oneOf, optional } from "./metadata.ts";
import { type SectionShape, versionedSection } from "./section.ts";
import type { IgnoredSection } from "./sections.ts";
import {
  CLASSES_PER_BYTE,
  STATISTICS,
  STATISTICS_BANDS,
  STATISTICS_FIELDS,
  STATISTICS_VERSION,
} from "./statistics-values.ts";
import { type NamedSpec, padTo, VECTOR_BYTES } from "./tensor-spec.ts";

/** Facts about the statistics of a file. */
export interface StatisticsFacts {
  /** The queries that were asked: those that were given, "stand-ins" that the build made, or those of "audits". */
  readonly source: "queries" | "stand-ins" | "audits";
  /** Their number. */
  readonly queryCount: number;
  /** "known": the file has the popularity band of each class. */
  readonly popularity: "known" | "none";
  /** Present if the queries were asked of the index that this one was compacted from, whose classes were others. */
  readonly carried?: "true";
}

/**
 * The section with statistics of the build's queries, for gauges of drift. No answer depends on it, so a reader that does not
 * know it ignores it, as the library does: services and `midx drift` read it.
 */
const SECTION = versionedSection<StatisticsFacts>(
  STATISTICS_VERSION,
  "ignore",
  {
    source: oneOf("queries", "stand-ins", "audits"),
    queryCount: integer(1, MAX_ITEMS),
    popularity: oneOf("known", "none"),
    carried: optional(oneOf("true")),
  },
  ({ popularity }, { itemCount }): NamedSpec[] => [
    { name: `${STATISTICS}.values`, dtype: "F32", shape: [STATISTICS_BANDS.length, STATISTICS_FIELDS] },
    ...(popularity === "none" ? [] : [bandsSpec(itemCount)]),
  ],
);

/** Returns the tensor with the bands: two bits for each class, by id. */
const bandsSpec = (itemCount: number): NamedSpec => ({
  name: `${STATISTICS}.bands`,
  dtype: "U8",
  shape: [padTo(Math.ceil(itemCount / CLASSES_PER_BYTE), VECTOR_BYTES)],
});

/** Makes the section of a file, whose index among all sections is `at`. */
export function statisticsSection(facts: StatisticsFacts, shape: SectionShape, at: number): IgnoredSection {
  const { version, texts, tensors } = SECTION;
  return {
    at,
    name: STATISTICS,
    version,
    texts: texts(facts, `${STATISTICS}.`),
    tensors: tensors(facts, shape) as IgnoredSection["tensors"],
  };
}
