/** bench/results/service.json. */
export interface ServiceResult {
  readonly machine: string;
  readonly node: string;
  /** With its workerd. */
  readonly wrangler: string;
  readonly itemCount: number;
  readonly connections: number;
  /** By what was asked, median of the rounds: workerd with nothing in front, */
  readonly bare: Readonly<Record<string, Rate>>;
  /** and as `wrangler dev` has it. */
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
  /** Answers other than 2xx, and errors of the connection. */
  readonly failed: number;
}

export interface Swaps {
  readonly swaps: number;
  readonly answers: number;
  readonly failed: number;
  /** Answers that differ from what the version that they name answers offline. */
  readonly wrong: number;
  /** Milliseconds from the new pointer to the first answer of the new version, median. */
  readonly untilServed: number;
}

export interface Overload {
  readonly connections: number;
  /** Answers by status; 0 counts errors of the connection. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Milliseconds after the end of the load until 50 requests in a row took at most 25 ms each. */
  readonly recovery: number;
}

/** A request at a limit. */
export interface Worst {
  readonly name: string;
  readonly status: number;
  readonly bodyBytes: number;
  /** Median, milliseconds. */
  readonly time: number;
}

export interface Soak {
  readonly seconds: number;
  readonly requests: number;
  readonly failed: number;
  readonly p99: number;
  /** Resident memory of workerd after the first minute, and at the end. */
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}
