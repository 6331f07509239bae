/** Tells an object with properties, as JSON has it, from a list and from other values. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
