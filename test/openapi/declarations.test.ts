import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { wireDeclarations } from "../../scripts/contract/declarations.ts";

/** The imports follow the comparisons, so that line n compares the nth name. */
const IMPORTS = [
  'import { expectTypeOf } from "vitest";',
  'import type * as inferred from "../../worker/contract/wire.ts";',
  'import type * as declared from "./declared.js";',
  "type Flat<T> = T extends object ? { readonly [Key in keyof T]: Flat<T[Key]> } : T;",
];

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** The names whose declared type differs from the type that tsc infers from the schemas. */
function differing(declarations: string): string[] {
  mkdirSync(join(ROOT, "build"), { recursive: true });
  const folder = mkdtempSync(join(ROOT, "build", "declarations-"));
  try {
    const source = readFileSync(join(ROOT, "worker/contract/wire.ts"), "utf8");
    const inferred = Array.from(source.matchAll(/^export type (\w+)(<\w+>)? =/gm), ([, name]) => name as string);
    const declared = Array.from(declarations.matchAll(/^export (?:interface|type) (\w+)/gm), ([, name]) => name);
    expect(declared.toSorted()).toEqual(inferred.toSorted());
    const same = inferred.map((name) => {
      const of = name === "BatchAnswer" ? "BatchAnswer<{ readonly a: string }>" : name;
      return `expectTypeOf<Flat<declared.${of}>>().toEqualTypeOf<Flat<inferred.${of}>>();`;
    });
    writeFileSync(join(folder, "declared.d.ts"), declarations);
    writeFileSync(join(folder, "same.ts"), [...same, ...IMPORTS].join("\n"));
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({ extends: "../../tsconfig.json", include: ["same.ts", "../../src/modules.d.ts"], exclude: [] }),
    );
    const { status, stdout, error } = spawnSync(join(ROOT, "node_modules/.bin/tsc"), ["-p", folder], {
      encoding: "utf8",
    });
    if (error) throw error;
    const lines = Array.from(stdout.matchAll(/^.*\((\d+),\d+\): error/gm), ([, line]) => Number(line) - 1);
    if (status !== 0 && lines.length === 0) throw new Error(stdout);
    return [...new Set(lines.map((line) => inferred[line] ?? stdout))];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("midx/client declares the types that tsc infers from the schemas", () => {
  expect(differing(wireDeclarations())).toEqual([]);
});

/** What stands before the ids that logProbability answers for. A bias has ids too. */
const MOST_IDS = "At most 10,000 elements. */\n  ";

test("declarations that differ are found: optional, of another type, null, of other elements", () => {
  const wrong = [
    ["readonly topK?: number", "readonly topK: number"],
    ["readonly k?: number", "readonly k?: string"],
    ["readonly lower: number | null", "readonly lower: number"],
    [`${MOST_IDS}readonly ids: readonly ClassName[]`, `${MOST_IDS}readonly ids: readonly number[]`],
  ] as const;
  const declarations = wrong.reduce((text, [from, to]) => {
    expect(text).toContain(from);
    return text.replace(from, to);
  }, wireDeclarations());
  expect(differing(declarations).toSorted()).toEqual([
    "LogPartitionAnswer",
    "LogProbabilityOptions",
    "PredictOptions",
    "VectorizeOptions",
  ]);
});
