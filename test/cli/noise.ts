/** Returns pseudorandom values in −1 … 1, the same in every run. */
export function noise(count: number, start = 1): Float32Array {
  let state = start;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}
