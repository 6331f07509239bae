import { type FactReaders, type Metadata, readFacts, textsOf } from "./metadata.ts";
import type { NamedSpec } from "./tensor-spec.ts";

/** An optional part of a file: facts, which a file has all or none of, and the tensors that they describe. */
export interface Section<Facts> {
  /** Returns the facts as texts, and none if the file lacks the section. */
  texts(facts: Facts | undefined): Record<string, string>;
  /** Reads the facts if the first of them is present. */
  read(metadata: Metadata): Facts | undefined;
  /** Lists the tensors in file order, for rows of `dim` values. */
  tensors(facts: Facts | undefined, dim: number): readonly NamedSpec[];
}

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
