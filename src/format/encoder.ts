import { FormatError } from "../bytes/format-error.ts";
import { integer, oneOf } from "./metadata.ts";
import { type SectionShape, versionedSection } from "./section.ts";
import type { IgnoredSection, Sections } from "./sections.ts";
import type { NamedSpec } from "./tensor-spec.ts";

/** Facts about the encoder of sequences in a file. */
export interface EncoderFacts {
  /** "gru": gated recurrent units. */
  readonly kind: "gru";
  /** The number of values of a state, a multiple of 4. */
  readonly units: number;
  /** Where the vectors of the items are: the rows of the classes, or a tensor of the section. */
  readonly items: "rows" | "own";
}

/** The most values of a state. */
export const MAX_UNITS = 4096;
/** The name of the section. */
export const ENCODER = "encoder";

/**
 * The section with the weights of an encoder, in the form of PyTorch. No answer depends on it, so a reader that does not know
 * it ignores it, as the library does without midx/encoder: few programs need it, and all others carry none of its code.
 */
const SECTION = versionedSection<EncoderFacts>(
  1,
  "ignore",
  { kind: oneOf("gru"), units: integer(4, MAX_UNITS), items: oneOf("rows", "own") },
  ({ units, items }, { itemCount, dim }): NamedSpec[] => {
    const tensor = (name: string, ...shape: number[]): NamedSpec => ({
      name: `${ENCODER}.${name}`,
      dtype: "F32",
      shape,
    });
    return [
      tensor("inputWeight", 3 * units, dim),
      tensor("inputBias", 3 * units),
      tensor("stateWeight", 3 * units, units),
      tensor("stateBias", 3 * units),
      ...(units === dim ? [] : [tensor("projectionWeight", dim, units), tensor("projectionBias", dim)]),
      ...(items === "own" ? [tensor("itemVectors", itemCount, dim)] : []),
    ];
  },
);

/** Makes the section of a file, whose index among all sections is `at`. */
export function encoderSection(facts: EncoderFacts, shape: SectionShape, at: number): IgnoredSection {
  const { version, texts, tensors } = SECTION;
  return {
    at,
    name: ENCODER,
    version,
    texts: texts(facts, `${ENCODER}.`),
    tensors: tensors(facts, shape) as IgnoredSection["tensors"],
  };
}

/**
 * Reads the facts about the encoder of a file. Undefined if it has none. FormatError for a section of another version, other
 * facts or other tensors: section, metadata-missing, metadata-value.
 */
export function readEncoder(facts: Sections & SectionShape): EncoderFacts | undefined {
  const found = facts.ignored?.find(({ name }) => name === ENCODER);
  if (found === undefined) return undefined;
  const fail = (message: string): never => {
    throw new FormatError("section", 0, `section "${ENCODER}" ${message}`);
  };
  if (found.version !== SECTION.version) {
    fail(`of version ${found.version} is not known to this version of midx: update midx`);
  }
  const own = SECTION.read(found.texts, `${ENCODER}.`, {});
  if (own.units % 4 !== 0) fail(`expected a multiple of 4 units, got ${own.units}`);
  if (facts.dim % 4 !== 0) fail(`expected rows of a multiple of 4 values, got ${facts.dim}`);
  const expected = encoderSection(own, facts, found.at);
  for (const part of ["texts", "tensors"] as const) {
    const [wanted, given] = [JSON.stringify(expected[part]), JSON.stringify(found[part])];
    if (wanted !== given) fail(`expected the ${part} ${wanted}, got ${given}`);
  }
  return own;
}
