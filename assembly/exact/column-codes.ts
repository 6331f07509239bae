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

/**
 * Sets the bits, by position and lowest first, of the positions below `count` whose codes have a flag. At `flags` there is a byte for
 * each code that occurs, in the order of the codes: 1 with a flag, otherwise 0. Codes are unsigned, of 1 or 2 bytes. For codes of 1
 * byte, 256 flags are read. Codes and bits are read and written as by markCodes. O(count).
 */
export function markFlagged(codes: usize, bytes: i32, count: i32, flags: usize, bits: usize): void {
  if (bytes == 1) markFlaggedBytes(codes, count, flags, bits);
  else markFlaggedWords(codes, count, flags, bits);
}

function markFlaggedWords(codes: usize, count: i32, flags: usize, bits: usize): void {
  let i = 0;
  for (; i <= count - 8; i += 8, codes += 16, bits++) {
    const marked = flagOf(codes, flags) | (flagOf(codes + 2, flags) << 1) | (flagOf(codes + 4, flags) << 2)
      | (flagOf(codes + 6, flags) << 3) | (flagOf(codes + 8, flags) << 4) | (flagOf(codes + 10, flags) << 5)
      | (flagOf(codes + 12, flags) << 6) | (flagOf(codes + 14, flags) << 7);
    store<u8>(bits, load<u8>(bits) | <u8>marked);
  }
  for (let j = 0; i < count; i++, j++, codes += 2) store<u8>(bits, load<u8>(bits) | <u8>(flagOf(codes, flags) << j));
}

// @ts-ignore: decorator
@inline
function flagOf(code: usize, flags: usize): u32 {
  return load<u8>(flags + <usize>load<u16>(code));
}

/** Sixteen flags are looked up at once, as bits in two tables of 128 codes each. */
function markFlaggedBytes(codes: usize, count: i32, flags: usize, bits: usize): void {
  const ofBit = i8x16(1, 2, 4, 8, 16, 32, 64, -128, 1, 2, 4, 8, 16, 32, 64, -128);
  const low = flagBits(flags), high = flagBits(flags + 128);
  for (let i = 0; i < count; i += 16, codes += 16, bits += 2) {
    const code = v128.load(codes);
    const byte = i8x16.shr_u(code, 3); // a swizzle gives 0 for places outside of its table
    const eight = v128.or(i8x16.swizzle(low, byte), i8x16.swizzle(high, i8x16.sub(byte, i8x16.splat(16))));
    const own = i8x16.swizzle(ofBit, v128.and(code, i8x16.splat(7)));
    let marked = i8x16.bitmask(i8x16.eq(v128.and(eight, own), own));
    if (count - i < 16) marked &= (1 << (count - i)) - 1;
    store<u16>(bits, load<u16>(bits) | <u16>marked);
  }
}

/** Returns a bit for each of 128 flags, lowest first. */
function flagBits(flags: usize): v128 {
  let low: u64 = 0, high: u64 = 0;
  for (let i: usize = 0; i < 64; i++) {
    low |= <u64>(load<u8>(flags + i) & 1) << <u64>i;
    high |= <u64>(load<u8>(flags + i, 64) & 1) << <u64>i;
  }
  return i64x2.replace_lane(i64x2.splat(low), 1, high);
}
