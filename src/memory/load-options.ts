import { shown } from "../checks/check.ts";
import { knownOptions } from "../checks/known-options.ts";
import type { KernelModules } from "./given-modules.ts";
import type { Limits } from "./plan.ts";

/** Which instructions the kernels may use; answers are the same, bit for bit. */
export type Simd = "auto" | "base";

/** Caps of a loaded index: memory is planned for them, and a call above one is a RangeError that names it. */
export interface LoadOptions extends Partial<Limits> {
  /** "auto", the default, takes relaxed SIMD where the runtime has it; "base" does without. */
  readonly simd?: Simd;
  /** Kernels that are compiled already; default the library's own. */
  readonly modules?: KernelModules;
}

const isWorkerd = typeof navigator !== "undefined" && navigator.userAgent === "Cloudflare-Workers";

/** What an index may take in a Worker by itself: an isolate has 128 MB, WASM memory included. */
export const ISOLATE_BYTES = 120 * 2 ** 20;

export const DEFAULT_LIMITS: Limits = {
  maxBytes: isWorkerd ? ISOLATE_BYTES : 2 * 2 ** 30,
  maxBatch: 256,
  maxDraws: 4096,
  maxK: 16384,
  maxScan: 65536,
};

const KNOWN = [...Object.keys(DEFAULT_LIMITS), "simd", "modules"];

/** What load is given, read once. TypeError names an option that is unknown. */
export const loadOptions = (given: LoadOptions): LoadOptions => knownOptions("load", given, KNOWN);

/** The limits that the options ask for. RangeError for one that is no positive integer. */
export function limitsOf(options: LoadOptions): Limits {
  const limits = { ...DEFAULT_LIMITS };
  for (const name of Object.keys(DEFAULT_LIMITS) as (keyof Limits)[]) {
    const value = options[name];
    if (value === undefined) continue;
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RangeError(`"${name}" expected a positive integer, got ${shown(value)}`);
    }
    limits[name] = value;
  }
  return limits;
}

/** RangeError for one that is unknown. */
export function simdOf({ simd = "auto" }: LoadOptions): Simd {
  if (simd !== "auto" && simd !== "base") {
    throw new RangeError(`"simd" expected auto or base, got ${shown(simd)}`);
  }
  return simd;
}
