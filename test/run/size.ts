/** Set by `npm run test:statistics`: numbers of draws and cases that take too long for every run. */
export const LARGE = typeof process !== "undefined" && process.env.MIDX_STATISTICS === "large";

/** Set by `npm run test:hostile`: every change of the small files, instead of a fixed sample. */
export const WHOLE = typeof process !== "undefined" && process.env.MIDX_HOSTILE === "whole";

/** Set by `npm run test:cases`: every combination of cases, where `npm test` lets conditions and options take turns. */
export const EVERY = typeof process !== "undefined" && process.env.MIDX_CASES === "every";
