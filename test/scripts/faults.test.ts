import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FAULTS } from "../../scripts/faults/all.ts";

const root = join(import.meta.dirname, "../..");

test("every fault has a unique name, a place that occurs once in the sources, and existing suites", () => {
  expect(new Set(FAULTS.map(({ name }) => name)).size).toBe(FAULTS.length);
  for (const { name, file, find, suites } of FAULTS) {
    expect(readFileSync(join(root, file), "utf8").split(find), `${name}, in ${file}`).toHaveLength(2);
    for (const suite of suites) expect(existsSync(join(root, suite)), suite).toBe(true);
  }
});
