/**
 * Sets the bits, by position and lowest first, of the positions below `count` whose codes are from `first` to `last`, both
 * included. Codes are unsigned, of 1, 2 or 4 bytes. Codes are read, and bits are read and written, for `count` rounded up to
 * 16. O(count).
 */
export function markCodes(codes: usize, bytes: i32, count: i32, first: i32, last: i32, bits: usize): void {
  for (let i = 0; i < count; i += 16, codes += <usize>(16 * bytes), bits += 2) {
    let inside = bytes == 1 ? sixteenBytes(codes, first, last)
      : bytes == 2 ? eightWords(codes, first, last) | (eightWords(codes + 16, first, last) << 8)
      : fourIntegers(codes, first, last) | (fourIntegers(codes + 16, first, last) << 4)
        | (fourIntegers(codes + 32, first, last) << 8) | (fourIntegers(codes + 48, first, last) << 12);
    if (count - i < 16) inside &= (1 << (count - i)) - 1;
    store<u16>(bits, load<u16>(bits) | <u16>inside);
  }
}

// A code is in a range if its distance from the first, as an unsigned number, is at most that of the last.

// @ts-ignore: decorator
@inline
function sixteenBytes(codes: usize, first: i32, last: i32): i32 {
  const distance = i8x16.sub(v128.load(codes), i8x16.splat(<i8>first));
  return i8x16.bitmask(i8x16.le_u(distance, i8x16.splat(<i8>(last - first))));
}

// @ts-ignore: decorator
@inline
function eightWords(codes: usize, first: i32, last: i32): i32 {
  const distance = i16x8.sub(v128.load(codes), i16x8.splat(<i16>first));
  return i16x8.bitmask(i16x8.le_u(distance, i16x8.splat(<i16>(last - first))));
}

// @ts-ignore: decorator
@inline
function fourIntegers(codes: usize, first: i32, last: i32): i32 {
  const distance = i32x4.sub(v128.load(codes), i32x4.splat(first));
  return i32x4.bitmask(i32x4.le_u(distance, i32x4.splat(last - first)));
}
