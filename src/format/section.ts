import { type FactReaders, type FactsBefore, type Metadata, readFacts, textsOf } from "./metadata.ts";
import type { NamedSpec } from "./tensor-spec.ts";

/** An optional part of a file: facts, of which a file has all or none, and the tensors that they describe. */
export interface Section<Facts> {
  /** Returns the facts as texts, and none if the file lacks the section. */
  texts(facts: Facts | undefined): Record<string, string>;
  /** Reads the facts if the first of them is present. */
  read(metadata: Metadata): Facts | undefined;
  /** Lists the tensors in file order, for rows of `dim` values. */
  tensors(facts: Facts | undefined, dim: number): readonly NamedSpec[];
}

/** Makes a part that files of format 1 may have, too. Its facts have no prefix, and the first of them marks it. */
export function section<Facts>(
  readers: FactReaders<Facts>,
  tensorsOf: (facts: Facts, dim: number) => readonly NamedSpec[],
): Section<Facts> {
  const [mark = ""] = Object.keys(readers);
  return {
    texts: (facts) => (facts ? textsOf(readers, facts) : {}),
    read: (metadata) => (metadata[mark] === undefined ? undefined : readFacts(readers, metadata, {})),
    tensors: (facts, dim) => (facts ? tensorsOf(facts, dim) : []),
  };
}

/** The behaviour of a reader that does not know a section of a file. */
export type UnknownRule = "refuse" | "ignore";

/** The facts about a file that the tensors of a section may depend on. */
export interface SectionShape {
  readonly itemCount: number;
  readonly dim: number;
  readonly bucketCount: number;
  readonly hasFineCodes: boolean;
}

/** A part of a file of format 2, which names it with its version (sections.ts). */
export interface VersionedSection<Facts> {
  readonly version: number;
  readonly rule: UnknownRule;
  /** Returns the facts as texts, with `prefix` before their names. */
  texts(facts: Facts, prefix: string): Record<string, string>;
  /** Reads the facts. FormatError: metadata-missing, metadata-value. */
  read(metadata: Metadata, prefix: string, known: Partial<FactsBefore>): Facts;
  /** Lists the tensors in file order. */
  tensors(facts: Facts, shape: SectionShape): readonly NamedSpec[];
}

/** Makes a section. Its readers name the facts without the name of the section. */
/* @__NO_SIDE_EFFECTS__ */
export function versionedSection<Facts>(
  version: number,
  rule: UnknownRule,
  readers: FactReaders<Facts>,
  tensors: (facts: Facts, shape: SectionShape) => readonly NamedSpec[] = () => [],
): VersionedSection<Facts> {
  return {
    version,
    rule,
    texts: (facts, prefix) => textsOf(readers, facts, prefix),
    read: (metadata, prefix, known) => readFacts(readers, metadata, known, prefix),
    tensors,
  };
}
