import { exp64 } from "./exp";
import { Layout, Search } from "./layout";

// The two parts of S' = Z_H + S_T.

/** Returns the largest logit of the head over the temperature: the logarithm of the unit of headSum. */
// @ts-ignore: decorator
@inline
export function headShift(l: Layout): f64 {
  return changetype<Search>(l.search).headMax * <f64>l.inverseTemperature;
}

/** Returns a shift at which neither part of S' overflows. */
// @ts-ignore: decorator
@inline
export function proposalShift(l: Layout): f64 {
  const s = changetype<Search>(l.search);
  return s.tailTotal > 0 ? max(headShift(l), s.massShift) : headShift(l);
}

/** Returns Z_H e^-shift. */
// @ts-ignore: decorator
@inline
export function headPart(l: Layout, shift: f64): f64 {
  const s = changetype<Search>(l.search);
  return s.headSum > 0 ? s.headSum * exp64(headShift(l) - shift) : 0;
}

/** Returns S_T e^-shift. */
// @ts-ignore: decorator
@inline
export function tailPart(s: Search, shift: f64): f64 {
  return s.tailTotal > 0 ? s.tailTotal * exp64(s.massShift - shift) : 0;
}
