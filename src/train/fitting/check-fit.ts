import { DEFAULT_SCAN } from "../../answers/options.ts";
import { checkCount } from "../../checks/check.ts";
import { functionOptions } from "../../checks/function-options.ts";
import { checkQueries } from "../rows/matrix.ts";
import { FIT_OPTIONS, type FitOptions } from "./fit-options.ts";

/** A fit holds all rows in one WASM memory, beside its other tables. */
const MOST_ROW_BYTES = 2 ** 32 - 2 ** 29;
const MEBIBYTE = 2 ** 20;

/** The options of a fit, with every value checked. */
export interface FitPlan {
  readonly scan: number;
  /** f32 (n, D), n at least 2. */
  readonly queries: Float32Array;
}

export function checkFit(
  { fit, queries }: { readonly fit?: FitOptions; readonly queries?: Float32Array },
  itemCount: number,
  dim: number,
): FitPlan | undefined {
  if (fit === undefined) return undefined;
  const { scan = DEFAULT_SCAN } = functionOptions("fit of build", FIT_OPTIONS, fit, "fit");
  checkCount("fit.scan", scan, 2 ** 31 - 1, "the limit");
  if (queries === undefined) throw new RangeError('"fit" expected "queries" beside it');
  checkQueries(queries, dim);
  const count = queries.length / dim;
  if (count < 2) {
    throw new RangeError(
      `"queries" expected at least 2 with "fit", some to learn from and some to validate with, got ${count}`,
    );
  }
  if (itemCount === 0) throw new RangeError('"fit" expected rows to fit to, got none');
  const bytes = itemCount * dim * 4;
  if (bytes > MOST_ROW_BYTES) {
    const [needed, most] = [bytes, MOST_ROW_BYTES].map((size) => Math.ceil(size / MEBIBYTE));
    throw new RangeError(
      `"fit" expected rows of at most ${most} MiB as f32, all of which it keeps in memory, got ${needed} MiB`,
    );
  }
  return { scan, queries };
}
