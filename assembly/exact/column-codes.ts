/**
 * Sets the bits, by position and lowest first, of the positions below `count` whose codes are from `first` to `last`, both
 * included. If `last` is below `first`, these are the codes from `first` up and those from 0 to `last`. Codes are unsigned, of 1, 2
 * or 4 bytes. Codes are read, and bits are read and written, for `count` rounded up to 16. O(count).
 */
export function markCodes(codes: usize, bytes: i32, count: i32, first: i32, last: i32, bits: usize): void {
  if (bytes == 1) mark(1, codes, count, i8x16.splat(<i8>first), i8x16.splat(<i8>(last - first)), bits);
  else if (bytes == 2) mark(2, codes, count, i16x8.splat(<i16>first), i16x8.splat(<i16>(last - first)), bits);
  else mark(4, codes, count, i32x4.splat(first), i32x4.splat(last - first), bits);
}

/** Marks the codes of `bytes` bytes whose distance from `first`, as an unsigned number of this size, is at most `span`. */
// @ts-ignore: decorator
@inline
function mark(bytes: i32, codes: usize, count: i32, first: v128, span: v128, bits: usize): void {
  const step: usize = 16 * <usize>bytes;
  let i = 0;
  for (; i <= count - 64; i += 64, codes += 4 * step, bits += 8) {
    const low = sixteen(bytes, codes, first, span) | (sixteen(bytes, codes + step, first, span) << 16);
    const high = sixteen(bytes, codes + 2 * step, first, span) | (sixteen(bytes, codes + 3 * step, first, span) << 16);
    store<u64>(bits, load<u64>(bits) | <u64><u32>low | (<u64>high << 32));
  }
  for (; i < count; i += 16, codes += step, bits += 2) {
    let inside = sixteen(bytes, codes, first, span);
    if (count - i < 16) inside &= (1 << (count - i)) - 1;
    store<u16>(bits, load<u16>(bits) | <u16>inside);
  }
}

/** Returns a bit for each of sixteen codes, set where it is in the range. */
// @ts-ignore: decorator
@inline
function sixteen(bytes: i32, codes: usize, first: v128, span: v128): i32 {
  if (bytes == 1) return i8x16.bitmask(i8x16.le_u(i8x16.sub(v128.load(codes), first), span));
  if (bytes == 2) return i8x16.bitmask(i8x16.narrow_i16x8_s(eight(codes, first, span), eight(codes + 16, first, span)));
  return i8x16.bitmask(i8x16.narrow_i16x8_s(eightIntegers(codes, first, span), eightIntegers(codes + 32, first, span)));
}

/** Returns the lanes of eight codes of two bytes: all bits set where a code is in the range. */
// @ts-ignore: decorator
@inline
function eight(codes: usize, first: v128, span: v128): v128 {
  return i16x8.le_u(i16x8.sub(v128.load(codes), first), span);
}

/** The same for codes of four bytes. */
// @ts-ignore: decorator
@inline
function eightIntegers(codes: usize, first: v128, span: v128): v128 {
  const low = i32x4.le_u(i32x4.sub(v128.load(codes), first), span);
  return i16x8.narrow_i32x4_s(low, i32x4.le_u(i32x4.sub(v128.load(codes, 16), first), span));
}
