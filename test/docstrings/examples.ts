import { stripTypeScriptTypes } from "node:module";
import type { PublicName } from "./public-names.ts";

/** The code of an @example of a docstring. */
export interface Example {
  /** The name that the docstring is about, such as "MultiIndex.topK", with a number from the second example on. */
  readonly title: string;
  readonly code: string;
}

/** All examples of these docstrings. An example ends where the next tag begins. */
export function examplesOf(names: readonly PublicName[]): Example[] {
  return names.flatMap(({ name, doc = "" }) => {
    const parts = doc.split(/^@example\b.*$/m).slice(1);
    return parts.map((part, i) => ({
      title: i === 0 ? name : `${name}, ${i + 1}`,
      code: (part.split(/^@\w+/m)[0] as string).trim(),
    }));
  });
}

const AsyncFunction = (async () => {}).constructor as new (
  ...parameters: string[]
) => (...values: unknown[]) => Promise<void>;

/** Runs an example as the body of an async function in which the names of `context` are known. */
export async function runExample({ code }: Example, context: Readonly<Record<string, unknown>>): Promise<void> {
  const body = stripTypeScriptTypes(`async () => {\n${code}\n}`, { mode: "strip" });
  const names = Object.keys(context);
  const run = new AsyncFunction(...names, `"use strict"; return (${body.trim().replace(/;$/, "")})();`);
  await run(...Object.values(context));
}
