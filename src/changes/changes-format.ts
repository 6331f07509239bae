import { FormatError } from "../bytes/format-error.ts";
import type { TensorSpec } from "../bytes/safetensors.ts";
import { COLUMN_TYPES, MAX_COLUMNS, NAMESPACE, wrongColumnName } from "../format/columns.ts";
import { MAX_DIM, MAX_ITEMS, MAX_LABEL_BYTES } from "../format/limits.ts";
import {
  type FactReaders,
  flag,
  integer,
  type Metadata,
  matching,
  oneOf,
  quote,
  type ReadFact,
  readFacts,
  sequence,
  textsOf,
} from "../format/metadata.ts";
import { isSpaceName, SPACE_NAME } from "../format/space.ts";
import { labelTensors, padTo, VECTOR_BYTES } from "../format/tensor-spec.ts";
import { paddedRow } from "../format/tensors.ts";
import type { DeclaredColumn } from "./class-values.ts";
import type { RowFacts } from "./stored-changes.ts";

/** The facts of a file of changes, which its header states (FORMAT.md). */
export interface ChangesFacts extends RowFacts {
  /** The content id of the index that the changes belong to. */
  readonly contentId: string;
  readonly after: number;
  readonly sequence: number;
  readonly labelCount: number;
  readonly upsertCount: number;
  readonly labelBytes: number;
  /** The columns of the index, if upserts have values in them. */
  readonly columns: readonly DeclaredColumn[];
  /** The size of the values in bytes; 0 without columns. */
  readonly valueBytes: number;
  /** The name of the space of the rows, or empty. */
  readonly space: string;
}

const VERSION = "1.0";
/** The version of files that name a space or have values in columns. */
const VERSION_WITH_VALUES = "1.1";
export const FORMAT = "midx-changes";

/** Reads a list of names with types in the form of JSON.stringify. */
const readColumns: ReadFact<readonly DeclaredColumn[]> = Object.assign(
  (metadata: Metadata, name: string): readonly DeclaredColumn[] => {
    try {
      const list = JSON.parse(metadata[name] ?? "") as [string, DeclaredColumn["type"]][];
      const columns = list.map(([column, type]): DeclaredColumn => ({ name: column, type }));
      const isGood = columns.every(
        (column, i) =>
          COLUMN_TYPES.includes(column.type) &&
          (column.name === NAMESPACE ? column.type === "string" : !wrongColumnName(column.name)) &&
          columns.findIndex((other) => other.name === column.name) === i,
      );
      if (isGood && columns.length <= MAX_COLUMNS + 1 && textOfColumns(columns) === metadata[name]) return columns;
    } catch {
      // It is no such list.
    }
    throw new FormatError(
      "metadata-value",
      0,
      `"${name}" expected names of columns with types, got ${quote(metadata[name])}`,
    );
  },
  { text: (columns: readonly DeclaredColumn[]) => textOfColumns(columns) },
);

const textOfColumns = (columns: readonly DeclaredColumn[]): string =>
  JSON.stringify(columns.map(({ name, type }) => [name, type]));

function readSpace(metadata: Metadata, name: string): string {
  const space = metadata[name];
  if (space === "" || isSpaceName(space)) return space;
  throw new FormatError("metadata-value", 0, `"${name}" expected ${SPACE_NAME}, or nothing, got ${quote(space)}`);
}

type ValueFacts = Pick<ChangesFacts, "columns" | "valueBytes" | "space">;

const VALUE_READERS: FactReaders<ValueFacts> = {
  columns: readColumns,
  valueBytes: integer(0, MAX_LABEL_BYTES),
  space: readSpace,
};

const READERS: FactReaders<Omit<ChangesFacts, keyof ValueFacts>> = {
  contentId: matching(/^[0-9a-f]{64}$/),
  after: sequence,
  sequence,
  dim: integer(1, MAX_DIM),
  rows: oneOf("f32", "f16", "i8"),
  hasBias: flag,
  hasResiduals: flag,
  labelCount: integer(0, MAX_ITEMS),
  upsertCount: integer(0, MAX_ITEMS),
  labelBytes: integer(0, MAX_LABEL_BYTES),
};

export const changesMetadata = (facts: ChangesFacts): Record<string, string> => ({
  format: FORMAT,
  formatVersion: hasValueFacts(facts) ? VERSION_WITH_VALUES : VERSION,
  ...textsOf(READERS, facts),
  ...(hasValueFacts(facts) && textsOf(VALUE_READERS, facts)),
});

const hasValueFacts = ({ columns, space }: ValueFacts): boolean => columns.length > 0 || space !== "";

/** Reads the facts. FormatError: foreign-file, format-version, metadata-missing, metadata-value. */
export function changesFacts(metadata: Metadata): ChangesFacts {
  if (metadata.format !== FORMAT) {
    const got = quote(metadata.format);
    throw new FormatError(
      "foreign-file",
      0,
      `no file of changes: "format" of its metadata expected "${FORMAT}", got ${got}`,
    );
  }
  const hasValues = metadata.formatVersion === VERSION_WITH_VALUES;
  if (!hasValues && metadata.formatVersion !== VERSION) {
    const got = quote(metadata.formatVersion);
    throw new FormatError(
      "format-version",
      0,
      `"formatVersion" expected ${VERSION} or ${VERSION_WITH_VALUES}, got ${got}`,
    );
  }
  const values = hasValues ? readFacts(VALUE_READERS, metadata, {}) : { columns: [], valueBytes: 0, space: "" };
  const facts: ChangesFacts = { ...readFacts(READERS, metadata, {}), ...values };
  const fail = (name: string, expected: string): never => {
    throw new FormatError("metadata-value", 0, `"${name}" expected ${expected}, got ${quote(metadata[name])}`);
  };
  if (facts.after > facts.sequence) fail("after", `at most ${facts.sequence}`);
  if (facts.after === facts.sequence && facts.labelCount > 0) fail("sequence", `more than ${facts.after}`);
  if (facts.upsertCount > facts.labelCount) fail("upsertCount", `at most ${facts.labelCount}`);
  if (hasValues && !hasValueFacts(facts)) fail("formatVersion", `${VERSION} without columns and a space`);
  if (facts.columns.length > 0 !== facts.valueBytes > 0) fail("valueBytes", "0 without columns, and more with them");
  if (facts.hasResiduals && facts.rows !== "i8") fail("hasResiduals", `false for rows of "${facts.rows}"`);
  return facts;
}

/** The kinds of changes in the tensor "kinds": a removal, an upsert, or a removal of a class that was added before. */
export const KIND_REMOVAL = 0;
export const KIND_UPSERT = 1;
export const KIND_REMOVAL_OF_ADDED = 2;

type ChangesTensor = "labelOffsets" | "labelText" | "kinds" | "rows" | "rowScales" | "residualRows" | "bias" | "values";

/** Returns the tensors of a file, in file order. */
export function changesTensors(facts: ChangesFacts): (TensorSpec & { readonly name: ChangesTensor })[] {
  const { labelCount, upsertCount, labelBytes, rows, hasBias, hasResiduals, valueBytes } = facts;
  const values = paddedRow(facts);
  const [labelOffsets, , labelText] = labelTensors("label", labelCount, labelBytes);
  const table = [
    labelOffsets,
    labelText,
    { name: "kinds", dtype: "U8", shape: [padTo(labelCount, VECTOR_BYTES)] },
    { name: "rows", dtype: ({ f32: "F32", f16: "F16", i8: "I8" } as const)[rows], shape: [upsertCount, values] },
    ...(rows === "i8" ? [{ name: "rowScales", dtype: "F32", shape: [padTo(upsertCount, 4)] }] : []),
    ...(hasResiduals ? [{ name: "residualRows", dtype: "I8", shape: [upsertCount, values] }] : []),
    ...(hasBias ? [{ name: "bias", dtype: "F32", shape: [padTo(upsertCount, 4)] }] : []),
    ...(valueBytes > 0 ? [{ name: "values", dtype: "U8", shape: [padTo(valueBytes, VECTOR_BYTES)] }] : []),
  ];
  return table as (TensorSpec & { readonly name: ChangesTensor })[];
}
