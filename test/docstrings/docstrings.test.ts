import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { wireDeclarations } from "../../scripts/contract/declarations.ts";
import { typeErrors } from "./checked-examples.ts";
import { COMPLETE, ENTRIES } from "./contexts.ts";
import { examplesOf, runExample } from "./examples.ts";
import { publicNames } from "./public-names.ts";

const root = resolve(import.meta.dirname, "../..");
/**
 * The types of requests and answers are inferred from schemas; their declarations are written with their descriptions.
 */
const OVERRIDES = new Map([[resolve(root, "worker/contract/wire.ts"), wireDeclarations()]]);

describe.each(Object.entries(ENTRIES))("docstrings of %s", (entry, { module, context }) => {
  const names = publicNames(resolve(root, module), OVERRIDES);

  test.runIf(COMPLETE.includes(entry))("every exported name, method and option has one", () => {
    const missing = names.filter(({ doc, isNamed }) => isNamed && !doc);
    expect(missing.map(({ name, place }) => `${name} has no docstring (${place.replace(`${root}/`, "")})`)).toEqual([]);
  });

  test.runIf(COMPLETE.includes(entry))("every exported function and method has an example", () => {
    const missing = names.filter(({ doc, isCallable }) => isCallable && !doc?.includes("@example"));
    expect(missing.map(({ name, place }) => `${name} has no @example (${place.replace(`${root}/`, "")})`)).toEqual([]);
  });

  const examples = examplesOf(names);
  if (!context) {
    test("every example compiles", () => {
      expect(examples.length).toBeGreaterThan(0);
      expect(typeErrors(examples)).toEqual([]);
    });
    return;
  }
  test.each(examples.map((example) => [example.title, example] as const))(
    "the example of %s runs",
    async (_, example) => {
      await runExample(example, await context());
    },
  );
});

test("an example that does not compile is found", () => {
  const code = "export default createHandler((env: Env) => publishedAt(env.INDEX));";
  expect(typeErrors([{ title: "publishedAt", code }])).toEqual([
    expect.stringMatching(/^publishedAt \(1,\d+\): error TS\d+/),
  ]);
});
