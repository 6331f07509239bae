import type { CallTimes } from "./times.ts";

/** US dollars for a million milliseconds of CPU time on Workers Paid, beyond what the plan includes. */
const DOLLARS = 0.02;
const SOURCE = "https://developers.cloudflare.com/workers/platform/pricing/";
const AS_OF = "2026-08";

const LEAVES_OUT = [
  "the difference between a Worker's CPU and this machine's",
  "HTTP, JSON and loading the index",
  "the price of the requests themselves, of storage and of the plan, and what the plan includes",
] as const;

/** The estimated price of the CPU time of a million requests on Cloudflare Workers, with one predict each. */
export interface CpuCost {
  /** CPU milliseconds of one predict: its median time on this machine. */
  readonly cpuMilliseconds: number;
  /** US dollars. */
  readonly perMillionRequests: number;
  /** US dollars if the exact softmax answered each request. */
  readonly perMillionExact: number;
  readonly price: { readonly dollarsPerMillionMilliseconds: number; readonly source: string; readonly asOf: string };
  readonly leavesOut: readonly string[];
}

export function cpuCost({ predict, exactSoftmax }: CallTimes): CpuCost {
  return {
    cpuMilliseconds: predict / 1000,
    perMillionRequests: (predict / 1000) * DOLLARS,
    perMillionExact: (exactSoftmax / 1000) * DOLLARS,
    price: { dollarsPerMillionMilliseconds: DOLLARS, source: SOURCE, asOf: AS_OF },
    leavesOut: LEAVES_OUT,
  };
}
