/** Adds values[i] to out[i]. O(count). out, values: f32 (count), where count is a multiple of 4. */
export function addValues(out: usize, values: usize, count: i32): void {
  for (let end = out + (<usize>count << 2); out < end; out += 16, values += 16) {
    v128.store(out, f32x4.add(v128.load(out), v128.load(values)));
  }
}

/** Sets values[i] to max(values[i], 0). values: f32 (count). */
export function reluInPlace(values: usize, count: i32): void {
  for (let end = values + (<usize>count << 2); values < end; values += 4) {
    store<f32>(values, max<f32>(load<f32>(values), 0));
  }
}
