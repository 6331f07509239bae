import { globSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { cyclesIn, type Imports, readImports } from "./imports.ts";
import { PARTS, violationOf } from "./layers.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
let imports: Imports;

beforeAll(async () => {
  const files = globSync("{src,worker,page}/**/*.ts", { cwd: root }).filter((file) => !file.endsWith(".d.ts"));
  imports = await readImports(root, files);
  expect(imports.size).toBe(files.length);
});

/** Returns whether a file belongs to a package or to Node, or will lie beside a bundle. */
const isForeign = (target: string): boolean => !/^(src|worker|page|scripts|test|build|examples)\//.test(target);

test("imports have no cycle, not even of types", () => {
  expect(cyclesIn(imports)).toEqual([]);
});

test("imports of suites and fixtures have no cycle either", async () => {
  const files = globSync("test/**/*.ts", { cwd: root, exclude: ["test/runtime/entries/**"] });
  expect(cyclesIn(await readImports(root, files))).toEqual([]);
});

test("every import leads to a lower layer, or to another part that is allowed", () => {
  const violations = [...imports].flatMap(([file, targets]) =>
    targets.flatMap((target) => (isForeign(target) ? [] : (violationOf(file, target) ?? []))),
  );
  expect(violations).toEqual([]);
});

test("imports of types are seen", () => {
  expect(imports.get("src/memory/conditions.ts")).toContain("src/memory/filtered-index.ts");
});

test("every folder in the table has files", () => {
  for (const { layers } of Object.values(PARTS)) {
    for (const folder of layers.flat()) {
      const isThere = [...imports.keys()].some((file) => file === folder || file.startsWith(folder.replace(/\*$/, "")));
      expect(isThere, folder).toBe(true);
    }
  }
});

describe("a table of layers", () => {
  const parts = {
    low: { layers: [["a/x"], ["a/y", "a/z"], ["a/*"]], others: ["build"] },
    high: { layers: [["b"]], others: ["a/*"] },
  };
  test.each([
    ["a/y/1.ts", "a/x/1.ts", undefined],
    ["a/y/1.ts", "a/y/2.ts", undefined],
    ["a/1.ts", "a/z/1.ts", undefined],
    ["a/x/1.ts", "build/1.ts", undefined],
    ["b/1.ts", "a/1.ts", undefined],
    ["a/y/1.ts", "a/z/1.ts", "a/y/1.ts imports a/z/1.ts, which is not in a lower layer"],
    ["a/x/1.ts", "a/1.ts", "a/x/1.ts imports a/1.ts, which is not in a lower layer"],
    ["a/x/1.ts", "b/1.ts", "a/x/1.ts may not import b/1.ts"],
    ["b/1.ts", "a/x/1.ts", "b/1.ts may not import a/x/1.ts"],
    ["c/1.ts", "a/1.ts", "c/1.ts is in no folder of the table"],
  ])("%s → %s", (file, target, violation) => {
    expect(violationOf(file, target, parts)).toBe(violation);
  });

  test("finds cycles of three files and of one", () => {
    const arrows = { a: ["b"], b: ["c"], c: ["a"], d: ["d"], e: ["a"] };
    expect(cyclesIn(new Map(Object.entries(arrows)))).toEqual([["a", "b", "c"], ["d"]]);
  });
});
