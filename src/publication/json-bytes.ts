/** Writes a value of a store as a line of JSON. */
export const jsonBytes = (value: object): Uint8Array<ArrayBuffer> =>
  new Uint8Array(new TextEncoder().encode(`${JSON.stringify(value)}\n`));

/** Reads JSON. Undefined for other bytes. */
export function jsonIn(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
