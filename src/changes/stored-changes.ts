import type { IndexFacts } from "../format/facts.ts";
import type { GivenValues } from "../memory/delta.ts";

/** The facts about an index that decide how rows are stored. */
export type RowFacts = Pick<IndexFacts, "dim" | "rows" | "hasBias"> & { readonly hasResiduals: boolean };

export const rowFactsOf = ({ dim, rows, hasBias, residuals }: IndexFacts): RowFacts => ({
  dim,
  rows,
  hasBias,
  hasResiduals: residuals !== undefined,
});

/** Rows in the form of a file, end to end. */
export interface StoredRows {
  readonly rows: Uint8Array;
  /** The scale of each row, only for int8 rows. */
  readonly scales: Float32Array | undefined;
  /** The residuals that int8 rows lose, only for an index with residuals. */
  readonly residuals: Uint8Array | undefined;
  /** The bias of each row, only for an index with biases. */
  readonly biases: Float32Array | undefined;
}

/** A label that changes name, with its row or its removal. */
export interface ChangedLabel {
  readonly label: string;
  /** Its UTF-8. */
  readonly bytes: Uint8Array;
  /** The place of its row among the stored rows, or −1 for a removal. */
  readonly row: number;
  /** True for a removal of a class that the changes have added before: it has an id even if nothing else shows that. */
  readonly hasId: boolean;
}

/** Checked changes in the form in which they are kept: each label once, in the order of their log. */
export interface StoredChanges {
  readonly labels: readonly ChangedLabel[];
  readonly stored: StoredRows;
  /** The values of each row in columns, if the changes state them. */
  readonly values?: readonly (GivenValues | undefined)[] | undefined;
  /** The space that the rows are of, if the changes state it. */
  readonly space?: string | undefined;
  /** The sequence number that an index must have reached. */
  readonly after: number;
  /** The sequence number of an index that has them. */
  readonly sequence: number;
}
