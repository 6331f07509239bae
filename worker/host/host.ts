import type { Context } from "hono";
import type { IndexInfo } from "../../src/public.ts";
import { Problem } from "../contract/problem.ts";
import type { DriftWatch, FullestOf } from "./drift-watch.ts";
import type { ServedIndex } from "./served-index.ts";
import type { Settings } from "./settings.ts";

/** A class with metadata, as Vectorize's answers have it. */
interface Described {
  readonly id: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** The index that answers a request, and the name it was published under. */
export interface Served {
  readonly index: ServedIndex;
  /** The index of the version, if `index` lives for one request only. Metrics watch this one. */
  readonly lasting?: ServedIndex;
  readonly version: string;
  /** The version that answers a share of the callers instead. */
  readonly canary?: (Served & { readonly share: number }) | undefined;
  /** The number of the last change that the index has, if it follows a log. */
  readonly mutation?: number;
  /** The facts for /v1/info. Default: those of the index. */
  readonly info?: IndexInfo;
  /** Adds the metadata of classes that are kept beside the index. Undefined if none are kept. */
  readonly beside?: (<Vector extends Described>(vectors: Vector[]) => Promise<Vector[]>) | undefined;
  /** Tells whether the index has not changed since. Undefined if it never changes. */
  readonly isCurrent?: () => boolean;
}

/** The state of the index in this isolate. */
export interface Health {
  /** Undefined until the first request has loaded the index. */
  readonly served: Served | undefined;
  /** The reason why a newer index is not served. */
  readonly fault: Problem | undefined;
  /** The number of refreshes since the isolate started, by result. */
  readonly refreshes: Readonly<Record<"unchanged" | "swapped" | "failed", number>>;
}

/** Answers a request of these fields. */
type AnswerWith = (c: Context, answer: (served: Served) => Promise<Response>, fields?: object) => Promise<Response>;

/** The environment of an application, which answers as its host says. */
export type AnsweringHost = Host & { readonly answerWith: AnswerWith };

/** The environment of the application. */
export interface Host {
  /** The index that answers this request. A rejection becomes a 503 that gives the reason. */
  readonly served: (c: Context) => Promise<Served>;
  readonly settings: (c: Context) => Settings;
  /** The address of the client. Requests without a known token count towards it. */
  readonly address: (c: Context) => string;
  readonly health: () => Health;
  /** Keeps work alive after the response to this request. */
  readonly keepAlive: (c: Context, work: Promise<unknown>) => void;
  /** Answers a request with the version that `served` gives it, and again with another one if that is gone. Default: once. */
  readonly answerWith?: AnswerWith | undefined;
  /** Begins to watch a version for drift, and its room for changes if it accepts any. Default: only its log Z. */
  readonly watchDrift?: ((served: Served, fullestOf?: FullestOf) => DriftWatch) | undefined;
  /** Metrics beside those of every service, in Prometheus' text format. */
  readonly moreMetrics?: (() => string) | undefined;
}

/** `served` with every failure turned into a Problem of status 503. */
export const explainFailures =
  (served: Host["served"]): Host["served"] =>
  async (c) => {
    try {
      return await served(c);
    } catch (error) {
      throw problemOfIndex(error);
    }
  };

/** The Problem for an index that cannot be served. It compares names, not classes: a bundle may hold the library twice. */
export function problemOfIndex(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (!(error instanceof Error)) return new Problem("index_unreadable", String(error));
  if (error.name === "FormatError") return new Problem("index_invalid", error.message);
  if (error.name === "RangeError") return new Problem("index_too_large", error.message);
  return new Problem("index_unreadable", error.message);
}
