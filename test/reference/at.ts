/** Returns values[index] and throws if there is none: a reference only reads what exists. */
export function at(values: ArrayLike<number>, index: number): number {
  const value = values[index];
  if (value === undefined) throw new RangeError(`"index" expected 0..${values.length - 1}, got ${index}`);
  return value;
}
