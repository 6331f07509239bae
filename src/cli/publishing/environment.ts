import type { Io } from "../process/io.ts";

/*
 * Variables of the environment. Messages name them, and never say what they hold: some are secrets.
 */

/** @throws RangeError where it is missing or could not be part of a header */
export function requiredVariable(env: Io["env"], name: string): string {
  const value = env[name];
  if (value === undefined || value === "") throw new RangeError(`"${name}" is missing in the environment`);
  if (/^[\x21-\x7e]+$/.test(value)) return value;
  throw new RangeError(`"${name}" expected ASCII without white space: it has something else, such as a line end`);
}

/** A URL without a slash at its end, to which credentials may go: https, or this machine. */
export function urlVariable(env: Io["env"], name: string, absent: () => string): string {
  const value = env[name];
  if (value === undefined || value === "") return absent();
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const isSafe = url?.protocol === "https:" || (url?.protocol === "http:" && LOOPBACK.test(url.hostname));
  if (isSafe) return value.replace(/(?<!\/)\/+$/, ""); // without the look behind it would begin again at every slash
  throw new RangeError(`"${name}" expected an https URL, got ${JSON.stringify(value)}`);
}

const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/;
