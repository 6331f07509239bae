import type { Context } from "hono";
import { shown } from "../../src/internal.ts";
import type { Problem } from "../contract/problem.ts";
import { invalidField } from "../request/invalid-field.ts";
import { DEADLINE_HEADER, GENERATION_HEADER, MAX_DEADLINE_MS, PARTIAL_HEADER, PARTS_HEADER } from "./protocol.ts";

/** The generation and the parts that a request of a router asks. */
export interface AskedParts {
  readonly generation: string;
  /** The numbers of the parts, ascending. */
  readonly numbers: readonly number[];
  /** Milliseconds for which the router waits. */
  readonly deadlineMs: number;
  /** True if some of the parts may be missing from the answer. */
  readonly isPartial: boolean;
}

const NUMBERS = /^(0|[1-9]\d{0,4})(,(0|[1-9]\d{0,4}))*$/;

/** Reads from the headers of a request which parts it asks. A 400 names the header that is wrong. */
export function askedParts(c: Context): AskedParts {
  const generation = c.req.header(GENERATION_HEADER) ?? "";
  if (!/^[0-9a-f]{64}$/.test(generation)) throw wrongHeader(c, GENERATION_HEADER, "64 hex digits, those of a manifest");
  const list = c.req.header(PARTS_HEADER) ?? "";
  const numbers = NUMBERS.test(list) ? list.split(",").map(Number) : [];
  const isAscending = numbers.every((number, i) => number > (numbers[i - 1] ?? -1));
  if (numbers.length === 0 || !isAscending) throw wrongHeader(c, PARTS_HEADER, "the numbers of parts, ascending");
  const given = c.req.header(DEADLINE_HEADER) ?? String(MAX_DEADLINE_MS);
  const deadlineMs = /^\d{1,5}$/.test(given) ? Number(given) : 0;
  if (deadlineMs < 1 || deadlineMs > MAX_DEADLINE_MS) {
    throw wrongHeader(c, DEADLINE_HEADER, `an integer from 1 to ${MAX_DEADLINE_MS}`);
  }
  const partial = c.req.header(PARTIAL_HEADER);
  if (partial !== undefined && partial !== "allow") throw wrongHeader(c, PARTIAL_HEADER, '"allow" or none');
  return { generation, numbers, deadlineMs, isPartial: partial !== undefined };
}

function wrongHeader(c: Context, name: string, expectation: string): Problem {
  const given = c.req.header(name);
  return invalidField(name, `${expectation}, got ${given === undefined ? "none" : shown(given)}`);
}
