/** `npm run test:statistics`: statistics with the numbers of draws and cases that are too many for every run. */
export const LARGE = typeof process !== "undefined" && process.env.MIDX_STATISTICS === "large";
