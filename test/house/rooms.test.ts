import { globSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { HOUSES, objectionTo } from "./floors.ts";
import { circlesIn, type Imports, readImports } from "./imports.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
let imports: Imports;

beforeAll(async () => {
  const files = globSync("{src,worker,page}/**/*.ts", { cwd: root }).filter((file) => !file.endsWith(".d.ts"));
  imports = await readImports(root, files);
  expect(imports.size).toBe(files.length);
});

/** Files of packages, of Node, and what a bundle will lie beside. */
const isForeign = (target: string): boolean => !/^(src|worker|page|scripts|test|build)\//.test(target);

test("no circles, not even of types", () => {
  expect(circlesIn(imports)).toEqual([]);
});

test("every import goes down, or to what the house has as a guest", () => {
  const objections = [...imports].flatMap(([file, targets]) =>
    targets.flatMap((target) => (isForeign(target) ? [] : (objectionTo(file, target) ?? []))),
  );
  expect(objections).toEqual([]);
});

test("imports of types are seen", () => {
  expect(imports.get("src/memory/conditions.ts")).toContain("src/memory/plan.ts");
});

test("a room that no file stands in is not in the table", () => {
  for (const { floors } of Object.values(HOUSES)) {
    for (const room of floors.flat()) {
      const isThere = [...imports.keys()].some((file) => file === room || file.startsWith(room.replace(/\*$/, "")));
      expect(isThere, room).toBe(true);
    }
  }
});

describe("the table", () => {
  const houses = {
    low: { floors: [["a/x"], ["a/y", "a/z"], ["a/*"]], guests: ["build"] },
    high: { floors: [["b"]], guests: ["a/*"] },
  };
  test.each([
    ["a/y/1.ts", "a/x/1.ts", undefined],
    ["a/y/1.ts", "a/y/2.ts", undefined],
    ["a/1.ts", "a/z/1.ts", undefined],
    ["a/x/1.ts", "build/1.ts", undefined],
    ["b/1.ts", "a/1.ts", undefined],
    ["a/y/1.ts", "a/z/1.ts", "a/y/1.ts looks up, or next door, to a/z/1.ts"],
    ["a/x/1.ts", "a/1.ts", "a/x/1.ts looks up, or next door, to a/1.ts"],
    ["a/x/1.ts", "b/1.ts", "a/x/1.ts must not know b/1.ts"],
    ["b/1.ts", "a/x/1.ts", "b/1.ts must not know a/x/1.ts"],
    ["c/1.ts", "a/1.ts", "c/1.ts stands in no room"],
  ])("%s → %s", (file, target, objection) => {
    expect(objectionTo(file, target, houses)).toBe(objection);
  });

  test("finds circles of three and of one", () => {
    const arrows = { a: ["b"], b: ["c"], c: ["a"], d: ["d"], e: ["a"] };
    expect(circlesIn(new Map(Object.entries(arrows)))).toEqual([["a", "b", "c"], ["d"]]);
  });
});
