import { kindOf } from "./check.ts";
import { givenOptions } from "./known-options.ts";

/** The names of all options, so that the compiler misses one that is forgotten. */
export type Names<Options> = Readonly<Record<keyof Options, true>>;

/** What a function is given as `argument`, read once. TypeError names an option that is unknown or null. */
export function functionOptions<Options extends object>(
  call: string,
  names: Names<Options>,
  given: Options,
  argument = "options",
): Options {
  const options = givenOptions(call, given, Object.keys(names), argument);
  for (const [option, value] of Object.entries(options)) {
    if (/^on[A-Z]/.test(option) && typeof value !== "function") {
      throw new TypeError(`"${option}" expected a function, got ${kindOf(value)}`);
    }
    if (option === "signal" && typeof Object(value).throwIfAborted !== "function") {
      throw new TypeError(`"signal" expected an AbortSignal, got ${kindOf(value)}`);
    }
  }
  return options as Options;
}

/** RangeError for options that mean nothing without `other`, which is not given. */
export function requireBeside(other: string, options: object, names: readonly string[]): void {
  for (const name of names) {
    if ((options as Record<string, unknown>)[name] === undefined) continue;
    throw new RangeError(`"${name}" expected "${other}" beside it, without which it changes nothing`);
  }
}
