import { FormatError } from "../bytes/format-error.ts";
import type { AttentionFacts, EncoderFacts, RecurrentFacts } from "./encoder-facts.ts";
import { storedShape, type WeightTable, weightTables } from "./encoder-weights.ts";
import { integer, oneOf } from "./metadata.ts";
import { type SectionShape, type VersionedSection, versionedSection } from "./section.ts";
import type { IgnoredSection, Sections } from "./sections.ts";
import type { NamedSpec } from "./tensor-spec.ts";

/** The most values of a state. */
export const MAX_UNITS = 4096;
export const MAX_BLOCKS = 16;
/** The most items that attention reads, and the most positions of a window of a training. */
export const MAX_LENGTH = 4096;
/** The name of the section. */
export const ENCODER = "encoder";

const tensor = (name: string, shape: readonly number[]): NamedSpec => ({
  name: `${ENCODER}.${name}`,
  dtype: "F32",
  shape,
});

const tensorsOf = (facts: EncoderFacts, { itemCount, dim }: SectionShape): NamedSpec[] => [
  ...weightTensors(facts, dim),
  ...(facts.items === "own" ? [tensor("itemVectors", storedShape(itemVectors(itemCount, dim)))] : []),
];

/** The vectors of the items of an encoder that has a table of its own. */
export const itemVectors = (itemCount: number, dim: number): WeightTable => ({
  name: "itemVectors",
  parts: itemCount,
  columns: dim,
});

/** Lists the tensors of the weights of an encoder of queries of `dim` values. */
export const weightTensors = (facts: EncoderFacts, dim: number): NamedSpec[] =>
  weightTables(facts, dim).map((table) => tensor(table.name, storedShape(table)));

/**
 * The section with the weights of an encoder, in the form of PyTorch. No answer depends on it, so a reader that does not know
 * it ignores it, as the library does without midx/encoder: few programs need it, and all others carry none of its code.
 */
const RECURRENT = versionedSection<RecurrentFacts>(
  1,
  "ignore",
  { kind: oneOf("gru"), units: integer(1, MAX_UNITS), items: oneOf("rows", "own") },
  tensorsOf,
);

/** The version with blocks of attention. Files with a GRU stay of version 1, which older readers know. */
const ATTENTION = versionedSection<AttentionFacts>(
  2,
  "ignore",
  {
    kind: oneOf("attention"),
    blocks: integer(1, MAX_BLOCKS),
    heads: integer(1, MAX_UNITS / 4),
    length: integer(1, MAX_LENGTH),
    items: oneOf("rows", "own"),
  },
  tensorsOf,
);

function sectionOf<Facts>(section: VersionedSection<Facts>, facts: Facts, shape: SectionShape, at: number) {
  const { version, texts, tensors } = section;
  return {
    at,
    name: ENCODER,
    version,
    texts: texts(facts, `${ENCODER}.`),
    tensors: tensors(facts, shape) as IgnoredSection["tensors"],
  };
}

/** Tells whether heads of rows of `dim` values can be padded together: a single one, or heads that need no padding. */
export const areWhole = (heads: number, dim: number): boolean => heads === 1 || dim % (4 * heads) === 0;

/** Makes the section of a file, whose index among all sections is `at`. */
export const encoderSection = (facts: EncoderFacts, shape: SectionShape, at: number): IgnoredSection =>
  facts.kind === "gru" ? sectionOf(RECURRENT, facts, shape, at) : sectionOf(ATTENTION, facts, shape, at);

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
  const known = [RECURRENT, ATTENTION].find(({ version }) => version === found.version);
  if (known === undefined) return fail(`of version ${found.version} is not known to this version of midx: update midx`);
  const own = known.read(found.texts, `${ENCODER}.`, {});
  if (own.kind === "attention" && !areWhole(own.heads, facts.dim)) {
    fail(`expected one head, or heads of a multiple of 4 values, got ${own.heads} of ${facts.dim}`);
  }
  const expected = encoderSection(own, facts, found.at);
  for (const part of ["texts", "tensors"] as const) {
    const [wanted, given] = [JSON.stringify(expected[part]), JSON.stringify(found[part])];
    if (wanted !== given) fail(`expected the ${part} ${wanted}, got ${given}`);
  }
  return own;
}
