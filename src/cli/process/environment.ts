import type { Io } from "./io.ts";
import { gotUrl } from "./without-password.ts";

/*
 * Environment variables. Messages contain their names but never the values of secrets.
 */

/** Returns a variable. Throws a RangeError if it is missing or can't be part of an HTTP header. */
export function requiredVariable(env: Io["env"], name: string): string {
  const value = env[name];
  if (value === undefined || value === "") throw new RangeError(`the environment variable ${name} is not set`);
  if (/^[\x21-\x7e]+$/.test(value)) return value;
  throw new RangeError(
    `the environment variable ${name} expected visible ASCII characters: it contains others, such as a line end`,
  );
}

/**
 * Returns a URL without a trailing slash. Since credentials are sent to it, it must be https or on this machine. A user and a
 * password in it are refused, for no request is made with them, and its error would print them.
 */
export function urlVariable(env: Io["env"], name: string, absent: () => string): string {
  const value = env[name];
  return value === undefined || value === "" ? absent() : safeUrl(value, `the environment variable ${name}`);
}

/** Does the same for a value from elsewhere, which `name` names in messages. */
export function safeUrl(value: string, name: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const isSafe = url?.protocol === "https:" || (url?.protocol === "http:" && LOOPBACK.test(url.hostname));
  const hasPassword = url !== undefined && url.username + url.password !== "";
  if (isSafe && !hasPassword) return value.replace(/(?<!\/)\/+$/, ""); // without the lookbehind the match would restart at every slash
  const expected = hasPassword ? "an https URL without a user and a password" : "an https URL";
  throw new RangeError(`${name} expected ${expected}, got ${gotUrl(value)}`);
}

const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/;
