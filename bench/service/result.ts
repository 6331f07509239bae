import type { Origin } from "../origin.ts";

/** The contents of bench/results/service.json. */
export interface ServiceResult extends Origin {
  /** The version of wrangler, which brings workerd with it. */
  readonly wrangler: string;
  readonly itemCount: number;
  readonly connections: number;
  /** Rates by request, the median of the rounds: of workerd with nothing in front, */
  readonly bare: Readonly<Record<string, Rate>>;
  /** and of workerd as `wrangler dev` starts it. */
  readonly local: Readonly<Record<string, Rate>>;
  readonly swaps: Swaps;
  readonly overload: Overload;
  readonly worst: readonly Worst[];
  readonly soak: Soak;
}

export interface Rate {
  readonly requestsPerSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Answers with a status other than 2xx, and failed connections. */
  readonly failed: number;
}

export interface Swaps {
  readonly swaps: number;
  readonly answers: number;
  readonly failed: number;
  /** Answers that differ from the offline answers of the version that they name. */
  readonly wrong: number;
  /** The median time in milliseconds from a new pointer to the first answer of its version. */
  readonly untilServed: number;
}

export interface Overload {
  readonly connections: number;
  /** The number of answers by status. 0 counts failed connections. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Milliseconds from the end of the load until 50 requests in a row took at most 25 ms each. */
  readonly recovery: number;
}

/** A request at a limit. */
export interface Worst {
  readonly name: string;
  readonly status: number;
  readonly bodyBytes: number;
  /** The median in milliseconds. */
  readonly time: number;
}

export interface Soak {
  readonly seconds: number;
  readonly requests: number;
  readonly failed: number;
  readonly p99: number;
  /** The resident memory of workerd after the first minute, and at the end. */
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}
