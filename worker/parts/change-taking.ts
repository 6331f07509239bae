import type { Hono } from "hono";
import type { IndexSource, MultiIndex } from "../../src/public.ts";
import type { Load } from "../publication/open-publication.ts";
import type { PartFor } from "./answering-part.ts";
import type { ChangingPart } from "./changing-part.ts";

/** Loads parts with room for changes. */
export interface ChangeTaking {
  /** Adds the routes by which a router changes parts. */
  readonly addRoutes: (app: Hono, partFor: PartFor) => void;
  /** Loads the file of a part that has the changes of the log up to a number. */
  open(load: Load, source: IndexSource, sequence: number): Promise<OpenedPart>;
}

/** A part that takes changes. */
interface OpenedPart {
  readonly index: MultiIndex;
  /** The bytes that it takes when its room for changes is full. */
  readonly memoryBytes: number;
  readonly changes: ChangingPart;
}
