import type { SchemaElement } from "hyparquet";
import { FormatError } from "../../../bytes/format-error.ts";
import { quoteName } from "../../../bytes/strict-json.ts";

/** Numbers tell decimals of this many digits apart. */
const MOST_DIGITS = 15;

/**
 * Returns a function that corrects the decimals of a column, or undefined for a column of others. The decoder multiplies by a power
 * of ten that no number holds exactly, so that .3 becomes .30000000000000004.
 */
export function decimalsOf({ name, converted_type, logical_type, scale = 0 }: SchemaElement) {
  if (converted_type !== "DECIMAL" && logical_type?.type !== "DECIMAL") return undefined;
  const refuse = (got: string): never => {
    const remedy = "cast it to DOUBLE, or to a text";
    throw new FormatError("parquet-row", 0, `column ${quoteName(name)} expected decimals ${got}: ${remedy}`);
  };
  if (converted_type !== "DECIMAL") refuse("with a converted type, got none");
  const unit = 10 ** scale;
  return (value: unknown): unknown => {
    if (typeof value !== "number") return value;
    const unscaled = Math.round(value * unit);
    return Math.abs(unscaled) < 10 ** MOST_DIGITS
      ? unscaled / unit
      : refuse(`of at most ${MOST_DIGITS} digits, got ${value}`);
  };
}
