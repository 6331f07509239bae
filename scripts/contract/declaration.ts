import type * as v from "valibot";

/** The fields of an object by their names. */
export type Entries = Readonly<Record<string, v.GenericSchema>>;

/** An interface. Its fields are the entries that none of the interfaces it extends has. */
export interface Declaration {
  readonly description?: string;
  readonly extends?: readonly string[];
  readonly entries: Entries;
}
