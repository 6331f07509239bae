import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { wireDeclarations } from "../../scripts/contract/declarations.ts";

/** The imports follow the comparisons, so that line n compares the nth name. */
const IMPORTS = [
  'import { expectTypeOf } from "vitest";',
  'import type * as inferred from "../../worker/contract/wire.ts";',
  "type Flat<T> = T extends object ? { readonly [Key in keyof T]: Flat<T[Key]> } : T;",
];

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/**
 * The names whose declared type differs from the type that tsc infers from the schemas, for each text of declarations. All
 * are compared in one run of tsc, which takes seconds.
 */
function differing(texts: readonly string[]): string[][] {
  mkdirSync(join(ROOT, "build"), { recursive: true });
  const folder = mkdtempSync(join(ROOT, "build", "declarations-"));
  try {
    const source = readFileSync(join(ROOT, "worker/contract/wire.ts"), "utf8");
    const inferred = Array.from(source.matchAll(/^export type (\w+)(<\w+>)? =/gm), ([, name]) => name as string);
    for (const text of texts) {
      const declared = Array.from(text.matchAll(/^export (?:interface|type) (\w+)/gm), ([, name]) => name);
      expect(declared.toSorted()).toEqual(inferred.toSorted());
    }
    const same = inferred.map((name) => {
      const of = name === "BatchAnswer" ? "BatchAnswer<{ readonly a: string }>" : name;
      return `expectTypeOf<Flat<declared.${of}>>().toEqualTypeOf<Flat<inferred.${of}>>();`;
    });
    for (const [i, text] of texts.entries()) {
      writeFileSync(join(folder, `declared-${i}.d.ts`), text);
      const imports = [...IMPORTS, `import type * as declared from "./declared-${i}.js";`];
      writeFileSync(join(folder, `same-${i}.ts`), [...same, ...imports].join("\n"));
    }
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({ extends: "../../tsconfig.json", include: ["same-*.ts", "../../src/modules.d.ts"], exclude: [] }),
    );
    const { status, stdout, error } = spawnSync(
      join(ROOT, "node_modules/.bin/tsc"),
      ["-p", folder, "--singleThreaded"],
      {
        encoding: "utf8",
      },
    );
    if (error) throw error;
    const errors = Array.from(stdout.matchAll(/^(.*)\((\d+),\d+\): error/gm), ([, path, line]) => ({
      of: texts.findIndex((_, i) => path?.endsWith(`/same-${i}.ts`)),
      name: inferred[Number(line) - 1],
    }));
    const isKnown = errors.every(({ of, name }) => of >= 0 && name !== undefined);
    if (!isKnown || (status !== 0 && errors.length === 0)) throw new Error(stdout);
    return texts.map((_, i) => [...new Set(errors.filter(({ of }) => of === i).map(({ name }) => name as string))]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What stands before the ids that logProbability answers for. A bias has ids too. */
const MOST_IDS = "At most 10,000 elements. */\n  ";
const WRONG = [
  ["readonly topK?: number", "readonly topK: number"],
  ["readonly k?: number", "readonly k?: string"],
  ["readonly lower: number | null", "readonly lower: number"],
  [`${MOST_IDS}readonly ids: readonly ClassName[]`, `${MOST_IDS}readonly ids: readonly number[]`],
] as const;

let [ofClient, ofWrong]: string[][] = [];
beforeAll(() => {
  const declarations = wireDeclarations();
  const wrong = WRONG.reduce((text, [from, to]) => {
    expect(text).toContain(from);
    return text.replace(from, to);
  }, declarations);
  [ofClient, ofWrong] = differing([declarations, wrong]);
});

test("midx/client declares the types that tsc infers from the schemas", () => {
  expect(ofClient).toEqual([]);
});

test("declarations that differ are found: optional, of another type, null, of other elements", () => {
  expect(ofWrong?.toSorted()).toEqual([
    "LogPartitionAnswer",
    "LogProbabilityOptions",
    "PredictOptions",
    "VectorizeOptions",
  ]);
});
