/** Formats a number with `digits` decimals, and zero without a sign. */
export const fixed = (value: number, digits: number): string => value.toFixed(digits).replace(/^-(?=[0.]*$)/, "");
