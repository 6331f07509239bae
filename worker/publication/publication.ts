import type { IndexSource } from "../../src/byte-source.ts";

/** An index that was published, seen but not read. */
export interface Publication {
  /** Another one when another index is published. */
  readonly tag: string;
  /** The name it was published under; where nobody named it, its content id begins with it. */
  readonly version: string | undefined;
  open(): IndexSource | Promise<IndexSource>;
}

/** Where indexes are published. */
export interface Publisher {
  /** What is published now; undefined while that is still what has this tag. */
  look(known?: string): Promise<Publication | undefined>;
}
