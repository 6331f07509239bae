// Rows that are moved by index. Rows have `width` values, a multiple of 4.

/** Copies rows[ids[k]] to out[k]. O(count · width). rows: f32 (rows, width). ids: i32 (count). out: f32 (count, width). */
export function gatherRows(rows: usize, ids: usize, count: i32, width: i32, out: usize): void {
  const rowBytes = <usize>width << 2;
  for (let end = ids + (<usize>count << 2); ids < end; ids += 4, out += rowBytes) {
    memory.copy(out, rows + <usize>load<i32>(ids) * rowBytes, rowBytes);
  }
}

/** Adds values[k] to rows[ids[k]], for each k in turn. The shapes are those of gatherRows, and values is f32 (count, width). */
export function scatterRows(rows: usize, ids: usize, count: i32, width: i32, values: usize): void {
  const rowBytes = <usize>width << 2;
  for (let end = ids + (<usize>count << 2); ids < end; ids += 4) {
    let place = rows + <usize>load<i32>(ids) * rowBytes;
    for (const end = values + rowBytes; values < end; values += 16, place += 16) {
      v128.store(place, f32x4.add(v128.load(place), v128.load(values)));
    }
  }
}
