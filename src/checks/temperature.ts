import { checkNumber } from "./check.ts";

/** The largest temperature; its inverse is the smallest. Between them scores stay far from the ends of f32. */
const TEMPERATURE_LIMIT = 2 ** 20;

/** Checks a temperature that scores are divided by. `also` names another value that the caller takes. */
export function checkTemperature(name: string, temperature: number, also?: string): number {
  if (temperature === 0) {
    throw new RangeError(
      `"${name}" expected ${1 / TEMPERATURE_LIMIT} to ${TEMPERATURE_LIMIT}, got 0; decode takes 0, as greedy`,
    );
  }
  return checkNumber(name, temperature, 1 / TEMPERATURE_LIMIT, TEMPERATURE_LIMIT, also);
}
