import { FormatError } from "../../bytes/format-error.ts";
import type { Chunk } from "./table.ts";

/** The values that a table may have, and what is said of others. */
export interface Allowed {
  /** Default: any finite value. */
  readonly least?: number | undefined;
  /** The largest magnitude. Default: that of f32. */
  readonly limit?: number | undefined;
  /** The advice in the message. */
  readonly remedy?: string | undefined;
}

/**
 * Returns the values of a chunk. A value that is NaN, infinite or not allowed is refused with its place, unless `kept` says
 * that its row is left out.
 *
 * @throws FormatError value-not-finite, value-range
 */
export function refuseInvalid(
  { values, given, columns, place }: Chunk,
  dim: number,
  { least = Number.NEGATIVE_INFINITY, limit = Number.MAX_VALUE, remedy }: Allowed = {},
  kept?: Uint8Array,
): Float32Array<ArrayBuffer> {
  const rowOf = (at: number): number => Math.floor(at / dim);
  let at = 0;
  for (; at < values.length; at++) {
    const value = values[at] as number;
    if (value >= least && Math.abs(value) <= limit) continue;
    if (kept?.[rowOf(at)] !== 0) break;
  }
  if (at === values.length) return values;
  const value = given[at] as number;
  const { name, offset } = place(rowOf(at));
  const column = columns?.[at % dim] ?? at % dim;
  const hint = remedy === undefined ? "" : `: ${remedy}${columnRemedy(columns && String(column))}`;
  const fail = (code: string, problem: string): never => {
    throw new FormatError(code, offset, `${name}, column ${column}: ${problem}${hint}`);
  };
  if (Number.isNaN(value) && columns) return fail("value-not-finite", "NaN or an empty field is not a finite number");
  if (!Number.isFinite(value)) return fail("value-not-finite", `${value} is not a finite number`);
  if (!Number.isFinite(values[at])) return fail("value-not-finite", `${value} does not fit into f32`);
  if (value < least) return fail("value-range", `expected ${least} or more, got ${value}`);
  return fail("value-range", `expected a magnitude of at most ${limit}, got ${value}`);
}

/** A column of prices may be empty in some rows, but the values of vectors seldom are. `shown` is its name in quotes. */
function columnRemedy(shown: string | undefined): string {
  if (shown === undefined || /^"\d*"$/.test(shown)) return "";
  return `; if the column belongs to no vector, --columns ${shown.slice(1, -1)}:number keeps it beside them`;
}
