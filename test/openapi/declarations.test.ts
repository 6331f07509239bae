import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { wireDeclarations } from "../../scripts/contract/declarations.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** What tsc says of declarations beside the types that it infers from the schemas, for each name that either has. */
function faultsOf(declarations: string): string {
  mkdirSync(join(ROOT, "build"), { recursive: true });
  const folder = mkdtempSync(join(ROOT, "build", "declarations-"));
  try {
    const source = readFileSync(join(ROOT, "worker/contract/wire.ts"), "utf8");
    const inferred = Array.from(source.matchAll(/^export type (\w+)(<\w+>)? =/gm), ([, name]) => name as string);
    const declared = Array.from(declarations.matchAll(/^export (?:interface|type) (\w+)/gm), ([, name]) => name);
    expect(declared.toSorted()).toEqual(inferred.toSorted());
    const same = inferred.map((name) => {
      const of = name === "Several" ? "Several<{ readonly a: string }>" : name;
      return `expectTypeOf<Flat<declared.${of}>>().toEqualTypeOf<Flat<inferred.${of}>>();`;
    });
    writeFileSync(join(folder, "declared.d.ts"), declarations);
    writeFileSync(
      join(folder, "same.ts"),
      `import { expectTypeOf } from "vitest";
      import type * as inferred from "../../worker/contract/wire.ts";
      import type * as declared from "./declared.js";
      type Flat<T> = T extends object ? { readonly [Key in keyof T]: Flat<T[Key]> } : T;
      ${same.join("\n")}`,
    );
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({ extends: "../../tsconfig.json", include: ["same.ts", "../../src/modules.d.ts"], exclude: [] }),
    );
    const { stdout, error } = spawnSync(join(ROOT, "node_modules/.bin/tsc"), ["-p", folder], { encoding: "utf8" });
    if (error) throw error;
    return stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("what midx/client declares is what tsc infers from the schemas", () => {
  expect(faultsOf(wireDeclarations())).toBe("");
});

test.each([
  ["a field that is optional", "readonly labels?: ", "readonly labels: "],
  ["a field of another type", "readonly k?: number", "readonly k?: string"],
  ["a number that may be null", "readonly lower: number | null", "readonly lower: number"],
  ["what is in a list", "readonly exclude?: readonly ClassName[]", "readonly exclude?: readonly number[]"],
])("declarations that miss %s are found", (_, right, wrong) => {
  const declarations = wireDeclarations();
  expect(declarations).toContain(right);
  expect(faultsOf(declarations.replace(right, wrong))).toContain("error TS");
});
