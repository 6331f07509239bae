import { FormatError } from "../../src/bytes/format-error.ts";
import { loadWith } from "../../src/index/load.ts";
import { DEFAULT_LIMITS } from "../../src/memory/load-options.ts";
import { BUILDS } from "../fixtures/modules.ts";
import { WHOLE } from "../run/size.ts";
import { interrogate } from "./interrogate.ts";

/** The verdict on a hostile file: its code, or "harmless". */
export type Verdict = string;

/**
 * Limits so narrow that an index of fifty classes is answered in the ways meant for large ones: heads that are a small
 * part, bounds and envelopes.
 */
const NARROW = { maxScan: 2, maxDraws: 16, maxK: 8, maxBatch: 1 };

/** The largest memory under the default limits, for usual files (claims.test.ts). */
export const memoryBound = (fileBytes: number): number => 1.8 * fileBytes + 8 * 2 ** 20;

/**
 * Loads the file and runs `queries` queries, half of them under the default limits and half under narrow ones. A
 * FormatError is a verdict. Everything else, such as a trap, an untyped error or an impossible answer, is thrown on.
 */
export async function judge(file: Uint8Array, queries = WHOLE ? 20 : 10): Promise<Verdict> {
  try {
    const half = Math.ceil(queries / 2);
    const wide = await loadWith(BUILDS.release, file);
    interrogate(wide, DEFAULT_LIMITS, 0, half);
    wide.dispose();
    const narrow = await loadWith(BUILDS.release, file, NARROW);
    interrogate(narrow, NARROW, half, queries);
    narrow.dispose();
    return "harmless";
  } catch (error) {
    if (error instanceof FormatError) return error.code;
    throw error;
  }
}

const TRIES = 20;

/**
 * The smallest number of milliseconds of this thread that `action` takes. A time that is not below the limit is
 * measured some more times: the cost of a file shows in each of them, other load on the machine does not.
 */
export async function leastTime<T>(
  limit: number,
  action: () => Promise<T>,
  tries = TRIES,
): Promise<{ readonly result: T; readonly milliseconds: number }> {
  let least = Number.POSITIVE_INFINITY;
  for (let more = tries; ; more--) {
    const start = process.threadCpuUsage();
    const result = await action();
    const { user, system } = process.threadCpuUsage(start);
    least = Math.min(least, (user + system) / 1000);
    if (least < limit || more === 0) return { result, milliseconds: least };
  }
}
