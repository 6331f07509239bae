/** A number with so many digits behind the point, and no sign where all of them are zeros. */
export const fixed = (value: number, digits: number): string => value.toFixed(digits).replace(/^-(?=[0.]*$)/, "");
