/**
 * Parses a pasted vector, a JSON array of `dim` numbers in the range of f32.
 *
 * @throws RangeError that names the first wrong position, from 0
 */
export function parseVector(text: string, dim: number): Float32Array {
  const values = parseJson(text);
  if (!Array.isArray(values))
    throw new RangeError(`"vector" expected an array of ${dim} numbers, got ${shown(values)}`);
  for (const [i, value] of values.entries()) {
    if (typeof value === "number" && Number.isFinite(Math.fround(value))) continue;
    throw new RangeError(`"vector[${i}]" expected a number that f32 can hold, got ${shown(value)}`);
  }
  if (values.length !== dim) throw new RangeError(`"vector" expected ${dim} numbers, got ${values.length}`);
  return Float32Array.from(values as number[]);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RangeError(`"vector" expected JSON such as [0.1, -2, …]: ${(error as Error).message}`);
  }
}

/** Formats a value for a message, shortened. */
function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
