/** The numbers of a JSON text, and those in its strings. Each character is read once. */
const NUMBERS = /-?\d[\d.eE+-]*/g;
const INTEGER = /^[+-]?\d+$/;

/** Tells whether a text is an integer from 2^53 on, which a number does not tell from its neighbours. */
export const isRoundedInteger = (text: string): boolean => INTEGER.test(text) && !Number.isSafeInteger(Number(text));

/** Returns the digits of a JSON text that a value was read from if they are such an integer, and else the value. */
export function writtenValue(value: unknown, text: string): unknown {
  if (!Number.isInteger(value) || Number.isSafeInteger(value)) return value;
  return text.match(NUMBERS)?.find((digits) => isRoundedInteger(digits) && Number(digits) === value) ?? value;
}
