// Checks of a file's tensors that must pass before the first query. Each returns the index of the first value that is
// not allowed, or -1. O(count).

/** Returns the first of `count` f32 values outside [low, high]. NaN is outside. */
export function firstOutsideF32(values: usize, count: i32, low: f32, high: f32): i32 {
  const lows = f32x4.splat(low), highs = f32x4.splat(high);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const v = v128.load(values + (<usize>i << 2));
    if (!i32x4.all_true(v128.and(f32x4.ge(v, lows), f32x4.le(v, highs)))) break;
  }
  for (; i < count; i++) {
    const v = load<f32>(values + (<usize>i << 2));
    if (!(v >= low && v <= high)) return i;
  }
  return -1;
}

/** Returns the first of `count` f16 values that is infinite or NaN. */
export function firstNonFiniteF16(values: usize, count: i32): i32 {
  const exponent = i16x8.splat(0x7c00);
  let i = 0;
  for (; i + 8 <= count; i += 8) {
    if (v128.any_true(i16x8.eq(v128.and(v128.load(values + (<usize>i << 1)), exponent), exponent))) break;
  }
  for (; i < count; i++) {
    if ((load<u16>(values + (<usize>i << 1)) & 0x7c00) == 0x7c00) return i;
  }
  return -1;
}

/** Returns the first of `count` rows with a byte other than 0 behind its first `usedBytes`. */
export function firstUnpadded(rows: usize, count: i32, rowBytes: i32, usedBytes: i32): i32 {
  if (rowBytes == usedBytes) return -1;
  for (let i = 0; i < count; i++, rows += <usize>rowBytes) {
    for (let o = usedBytes; o < rowBytes; o++) if (load<u8>(rows + <usize>o)) return i;
  }
  return -1;
}

/** Returns the first i where the i32 values do not ascend or are outside [0, limit). */
export function firstUnordered(values: usize, count: i32, limit: i32): i32 {
  let previous = -1;
  for (let i = 0; i < count; i++) {
    const value = load<i32>(values + (<usize>i << 2));
    if (value <= previous || value >= limit) return i;
    previous = value;
  }
  return -1;
}

/**
 * Inverts ids, so that positions[ids[p]] = p. Returns the first p whose id is outside [0, count) or appeared before. In
 * that case `positions` is incomplete. ids, positions: i32 (count).
 */
export function invertIds(ids: usize, count: i32, positions: usize): i32 {
  memory.fill(positions, 0xff, <usize>count << 2);
  for (let p = 0; p < count; p++) {
    const id = load<u32>(ids + (<usize>p << 2));
    if (id >= <u32>count) return p;
    const position = positions + (<usize>id << 2);
    if (load<i32>(position) >= 0) return p;
    store<i32>(position, p);
  }
  return -1;
}
