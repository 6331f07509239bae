import { resolve } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
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

const documented = Object.entries(ENTRIES).map(([entry, { module, context }]) => {
  const names = publicNames(resolve(root, module), OVERRIDES);
  return { entry, context, names, examples: examplesOf(names) };
});

/** The names of all entry points. A docstring of one of them may link to another one. */
const PUBLIC = new Set(documented.flatMap(({ names }) => names.map(({ name }) => name)));

/** An example with a name that no module exports. */
const WRONG = {
  title: "wrong: publishedAt",
  code: "export default createHandler((env: Env) => publishedAt(env.INDEX));",
};

/** The errors that tsc reports about the examples that can't run here, and about the wrong one: one run of it takes seconds. */
let reported: string[];
beforeAll(() => {
  const compiled = documented.filter(({ context }) => !context);
  const examples = compiled.flatMap(({ entry, examples }) =>
    examples.map(({ title, code }) => ({ title: `${entry}: ${title}`, code })),
  );
  reported = typeErrors([...examples, WRONG]);
});

describe.each(documented)("docstrings of $entry", ({ entry, context, names, examples }) => {
  test.runIf(COMPLETE.includes(entry))("every exported name, method and option has one", () => {
    const missing = names.filter(({ doc, isNamed }) => isNamed && !doc);
    expect(missing.map(({ name, place }) => `${name} has no docstring (${place.replace(`${root}/`, "")})`)).toEqual([]);
  });

  test.runIf(COMPLETE.includes(entry))("every exported function and method has an example", () => {
    const missing = names.filter(({ doc, isCallable }) => isCallable && !doc?.includes("@example"));
    expect(missing.map(({ name, place }) => `${name} has no @example (${place.replace(`${root}/`, "")})`)).toEqual([]);
  });

  test("every link leads to a public name", () => {
    const linked = names.flatMap(({ doc = "" }) => Array.from(doc.matchAll(/\{@link\s+(\w+)/g), ([, name]) => name));
    expect(linked.filter((name) => !PUBLIC.has(name as string))).toEqual([]);
  });

  if (!context) {
    test("every example compiles", () => {
      expect(examples.length).toBeGreaterThan(0);
      expect(reported.filter((error) => error.startsWith(`${entry}: `))).toEqual([]);
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

test("an example that does not compile is found, and nothing else is", () => {
  expect(reported).toEqual([expect.stringMatching(/^wrong: publishedAt \(1,\d+\): error TS\d+/)]);
});
