import { Problem } from "../contract/problem.ts";
import { OPTIONS, type ServiceOptions, type Settings, settingsOf } from "../host/settings.ts";
import { bindingOf } from "./bindings.ts";
import type { ServiceEnv } from "./env.ts";

/**
 * Reads the settings from the variables of wrangler.toml, which are text, and from its bindings.
 *
 * Every variable that is blank or malformed is refused, so that a secret that is empty by mistake never opens the service.
 * Deleting a variable gives its default.
 *
 * @throws Problem that names the variable
 */
export function settingsOfEnv(env: ServiceEnv): Settings {
  isOn(env, "DEMO");
  const options: Partial<Record<keyof ServiceOptions, unknown>> = {};
  for (const name of OPTIONS) {
    const value = readerOf(name)(env, variableOf(name) as keyof ServiceEnv);
    if (value !== undefined) options[name] = value;
  }
  const bindings = { rateLimiter: bindingOf(env, "RATE_LIMIT"), events: bindingOf(env, "EVENTS") };
  try {
    return settingsOf(options as ServiceOptions, bindings);
  } catch (error) {
    throw new Problem("misconfigured", (error as Error).message.replace(/^"\w+/, variableOf));
  }
}

function readerOf(option: keyof ServiceOptions): (env: ServiceEnv, name: keyof ServiceEnv) => unknown {
  if (option === "logDraws" || option === "auditQueries") return isOn;
  return option === "tokens" || option === "origins" ? listOf : numberOf;
}

/** Reads a variable that is "true" or "false". The default is false. */
export function isOn(env: ServiceEnv, name: keyof ServiceEnv): boolean {
  const text = textOf(env, name) ?? "false";
  if (text === "true" || text === "false") return text === "true";
  throw new Problem("misconfigured", `"${name}" expected "true" or "false", got "${text}"`);
}

/** The trimmed text of a variable. wrangler.toml may give numbers and booleans without quotation marks. */
export function textOf<Env extends object>(env: Env, name: keyof Env & string): string | undefined {
  const value: unknown = env[name];
  if (value === undefined) return undefined;
  const text = typeof value === "object" ? "" : String(value).trim();
  if (/[^\s,]/.test(text)) return text;
  throw new Problem(
    "misconfigured",
    `"${name}" expected a value, got blank text or none; to get the default, delete it`,
  );
}

/** Reads a decimal number. `Number` alone also accepts "0x10" and "Infinity". */
export function numberOf<Env extends object>(env: Env, name: keyof Env & string): number | undefined {
  const text = textOf(env, name);
  if (text === undefined) return undefined;
  if (/^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text)) return Number(text);
  throw new Problem("misconfigured", `"${name}" expected a number, got "${text}"`);
}

/** Reads the items of a list that is separated by commas or white space. */
export const listOf = <Env extends object>(env: Env, name: keyof Env & string): string[] | undefined =>
  textOf(env, name)
    ?.split(/[\s,]+/)
    .filter((part) => part !== "");

/** The variable of an option: maxWork → MAX_WORK. Other characters stay. */
export const variableOf = (option: string): string => option.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
