import { type FactReaders, type Metadata, readFacts, textsOf } from "./metadata.ts";
import type { NamedSpec } from "./tensor-spec.ts";

/** An optional part of a file, with facts of its own, which a file has all or none of, and the tensors they describe. */
export interface Section<Facts> {
  /** The texts of its facts; none where the file lacks it. */
  texts(facts: Facts | undefined): Record<string, string>;
  /** Its facts where the first of them is there. */
  read(metadata: Metadata): Facts | undefined;
  /** Its tensors in file order, for rows of `dim` values. */
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
