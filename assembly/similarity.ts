import { ROWS_F16, ROWS_F32, ROWS_I8 } from "../src/abi";
import { dot4F16, dot4F32, dot4I8, halfBits, halfRescale, halvesToF32 } from "./dot";
import { Layout } from "./layout";

/**
 * Writes the inner product of the stored row at `position` and the row at positions[i] to out[i], in f32 and without scales or
 * biases: for int8 rows it is the product of their codes. O(count D).
 *
 * It writes the row over the query in place, so the query must be prepared again before anything else is scored.
 * `positions` is i32 and `out` is f32. Both need room for `count` rounded up to 4, and the surplus is overwritten with
 * values without meaning. `count` must be at least 1.
 */
export function rowProducts(layout: usize, position: i32, positions: usize, count: i32, out: usize): void {
  const l = changetype<Layout>(layout);
  const rows = l.rows, stride = <usize>l.rowBytes, rowType = l.rowType;
  const query = widenRow(l, rows + <usize>position * stride);
  const last = load<i32>(positions + (<usize>(count - 1) << 2));
  for (let i = count; i & 3; i++) store<i32>(positions + (<usize>i << 2), last);
  for (let end = positions + (<usize>count << 2); positions < end; positions += 16, out += 16) {
    const row0 = rows + <usize>load<u32>(positions) * stride, row1 = rows + <usize>load<u32>(positions, 4) * stride;
    const row2 = rows + <usize>load<u32>(positions, 8) * stride, row3 = rows + <usize>load<u32>(positions, 12) * stride;
    let products: v128;
    if (rowType == ROWS_F32) products = dot4F32(query, row0, row1, row2, row3, stride);
    else if (rowType == ROWS_F16) products = dot4F16(query, row0, row1, row2, row3, stride);
    else products = f32x4.convert_i32x4_s(dot4I8(query, row0, row1, row2, row3, stride));
    v128.store(out, products);
  }
}

/**
 * Writes a stored row in the place of queries for its type, and returns the address: f32 for f32 and f16 rows, i16 for int8.
 */
function widenRow(l: Layout, row: usize): usize {
  const bytes = <usize>l.rowBytes;
  if (l.rowType == ROWS_F32) return row;
  if (l.rowType == ROWS_I8) {
    for (let o: usize = 0; o < bytes; o += 8) v128.store(l.fixedQuery + (o << 1), v128.load8x8_s(row + o));
    return l.fixedQuery;
  }
  const bits = halfBits(), rescale = halfRescale();
  for (let o: usize = 0; o < bytes; o += 8) v128.store(l.query + (o << 1), halvesToF32(row + o, bits, rescale));
  return l.query;
}
