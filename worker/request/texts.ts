import { invalidField, kindOf } from "./invalid-field.ts";

/** Returns values as texts. A 400 names the first one that is no text, or not one of Unicode. */
export const textsIn = (values: readonly unknown[], nameOf: (i: number) => string): string[] =>
  values.map((value, i) => {
    if (typeof value !== "string") throw invalidField(nameOf(i), `a string, got ${kindOf(value)}`);
    if (!value.isWellFormed()) throw invalidField(nameOf(i), "Unicode text, got an unpaired surrogate");
    return value;
  });
