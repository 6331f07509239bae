import { checkNumber } from "./check.ts";
import { shownRange } from "./shown-range.ts";

/** The largest temperature; its inverse is the smallest. Between them scores stay far from the ends of f32. */
const TEMPERATURE_LIMIT = 2 ** 20;

/** Checks a temperature that scores are divided by. `also` names another value that the caller takes. */
export function checkTemperature(name: string, temperature: number, also?: string): number {
  if (temperature === 0) {
    const range = shownRange(1 / TEMPERATURE_LIMIT, TEMPERATURE_LIMIT);
    throw new RangeError(`"${name}" expected ${range}, got 0; decode takes 0, as greedy`);
  }
  return checkNumber(name, temperature, 1 / TEMPERATURE_LIMIT, TEMPERATURE_LIMIT, also);
}
