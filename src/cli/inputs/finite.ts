import { FormatError } from "../../bytes/format-error.ts";
import type { Chunk } from "./table.ts";

/**
 * Returns the values of a chunk. A value that is NaN, infinite or too large for f32 is refused with its place, unless `kept`
 * says that its row is left out.
 *
 * @throws FormatError value-not-finite
 */
export function refuseInvalid(
  { values, given, place }: Chunk,
  dim: number,
  kept?: Uint8Array,
  remedy?: string,
): Float32Array<ArrayBuffer> {
  const rowOf = (at: number): number => Math.floor(at / dim);
  const at = values.findIndex((value, i) => !Number.isFinite(value) && kept?.[rowOf(i)] !== 0);
  if (at < 0) return values;
  const value = given[at] as number;
  const { name, offset } = place(rowOf(at));
  const problem = Number.isFinite(value) ? `${value} does not fit into f32` : `${value} is not a finite number`;
  const hint = remedy === undefined ? "" : `: ${remedy}`;
  throw new FormatError("value-not-finite", offset, `${name}, column ${at % dim}: ${problem}${hint}`);
}
