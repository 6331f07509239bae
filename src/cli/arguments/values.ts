import { InvalidArgumentError } from "commander";
import type { Feature } from "../../answers/options.ts";

/*
 * Values of options. commander prints the option's name and the value in front of these messages.
 */

export const MAX_COUNT = 2 ** 31 - 1;

/** Reads an integer in low..high. */
export const integer =
  (low: number, high: number) =>
  (text: string): number => {
    const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(value) && value >= low && value <= high) return value;
    const hint = Number.isInteger(Number(text || "none")) && Number.isNaN(value) ? " Write it in digits alone." : "";
    throw new InvalidArgumentError(`Expected an integer in ${low}..${high}.${hint}`);
  };

/** Reads a number in low..high. */
export const number =
  (low: number, high: number) =>
  (text: string): number => {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (value >= low && value <= high) return value;
    throw new InvalidArgumentError(`Expected a number in ${low}..${high}.`);
  };

/** A count of classes, or "auto". */
export function scanOrAuto(text: string): number | "auto" {
  if (text === "auto") return text;
  if (/^\d+$/.test(text) && Number(text) <= MAX_COUNT) return Number(text);
  throw new InvalidArgumentError(`Expected an integer in 0..${MAX_COUNT}, or "auto".`);
}

/** Class ids with commas between them; none of them is the empty text. */
export function ids(text: string): number[] {
  if (text === "") return [];
  if (/^\d{1,10}(,\d{1,10})*$/.test(text)) return text.split(",").map(Number);
  throw new InvalidArgumentError('Expected ids of classes with commas between them, such as "3,17".');
}

/** Any integer: the library takes it modulo 2^64. */
export function seed(text: string): bigint {
  if (/^[+-]?\d+$/.test(text)) return BigInt(text);
  throw new InvalidArgumentError("Expected an integer.");
}

/** A JSON array of numbers, such as "[0.5, -1]". */
export function vector(text: string): Float32Array {
  const value = jsonArray(text, 'numbers, such as "[0.5, -1]"');
  const wrong = value.findIndex((entry) => typeof entry !== "number" || !Number.isFinite(Math.fround(entry)));
  if (wrong >= 0) throw new InvalidArgumentError(`Expected numbers in the range of f32, which entry ${wrong} is not.`);
  return Float32Array.from(value as number[]);
}

/**
 * Ids or names; the index knows which there are. Words are enough where no name holds white space or a comma: those of
 * digits alone are ids.
 */
export function features(text: string): Feature[] {
  if (text.trimStart().startsWith("[")) return jsonArray(text, `ids or names, such as '["New York", 7]'`) as Feature[];
  const words = text.split(/[\s,]+/).filter((word) => word !== "");
  return words.map((word) => (/^\d{1,10}$/.test(word) ? Number(word) : word));
}

function jsonArray(text: string, expected: string): unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new InvalidArgumentError(`Expected a JSON array of ${expected}.`);
  }
  if (!Array.isArray(value)) throw new InvalidArgumentError(`Expected a JSON array of ${expected}.`);
  return value;
}
