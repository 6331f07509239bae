import { FormatError } from "../bytes/format-error.ts";
import { dtypeBytes, type TensorSpec } from "../bytes/safetensors.ts";
import { CALIBRATION, type CalibrationFacts } from "./calibration.ts";
import { COLUMNS, type ColumnsFacts } from "./columns.ts";
import { COMPACTION, type CompactionFacts } from "./compaction.ts";
import { DISPERSION, type DispersionFacts } from "./dispersion.ts";
import { type FactsBefore, type Metadata, matching, quote } from "./metadata.ts";
import { OUTLIERS, type OutlierFacts } from "./outliers.ts";
import { REPORT, type ReportFacts } from "./report.ts";
import { RESIDUALS, type ResidualFacts } from "./residuals.ts";
import type { SectionShape, UnknownRule, VersionedSection } from "./section.ts";
import { SPACE, type SpaceFacts } from "./space.ts";
import { type NamedSpec, type SectionTensor, VECTOR_BYTES } from "./tensor-spec.ts";

// A file of format 2 lists its sections in the key "sections", in file order, each as name/version/rule. The rule is for
// readers that do not know the section: refuse the file, or ignore the section. Its keys and tensors have its name and a
// dot before theirs.

interface KnownSections {
  readonly outliers: OutlierFacts;
  readonly dispersion: DispersionFacts;
  readonly calibration: CalibrationFacts;
  readonly residuals: ResidualFacts;
  readonly report: ReportFacts;
  readonly columns: ColumnsFacts;
  readonly space: SpaceFacts;
  readonly compaction: CompactionFacts;
}

/** The facts of the sections that a file has. */
export interface Sections extends Partial<KnownSections> {
  /** The sections that this program ignores; absent if there are none. */
  readonly ignored?: readonly IgnoredSection[];
}

/** A section that this program does not know, as the header states it. */
export interface IgnoredSection {
  /** Its index among all sections of the file. */
  readonly at: number;
  readonly name: string;
  readonly version: number;
  /** Its metadata, by their whole keys. */
  readonly texts: Readonly<Record<string, string>>;
  readonly tensors: readonly (TensorSpec & { readonly name: SectionTensor })[];
}

/** The sections that this program knows, in file order. */
const SECTIONS: { readonly [Name in keyof KnownSections]: VersionedSection<KnownSections[Name]> } = {
  outliers: OUTLIERS,
  dispersion: DISPERSION,
  calibration: CALIBRATION,
  residuals: RESIDUALS,
  report: REPORT,
  columns: COLUMNS,
  space: SPACE,
  compaction: COMPACTION,
};
const NAMES = /* @__PURE__ */ Object.keys(SECTIONS) as (keyof KnownSections)[];

/** A section of a file: one that this program knows, or one that it ignores. */
type Present = IgnoredSection | { readonly name: keyof KnownSections };
const isIgnored = (section: Present): section is IgnoredSection => "at" in section;

/** Lists the sections of a file in file order. */
function present(facts: Sections): Present[] {
  const sections: Present[] = NAMES.filter((name) => facts[name] !== undefined).map((name) => ({ name }));
  for (const ignored of facts.ignored ?? []) sections.splice(ignored.at, 0, ignored);
  return sections;
}

/** Returns the number of sections of a file. */
export const sectionCount = (facts: Sections): number => present(facts).length;

/** Returns the section that this program knows under a name. Its facts are whatever it reads. */
const sectionOf = (name: keyof KnownSections): VersionedSection<unknown> => SECTIONS[name] as VersionedSection<unknown>;

/** Returns the number of classes that lie in buckets: all but the outliers. */
export const bucketedCount = ({ itemCount, outliers }: Sections & { readonly itemCount: number }): number =>
  itemCount - (outliers?.count ?? 0);

/** Writes the value of the key "sections". */
export const sectionList = (facts: Sections): string =>
  present(facts)
    .map((section) => {
      if (isIgnored(section)) return `${section.name}/${section.version}/ignore`;
      const { version, rule } = SECTIONS[section.name];
      return `${section.name}/${version}/${rule}`;
    })
    .join(" ");

/** Writes the keys of the sections, in file order. */
export const sectionTexts = (facts: Sections): Record<string, string> =>
  Object.assign(
    {},
    ...present(facts).map((section) =>
      isIgnored(section) ? section.texts : sectionOf(section.name).texts(facts[section.name], `${section.name}.`),
    ),
  );

/** Lists the tensors of the sections, in file order. */
export const sectionTensors = (facts: Sections & SectionShape): NamedSpec[] =>
  present(facts).flatMap((section) =>
    isIgnored(section) ? section.tensors : sectionOf(section.name).tensors(facts[section.name], facts),
  );

interface Entry {
  readonly name: string;
  readonly version: number;
  readonly rule: UnknownRule;
}

const ENTRY = "[a-z][a-zA-Z0-9]{0,31}/[1-9]\\d{0,3}/(?:refuse|ignore)";
const readList = matching(new RegExp(`^(?:${ENTRY}(?: ${ENTRY})*)?$`));
/** The keys `checksum.…` belong to the tensors. */
const RESERVED = "checksum";

/**
 * Reads the sections that the metadata list. FormatError: metadata-missing, metadata-value, section, tensor-table. `shape`
 * are the facts before them.
 */
export function readSections(
  metadata: Metadata,
  tensors: readonly TensorSpec[],
  shape: Pick<FactsBefore, "itemCount" | "rows">,
): Sections {
  const sections: Partial<Record<keyof KnownSections, unknown>> = {};
  const ignored: IgnoredSection[] = [];
  for (const [at, { name, version }] of entriesOf(metadata).entries()) {
    const known = knownName(name);
    if (known !== undefined && version === SECTIONS[known].version) {
      sections[known] = sectionOf(known).read(metadata, `${name}.`, shape);
    } else ignored.push({ at, name, version, ...unknownParts(name, metadata, tensors) });
  }
  return { ...(sections as Partial<KnownSections>), ...(ignored.length > 0 && { ignored }) };
}

const knownName = (name: string): keyof KnownSections | undefined => NAMES.find((known) => known === name);

/** Reads the list, and refuses sections that this program must not ignore. */
function entriesOf(metadata: Metadata): Entry[] {
  const list = readList(metadata, "sections", {} as FactsBefore);
  const entries = (list === "" ? [] : list.split(" ")).map((text): Entry => {
    const [name, version, rule] = text.split("/") as [string, string, UnknownRule];
    return { name, version: Number(version), rule };
  });
  let before = -1;
  for (const [i, { name, version, rule }] of entries.entries()) {
    const fail = (message: string): never => {
      throw new FormatError("section", 0, `section ${quote(name)} ${message}`);
    };
    if (name === RESERVED) fail("has a reserved name");
    if (entries.findIndex((entry) => entry.name === name) < i) fail("is there twice");
    const known = knownName(name);
    // A name has the same rule in all versions, so the tensors of a section that is ignored are not taken for others.
    const own = known && SECTIONS[known].rule;
    if (own && rule !== own) fail(`expected the rule "${own}", got "${rule}"`);
    if (known && version === SECTIONS[known].version) {
      if (NAMES.indexOf(known) < before) fail(`expected before "${NAMES[before]}"`);
      before = NAMES.indexOf(known);
    } else if (rule === "refuse") {
      fail(`of version ${version} is not known to this version of midx, which must not ignore it: update midx`);
    }
  }
  return entries;
}

/** Returns what the header states about a section that is ignored. */
function unknownParts(
  section: string,
  metadata: Metadata,
  tensors: readonly TensorSpec[],
): Pick<IgnoredSection, "texts" | "tensors"> {
  const prefix = `${section}.`;
  const texts = Object.fromEntries(Object.entries(metadata).filter(([key]) => key.startsWith(prefix)));
  const own = tensors.filter(({ name }) => name.startsWith(prefix));
  for (const { name, dtype, shape } of own) {
    const bytes = shape.reduce((product, size) => product * size, dtypeBytes(dtype));
    if (bytes % VECTOR_BYTES !== 0) {
      throw new FormatError("tensor-table", 8, `"${name}" expected a multiple of ${VECTOR_BYTES} bytes, got ${bytes}`);
    }
  }
  return {
    texts,
    tensors: own.map(({ name, dtype, shape }) => ({ name: name as SectionTensor, dtype, shape })),
  };
}
