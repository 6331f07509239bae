import type { Context } from "hono";
import type { MultiIndex } from "../src/multi-index.ts";
import { Problem } from "./problem.ts";

/** The index to answer this request with. A rejection becomes a 503 that gives its reason. */
export type GetIndex = (c: Context) => Promise<MultiIndex>;

/** All a route knows of where it runs. */
export interface Host {
  readonly getIndex: GetIndex;
  /** Multiply-adds one request may ask for. */
  readonly maxWork: (c: Context) => number;
}

/** `getIndex`, with every failure as a Problem of status 503. */
export function explainFailures(getIndex: GetIndex): GetIndex {
  return async (c) => {
    try {
      return await getIndex(c);
    } catch (error) {
      throw unavailable(error);
    }
  };
}

/** By name, not by class: in a bundle the library may be there twice. */
function unavailable(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (!(error instanceof Error)) return new Problem("index_unreadable", String(error));
  if (error.name === "FormatError") return new Problem("index_invalid", error.message);
  if (error.name === "RangeError") return new Problem("index_too_large", error.message);
  return new Problem("index_unreadable", error.message);
}
