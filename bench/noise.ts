/** Numbers in [-1, 1), the same in every run. They are noise, not good randomness (Numerical Recipes). */
export function startNoise(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  };
}
