/** values[index]. Throws where there is none: a reference reads only what is there. */
export function at(values: ArrayLike<number>, index: number): number {
  const value = values[index];
  if (value === undefined) throw new RangeError(`"index" expected 0..${values.length - 1}, got ${index}`);
  return value;
}
