import type { Origin } from "../origin.ts";

/** Latencies of a call in milliseconds. */
export interface Latency {
  /** The 25th percentile, which noise of the machine changes least. */
  readonly quarter: number;
  readonly median: number;
  readonly p99: number;
}

/** The latencies with some number of parts. */
export interface PartsLatency {
  readonly parts: number;
  /** In one process, without HTTP. */
  readonly process: Latency;
  /** A router whose parts are Durable Objects, in workerd, which it asks by calls. */
  readonly objects: Latency;
  /** The same by requests. */
  readonly requested: Latency;
  /** The same number of concurrent requests to objects that answer with nothing. */
  readonly empty: Latency;
  /** A router and parts that are processes on this machine, over HTTP. */
  readonly http: Latency;
}

export interface ScaleOutResult extends Origin {
  readonly rows: number;
  readonly dim: number;
  readonly requests: number;
  /** One index of all rows: without HTTP, in a Worker, and in `midx serve`. */
  readonly one: { readonly process: Latency; readonly worker: Latency; readonly http: Latency };
  readonly split: readonly PartsLatency[];
}
