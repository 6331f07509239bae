/** `npm run test:statistics`: statistics with the numbers of draws and cases that are too many for every run. */
export const LARGE = typeof process !== "undefined" && process.env.MIDX_STATISTICS === "large";

/** `npm run test:hostile`: every change of the small files instead of a sample that is the same in every run. */
export const WHOLE = typeof process !== "undefined" && process.env.MIDX_HOSTILE === "whole";

/** `npm run test:cases`: every combination of cases, where `npm test` has conditions and options take turns. */
export const EVERY = typeof process !== "undefined" && process.env.MIDX_CASES === "every";
