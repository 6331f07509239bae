import type { IndexSource } from "../../src/public.ts";
import type { ClientFacts } from "../../src/publication/client-facts.ts";

/** An index that was published, seen but not read. */
export interface Publication {
  /** Another one when another index is published. */
  readonly tag: string;
  /** The name it was published under; where nobody named it, its content id begins with it. */
  readonly version: string | undefined;
  /** The facts about the file, where its pointer has some. */
  readonly facts?: ClientFacts | undefined;
  /** Publications of one contract may take each other's place only where that breaks no client. */
  readonly contract?: string | undefined;
  open(): IndexSource | Promise<IndexSource>;
  /** The publication before this one, where there is one. */
  readonly previous?: (() => Promise<Publication | undefined>) | undefined;
}

/** Where indexes are published. */
export interface Publisher {
  /** The current publication; undefined while it is still the one with this tag. */
  look(known?: string): Promise<Publication | undefined>;
}
