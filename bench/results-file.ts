import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

const placeOf = (name: string): URL => new URL(`results/${name}.json`, import.meta.url);

export const readResult = <Result>(name: string): Result => JSON.parse(readFileSync(placeOf(name), "utf8")) as Result;

/**
 * Writes bench/results/name.json, with numbers to four digits, and returns its contents, from which pages are drawn.
 */
export function writeResult<Result>(name: string, result: Result): Result {
  mkdirSync(new URL("results/", import.meta.url), { recursive: true });
  writeFileSync(placeOf(name), `${JSON.stringify(result, fourDigits, 2)}\n`);
  return readResult(name);
}

/** Rounds numbers to four digits. The rest is noise. */
function fourDigits(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
}
