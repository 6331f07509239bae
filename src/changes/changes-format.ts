import { FormatError } from "../bytes/format-error.ts";
import type { TensorSpec } from "../bytes/safetensors.ts";
import { MAX_DIM, MAX_ITEMS, MAX_LABEL_BYTES } from "../format/limits.ts";
import {
  type FactReaders,
  flag,
  integer,
  type Metadata,
  matching,
  oneOf,
  quote,
  readFacts,
  sequence,
  textsOf,
} from "../format/metadata.ts";
import { labelTensors, padTo, VECTOR_BYTES } from "../format/tensor-spec.ts";
import { paddedRow } from "../format/tensors.ts";
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
}

const VERSION = "1.0";
export const FORMAT = "midx-changes";

const READERS: FactReaders<ChangesFacts> = {
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
  formatVersion: VERSION,
  ...textsOf(READERS, facts),
});

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
  if (metadata.formatVersion !== VERSION) {
    const got = quote(metadata.formatVersion);
    throw new FormatError("format-version", 0, `"formatVersion" expected ${VERSION}, got ${got}`);
  }
  const facts = readFacts(READERS, metadata, {});
  const fail = (name: string, expected: string): never => {
    throw new FormatError("metadata-value", 0, `"${name}" expected ${expected}, got ${quote(metadata[name])}`);
  };
  if (facts.after > facts.sequence) fail("after", `at most ${facts.sequence}`);
  if (facts.after === facts.sequence && facts.labelCount > 0) fail("sequence", `more than ${facts.after}`);
  if (facts.upsertCount > facts.labelCount) fail("upsertCount", `at most ${facts.labelCount}`);
  if (facts.hasResiduals && facts.rows !== "i8") fail("hasResiduals", `false for rows of "${facts.rows}"`);
  return facts;
}

/** What becomes of a label, as the tensor "kinds" says: a removal, an upsert, or a removal of a class that was added before. */
export const KIND_REMOVAL = 0;
export const KIND_UPSERT = 1;
export const KIND_REMOVAL_OF_ADDED = 2;

type ChangesTensor = "labelOffsets" | "labelText" | "kinds" | "rows" | "rowScales" | "residualRows" | "bias";

/** Returns the tensors of a file, in file order. */
export function changesTensors(facts: ChangesFacts): (TensorSpec & { readonly name: ChangesTensor })[] {
  const { labelCount, upsertCount, labelBytes, rows, hasBias, hasResiduals } = facts;
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
  ];
  return table as (TensorSpec & { readonly name: ChangesTensor })[];
}
