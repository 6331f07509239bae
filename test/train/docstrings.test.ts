import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import * as library from "../../src/index.ts";
import * as training from "../../src/train/index.ts";

// Each @example of src/train is a program of its own over the exports of midx and midx/train.

const root = fileURLToPath(new URL("../../src/train/", import.meta.url));

/** Returns the examples of a source by the name of what they document. */
function examplesOf(source: string): [name: string, code: string][] {
  const comments = source.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*?)\*\/\s*export (?:async )?(?:function|const) (\w+)/g);
  return Array.from(comments).flatMap(([, comment = "", name = ""]) => {
    const [, ...examples] = comment.replaceAll(/^ *\* ?/gm, "").split("@example\n");
    return examples.map((example): [string, string] => [name, example.split(/^@/m)[0] as string]);
  });
}

const AsyncFunction = (async () => {}).constructor as new (
  ...text: string[]
) => (...values: unknown[]) => Promise<void>;
const names = { ...library, ...training };
const found = globSync("**/*.ts", { cwd: root }).flatMap((file) => examplesOf(readFileSync(root + file, "utf8")));
const quiet = { log: () => {} };

describe("an example", () => {
  test.each(found)("of %s runs", async (_, code) => {
    await new AsyncFunction(...Object.keys(names), "console", code)(...Object.values(names), quiet);
  });

  test("stands with every function of midx/train", () => {
    const functions = Object.entries(training).filter(
      ([, value]) => typeof value === "function" && !/^class/.test(`${value}`),
    );
    expect(found.map(([name]) => name)).toEqual(expect.arrayContaining(functions.map(([name]) => name)));
  });
});
