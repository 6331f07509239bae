import { FormatError } from "../../bytes/format-error.ts";

/**
 * Reads a small value of a log that is JSON.
 *
 * @throws FormatError that names `place`, if it is no object with integers under these names
 */
export function storedJson<Value>(
  place: string,
  bytes: Uint8Array,
  integers: readonly (keyof Value & string)[],
): Value {
  let value: Partial<Record<string, unknown>> | null;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    value = null;
  }
  if (integers.every((name) => Number.isSafeInteger(value?.[name]))) return value as Value;
  throw new FormatError(
    "segment",
    0,
    `${place}: expected JSON with ${integers.join(", ")}: put it back as midx wrote it`,
  );
}
