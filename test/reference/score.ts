import { at } from "./at.ts";
import { dotF32, dotIntegers } from "./dot.ts";
import type { PreparedQuery } from "./query.ts";
import type { ReferenceIndex } from "./reference-index.ts";
import { invertIds } from "./validate.ts";

const f32 = Math.fround;

/**
 * The logits of the stored rows at `positions`, bias included. f32 and f16 rows: ⟨z, r⟩ in f32. int8 rows: f32(z̃·r) ·
 * (scale · queryStep), where z̃·r is an exact integer.
 */
export const scorePositions = (index: ReferenceIndex, prepared: PreparedQuery, positions: Int32Array): Float32Array =>
  Float32Array.from(positions, (position) => {
    const logit = rowDot(index, prepared, position);
    return index.bias ? f32(logit + at(index.bias, position)) : logit;
  });

function rowDot(index: ReferenceIndex, prepared: PreparedQuery, position: number): number {
  const { dim } = index.facts;
  const row = index.rows.subarray(position * dim, (position + 1) * dim);
  if (!index.rowScales) return dotF32(prepared.query, row);
  const unit = f32(at(index.rowScales, position) * f32(prepared.queryStep));
  return f32(f32(dotIntegers(prepared.fixedQuery, row)) * unit);
}

/** The logits of the classes `ids`. */
export function scoreIds(index: ReferenceIndex, prepared: PreparedQuery, ids: Int32Array): Float32Array {
  const { positions } = invertIds(index.ids);
  const positionsOf = ids.map((id) => at(positions, id));
  return scorePositions(index, prepared, positionsOf);
}
