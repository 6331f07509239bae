/** Copies an object without some of its fields. */
export function without<T extends object, Name extends keyof T>(object: T, ...names: readonly Name[]): Omit<T, Name> {
  const copy: Partial<T> = { ...object };
  for (const name of names) delete copy[name];
  return copy as Omit<T, Name>;
}
