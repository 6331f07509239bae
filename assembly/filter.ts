import { Layout } from "./layout";

/** Whether the class at `position` takes no part; never without a filter. */
// @ts-ignore: decorator
@inline
export function isExcluded(l: Layout, position: i32): bool {
  return l.excluded != 0 && ((load<u8>(l.excluded + <usize>(position >> 3)) >> (position & 7)) & 1) != 0;
}

/** Writes the positions first..end, at least one, ascending, to `out`, four at a time and so up to three beyond; returns the address behind. */
// @ts-ignore: decorator
@inline
export function listRange(first: i32, end: i32, out: usize): usize {
  let left = end - first;
  let four = i32x4.add(i32x4.splat(first), i32x4(0, 1, 2, 3));
  v128.store(out, four);
  for (; left > 4; left -= 4) {
    out += 16;
    four = i32x4.add(four, i32x4.splat(4));
    v128.store(out, four);
  }
  return out + (<usize>left << 2);
}

/** The same of those that are not excluded. */
export function listPositions(layout: usize, first: i32, end: i32, out: usize): usize {
  const l = changetype<Layout>(layout);
  if (!l.excluded) return first < end ? listRange(first, end, out) : out;
  for (let position = first; position < end; position++) {
    store<i32>(out, position); // kept only if `out` moves on
    out += <usize>i32(!isExcluded(l, position)) << 2;
  }
  return out;
}
