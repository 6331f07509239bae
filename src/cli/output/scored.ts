/** Says how many rows an answer has read. Some answers need several passes, and count a row in each. */
export const scoredOf = (scored: number, itemCount: number): string =>
  scored <= itemCount ? `${scored} of ${itemCount}` : `${scored} rows in several passes over ${itemCount}`;
