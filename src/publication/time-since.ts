/** Returns the time from then to now in ms. It is infinite if the clock was set back, so that nothing stays fresh for long. */
export const timeSince = (then: number, now: number): number => (now < then ? Number.POSITIVE_INFINITY : now - then);
