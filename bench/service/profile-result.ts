import type { Origin } from "../origin.ts";

/** The contents of bench/results/service-profile.json: CPU microseconds. */
export interface ProfileResult extends Origin {
  readonly itemCount: number;
  readonly connections: number;
  readonly workerd: RequestCosts;
  readonly nodeServer: RequestCosts;
  /** A call of predict in a loop of calls, with the same queries. */
  readonly call: number;
  /** The same with kernels that do nothing: the time of the call in TypeScript. */
  readonly outside: number;
}

/** The CPU microseconds of the server's process for a request. */
export interface RequestCosts {
  /** A route that scores nothing and answers with a number. */
  readonly nothing: number;
  /** The same route with an answer as large as that of `predict`. */
  readonly sameSize: number;
  /** `/v1/predict` whose call of the library returns the first answer again. */
  readonly kept: number;
  /** `/v1/predict`. */
  readonly predict: number;
}
