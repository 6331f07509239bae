/** A normal error is within this many standard errors with a probability of 95 %: half the width of a 95 % interval. */
export const NORMAL_95 = 1.96;
