/** Shuffles 0 … count − 1 (Fisher & Yates). `uniform(i)` is the random number for place i, in [0, 1). */
export function shuffled(count: number, uniform: (index: number) => number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(uniform(last) * (last + 1));
    const value = order[last] as number;
    order[last] = order[other] as number;
    order[other] = value;
  }
  return order;
}
