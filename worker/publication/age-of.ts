import { timeSince } from "../../src/publication/time-since.ts";

/** Returns the time since then in ms. It is infinite if the clock was set back, so that everything is due. */
export const ageOf = (time: number): number => timeSince(time, Date.now());
