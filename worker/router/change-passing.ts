import type { Context, Hono } from "hono";
import type { AnsweringPart, PartFor } from "../parts/answering-part.ts";
import type { AskedParts } from "../parts/asked-parts.ts";
import type { RouterIndex } from "./router-index.ts";

/** Lets a router that is a part of another one pass changes on to its own parts. */
export interface ChangePassing {
  /** Adds the routes by which the router above changes parts. */
  readonly addRoutes: (app: Hono, partFor: PartFor) => void;
  /**
   * Returns some of the parts of an index, for a request, as one part that takes changes. Undefined for parts that are not asked
   * together.
   */
  readonly partOf: (c: Context, index: RouterIndex, asked: AskedParts) => AnsweringPart | undefined;
}
