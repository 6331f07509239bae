import { isWorkerd } from "../bytes/workerd.ts";
import { shown } from "../checks/check.ts";
import { knownOptions } from "../checks/known-options.ts";
import type { Limits } from "./plan.ts";
import type { KernelModules } from "./precompiled-modules.ts";
import type { Threads } from "./threads.ts";

/** The instructions that the kernels may use. Answers are the same, bit for bit. */
export type Simd = "auto" | "base";

/** Options of `load`: limits of its calls, for which memory is planned, and the kernels. */
export interface LoadOptions extends Partial<Limits> {
  /**
   * `"auto"` uses relaxed SIMD where the runtime has it; `"base"` does not. It is refused beside `modules`. Default
   * `"auto"`. Workers always use it.
   */
  readonly simd?: Simd;
  /** Kernels that are compiled already. Default: the library's own. */
  readonly modules?: KernelModules;
  /**
   * Threads that read rows together for exact answers: `threads(n)` of `midx/threads`. Answers are the same, bit for bit.
   * Refused beside `modules`, and in Cloudflare Workers, which have no threads. Default: none.
   */
  readonly threads?: Threads;
}

/** The memory that an index may take in a Worker of its own, whose isolate has 128 MB, WebAssembly memory included. */
export const ISOLATE_BYTES = 120 * 2 ** 20;

export const DEFAULT_LIMITS: Limits = {
  maxBytes: isWorkerd ? ISOLATE_BYTES : 2 * 2 ** 30,
  maxBatch: 256,
  maxDraws: 4096,
  maxK: 16384,
  maxScan: 65536,
  maxChanged: 4096,
  maxDelta: 0,
};

const KNOWN = /* @__PURE__ */ Object.keys(DEFAULT_LIMITS).concat("simd", "modules", "threads");

/** Reads each option of load once. TypeError names an unknown option. */
export const loadOptions = (options: LoadOptions): LoadOptions => knownOptions("load", options, KNOWN);

/** Returns the limits of the options, with defaults. RangeError for a limit that is not a positive integer, or 0 for maxDelta. */
export function limitsOf(options: LoadOptions): Limits {
  const limits = { ...DEFAULT_LIMITS };
  for (const name of Object.keys(DEFAULT_LIMITS) as (keyof Limits)[]) {
    const value = options[name];
    if (value === undefined) continue;
    if (!Number.isSafeInteger(value) || value < (name === "maxDelta" ? 0 : 1)) {
      const expected = name === "maxDelta" ? "0 or a positive integer" : "a positive integer";
      throw new RangeError(`"${name}" expected ${expected}, got ${shown(value)}`);
    }
    limits[name] = value;
  }
  return limits;
}

/** Returns the option `simd`. RangeError for an unknown value. */
export function simdOf({ simd = "auto" }: LoadOptions): Simd {
  if (simd !== "auto" && simd !== "base") {
    throw new RangeError(`"simd" expected auto or base, got ${shown(simd)}`);
  }
  return simd;
}
