import { FormatError } from "../bytes/format-error.ts";

// These functions read single facts from the texts of a header's metadata. A fact that is missing or out of bounds is a
// FormatError that names it: metadata-missing, metadata-value.
//
// The annotations let bundles leave out readers of facts that they do not read.

export type Metadata = Readonly<Record<string, string>>;

/** Earlier facts, which bound a later one. */
export interface FactsBefore {
  readonly rows: string;
  readonly itemCount: number;
  readonly bits: number;
  readonly bucketCount: number;
  /** The number of classes that lie in buckets: all but the outliers. */
  readonly bucketedCount: number;
  readonly hasLabels: boolean;
  readonly hasFeatureLabels: boolean;
}

/** Reads a fact. `text` writes it, where that is not what String does. */
export type ReadFact<Value> = ((metadata: Metadata, name: string, before: FactsBefore) => Value) & {
  readonly text?: (value: NonNullable<Value>) => string;
};

/** Reads a text that matches a pattern. */
/* @__NO_SIDE_EFFECTS__ */
export function matching(pattern: RegExp): ReadFact<string> {
  return (metadata, name) => {
    const value = metadata[name];
    if (value === undefined) throw new FormatError("metadata-missing", 0, `"${name}" is missing`);
    if (!pattern.test(value)) {
      throw new FormatError("metadata-value", 0, `"${name}" expected ${pattern}, got ${quote(value)}`);
    }
    return value;
  };
}

/* @__NO_SIDE_EFFECTS__ */
export function oneOf<Value extends string>(...values: readonly Value[]): ReadFact<Value> {
  return matching(new RegExp(`^(${values.join("|")})$`)) as unknown as ReadFact<Value>;
}

const readFlag = oneOf("true", "false");
export const flag: ReadFact<boolean> = (...given) => readFlag(...given) === "true";

const readInteger = matching(/^(0|[1-9]\d{0,9})$/);

/** Reads an integer between bounds that earlier facts determine. */
/* @__NO_SIDE_EFFECTS__ */
export function integerOf(boundsOf: (before: FactsBefore) => readonly [low: number, high: number]): ReadFact<number> {
  return (metadata, name, before) => {
    const value = Number(readInteger(metadata, name, before));
    const [low, high] = boundsOf(before);
    if (value >= low && value <= high) return value;
    throw new FormatError("metadata-value", 0, `"${name}" expected ${low}..${high}, got ${value}`);
  };
}

const readSequence = matching(/^(0|[1-9]\d{0,15})$/);
/** Reads a sequence number of changes. */
export const sequence: ReadFact<number> = (metadata, name, before) => {
  const value = Number(readSequence(metadata, name, before));
  if (Number.isSafeInteger(value)) return value;
  throw new FormatError("metadata-value", 0, `"${name}" expected less than 2^53, got ${quote(metadata[name])}`);
};

export const integer = (low: number, high: number): ReadFact<number> => integerOf(() => [low, high]);

const readSeed = matching(/^(0|[1-9]\d{0,19})$/);
export const seed: ReadFact<bigint> = (metadata, name, before) => {
  const value = BigInt(readSeed(metadata, name, before));
  if (value < 2n ** 64n) return value;
  throw new FormatError("metadata-value", 0, `"${name}" expected less than 2^64, got ${value}`);
};

/** Reads a fact that may be missing. */
export function optional<Value>(reader: ReadFact<Value>): ReadFact<Value | undefined> {
  const read: ReadFact<Value | undefined> = (metadata, name, before) =>
    metadata[name] === undefined ? undefined : reader(metadata, name, before);
  return Object.assign(read, reader.text && { text: reader.text });
}

/** The reader of each fact of a table, in file order. */
export type FactReaders<Facts> = { readonly [Name in keyof Facts]-?: ReadFact<Facts[Name]> };

/**
 * Reads the facts of a table in order, each with the facts before it and those already known. `prefix` stands before the
 * names in the metadata.
 */
export function readFacts<Facts>(
  readers: FactReaders<Facts>,
  metadata: Metadata,
  known: Partial<FactsBefore>,
  prefix = "",
): Facts {
  const facts: Partial<Facts> = {};
  for (const name of Object.keys(readers) as (keyof Facts & string)[]) {
    const before = { ...known, ...facts } as Partial<FactsBefore> as FactsBefore;
    const value = readers[name](metadata, `${prefix}${name}`, before);
    if (value !== undefined) facts[name] = value;
  }
  return facts as Facts;
}

/** Writes the facts of a table as texts, with `prefix` before their names. */
export function textsOf<Facts>(readers: FactReaders<Facts>, facts: Facts, prefix = ""): Record<string, string> {
  const names = Object.keys(readers) as (keyof Facts & string)[];
  const texts: Record<string, string> = {};
  for (const name of names) {
    const value = facts[name];
    if (value !== undefined && value !== null) texts[`${prefix}${name}`] = (readers[name].text ?? String)(value);
  }
  return texts;
}

export const quote = (value: string | undefined): string => JSON.stringify(value?.slice(0, 64)) ?? "nothing";
