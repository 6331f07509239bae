import type { IndexSource } from "../../src/public.ts";
import type { ClientFacts } from "../../src/publication/client-facts.ts";

/** A published index that has not been read yet. */
export interface Publication<Source = IndexSource> {
  /** A tag that changes when another index is published. */
  readonly tag: string;
  /** The name it was published under, or undefined. The service then uses the start of the content id. */
  readonly version: string | undefined;
  /** The facts about the file that its pointer holds, if any. */
  readonly facts?: ClientFacts | undefined;
  /** A publication replaces another one of the same contract only if that breaks no client. */
  readonly contract?: string | undefined;
  /** The number of the last change in the log of the index that the file has. Default 0: it has none. */
  readonly sequence?: number | undefined;
  /**
   * Opens the file of the index.
   *
   * @returns the file
   * @throws the error of the store if it cannot be read
   *
   * @example
   * const open = () => fetch("https://example.com/words.midx");
   */
  open(): Source | Promise<Source>;
  /** Returns the publication before this one, if there is one. */
  readonly previous?: (() => Promise<Publication<Source> | undefined>) | undefined;
}

/** A place where indexes are published. */
export interface Publisher<Source = IndexSource> {
  /**
   * Looks for the current publication.
   *
   * @param known the tag of the publication that the caller has; without it there is always an answer
   * @returns the current publication, or undefined if its tag is still `known`
   * @throws any error: requests get a 503 if no index is loaded, otherwise the loaded index stays
   *
   * @example
   * const publisher: Publisher = {
   *   async look(known) {
   *     const version = await env.VERSIONS.get("words");
   *     if (version === null) throw new Error("no version is published");
   *     if (version === known) return undefined;
   *     return { tag: version, version, open: () => fetch(`https://example.com/${version}.midx`) };
   *   },
   * };
   */
  look(known?: string): Promise<Publication<Source> | undefined>;
}
