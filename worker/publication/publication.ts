import type { IndexSource } from "../../src/public.ts";
import type { ClientFacts } from "../../src/publication/client-facts.ts";

/** A published index that has not been read yet. */
export interface Publication {
  /** A tag that changes when another index is published. */
  readonly tag: string;
  /** The name it was published under, or undefined. The service then uses the start of the content id. */
  readonly version: string | undefined;
  /** The facts about the file that its pointer holds, if any. */
  readonly facts?: ClientFacts | undefined;
  /** A publication replaces another one of the same contract only if that breaks no client. */
  readonly contract?: string | undefined;
  /** Opens the file of the index. */
  open(): IndexSource | Promise<IndexSource>;
  /** Returns the publication before this one, if there is one. */
  readonly previous?: (() => Promise<Publication | undefined>) | undefined;
}

/** A place where indexes are published. */
export interface Publisher {
  /** Returns the current publication, or undefined if its tag is still `known`. */
  look(known?: string): Promise<Publication | undefined>;
}
