/** Returns the time since then in ms. It is infinite if the clock was set back, so that everything is due. */
export const ageOf = (time: number): number => (Date.now() < time ? Number.POSITIVE_INFINITY : Date.now() - time);
