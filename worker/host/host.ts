import type { Context } from "hono";
import type { MultiIndex } from "../../src/public.ts";
import { Problem } from "../contract/problem.ts";
import type { Settings } from "./settings.ts";

/** The index that answers a request, and the name it was published under. */
export interface Served {
  readonly index: MultiIndex;
  readonly version: string;
}

/** What is served, and how it came here. */
export interface Health {
  /** Undefined until a request has needed it. */
  readonly served: Served | undefined;
  /** Why a newer index is not served. */
  readonly fault: Problem | undefined;
  /** Looks for a newer index since the isolate started, by what came of them. */
  readonly refreshes: Readonly<Record<"unchanged" | "swapped" | "failed", number>>;
}

/** All a route knows of where it runs. */
export interface Host {
  /** What to answer this request with. A rejection becomes a 503 that gives its reason. */
  readonly served: (c: Context) => Promise<Served>;
  readonly settings: (c: Context) => Settings;
  /** The address of the client: what requests without a known token are counted by. */
  readonly address: (c: Context) => string;
  readonly health: () => Health;
  /** Keeps work alive beyond the answer to this request. */
  readonly keepAlive: (c: Context, work: Promise<unknown>) => void;
}

/** `served`, with every failure as a Problem of status 503. */
export const explainFailures =
  (served: Host["served"]): Host["served"] =>
  async (c) => {
    try {
      return await served(c);
    } catch (error) {
      throw problemOfIndex(error);
    }
  };

/** Why an index can't be served. By name, not by class: in a bundle the library may be there twice. */
export function problemOfIndex(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (!(error instanceof Error)) return new Problem("index_unreadable", String(error));
  if (error.name === "FormatError") return new Problem("index_invalid", error.message);
  if (error.name === "RangeError") return new Problem("index_too_large", error.message);
  return new Problem("index_unreadable", error.message);
}
