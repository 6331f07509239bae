/** Returns the name of a part by its number. */
export const partName = (number: number): string => `part-${String(number).padStart(4, "0")}`;

/** Returns the name of the file of a part, which changes with its bytes. */
export const partFileName = (number: number, sha256: string): string =>
  `${partName(number)}-${sha256.slice(0, 12)}.midx`;
