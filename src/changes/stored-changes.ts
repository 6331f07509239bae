import type { IndexFacts } from "../format/facts.ts";
import type { GivenValues } from "../memory/delta.ts";

/** What of an index decides how rows are stored. */
export type RowFacts = Pick<IndexFacts, "dim" | "rows" | "hasBias"> & { readonly hasResiduals: boolean };

export const rowFactsOf = ({ dim, rows, hasBias, residuals }: IndexFacts): RowFacts => ({
  ...{ dim, rows, hasBias },
  hasResiduals: residuals !== undefined,
});

/** Rows in the form of a file, end to end. */
export interface StoredRows {
  readonly rows: Uint8Array;
  /** For int8 rows alone. */
  readonly scales: Float32Array | undefined;
  /** What int8 rows lose, for an index with residuals alone. */
  readonly residuals: Uint8Array | undefined;
  /** For an index with biases alone. */
  readonly biases: Float32Array | undefined;
}

/** A label that changes name, and what becomes of it. */
export interface ChangedLabel {
  readonly label: string;
  /** Its UTF-8. */
  readonly bytes: Uint8Array;
  /** The place of its row among the stored rows, or −1 for a removal. */
  readonly row: number;
  /** A removal of a class that the changes have added before: it has an id even if nothing else tells of it. */
  readonly hasId: boolean;
}

/** Changes that are checked and in the form in which they are kept: each label once, in the order of their log. */
export interface StoredChanges {
  readonly labels: readonly ChangedLabel[];
  readonly stored: StoredRows;
  /** What each row has in columns, where the changes say it. */
  readonly values?: readonly (GivenValues | undefined)[] | undefined;
  /** The space that the rows are of, where the changes say it. */
  readonly space?: string | undefined;
  /** The sequence number up to which an index must be. */
  readonly after: number;
  /** The sequence number of an index that has them. */
  readonly sequence: number;
}
