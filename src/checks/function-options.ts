import { kindOf } from "./check.ts";
import { optionsWithoutNull } from "./known-options.ts";

/** The names of all options, as a type with which the compiler finds a forgotten one. */
export type Names<Options> = Readonly<Record<keyof Options, true>>;

/** Reads the options of a function once. TypeError names an option that is unknown or null. */
export function functionOptions<Options extends object>(
  call: string,
  names: Names<Options>,
  raw: Options,
  argument = "options",
): Options {
  const options = optionsWithoutNull(call, raw, Object.keys(names), argument);
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

/** Throws a RangeError for options that have no effect without `other`, which is missing. */
export function requireBeside(other: string, options: object, names: readonly string[]): void {
  for (const name of names) {
    if ((options as Record<string, unknown>)[name] === undefined) continue;
    throw new RangeError(`"${name}" expected "${other}" beside it and has no effect without it`);
  }
}
