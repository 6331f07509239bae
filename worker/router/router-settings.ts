import { checkNumber } from "../../src/internal.ts";
import { MAX_DEADLINE_MS } from "../parts/protocol.ts";

/** Options of a router. */
export interface RouterOptions {
  /** Most requests to parts at once, for each request of a client, 1 to 1,024. Default 6, the connections of a Worker. */
  readonly fanOut?: number;
  /** Milliseconds that a part may take to answer, 1 to 60,000. Then it is missing. Default 5,000. */
  readonly deadlineMs?: number;
  /**
   * The least milliseconds before a second replica is asked, 1 to 60,000. It is asked when an answer takes longer than the 95th
   * percentile or, as long as there are few answers, than its share of `deadlineMs`. Default 5.
   */
  readonly hedgeMs?: number;
  /** Milliseconds that a part may take to load a new generation, 1 to 60,000. Default 30,000. */
  readonly prepareMs?: number;
  /** The number of parts that each host answers for, in their order, if routers are behind a router. Default: 1. */
  readonly groups?: readonly number[];
}

/** The checked options. */
export interface RouterSettings {
  readonly fanOut: number;
  readonly deadlineMs: number;
  readonly hedgeMs: number;
  readonly prepareMs: number;
  readonly groupSizes: readonly number[] | undefined;
}

const MAX_FAN_OUT = 1024;

/** @throws TypeError or RangeError that names the option */
export function routerSettingsOf({
  fanOut = 6,
  deadlineMs = 5000,
  hedgeMs = 5,
  prepareMs = 30_000,
  groups,
}: RouterOptions): RouterSettings {
  return {
    fanOut: checkInteger("fanOut", fanOut, MAX_FAN_OUT),
    deadlineMs: checkInteger("deadlineMs", deadlineMs, MAX_DEADLINE_MS),
    hedgeMs: checkInteger("hedgeMs", hedgeMs, MAX_DEADLINE_MS),
    prepareMs: checkInteger("prepareMs", prepareMs, MAX_DEADLINE_MS),
    groupSizes: groups === undefined ? undefined : checkGroups(groups),
  };
}

function checkInteger(name: string, value: number, most: number): number {
  checkNumber(name, value, 1, most);
  if (Number.isInteger(value)) return value;
  throw new RangeError(`"${name}" expected an integer, got ${value}`);
}

function checkGroups(groups: unknown): readonly number[] {
  if (!Array.isArray(groups) || groups.length === 0) throw new TypeError('"groups" expected a list of sizes');
  return groups.map((size: number, i) => checkInteger(`groups[${i}]`, size, MAX_FAN_OUT));
}
