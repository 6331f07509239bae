import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

const placeOf = (name: string): URL => new URL(`results/${name}.json`, import.meta.url);

export const readResult = <Result>(name: string): Result => JSON.parse(readFileSync(placeOf(name), "utf8")) as Result;

/**
 * Writes bench/results/name.json, with numbers to four digits, and returns its contents, from which pages are drawn.
 * `indentation` is 0 for a file that is too large to be read.
 */
export function writeResult<Result>(name: string, result: Result, indentation = 2): Result {
  mkdirSync(new URL("results/", import.meta.url), { recursive: true });
  writeFileSync(placeOf(name), `${JSON.stringify(result, fourDigits, indentation)}\n`);
  return readResult(name);
}

/** Rounds numbers to four digits. The rest is noise. */
function fourDigits(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
}
