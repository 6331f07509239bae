import { join } from "node:path";
import { expect, test } from "vitest";
import { makeFolder } from "./files.ts";
import { midx, writeTable } from "./run.ts";

// What contradicts is refused by the names of the command line's own options, and before a file is read.

const query = ["--vector", "[1, 0, 0, 0]"];

test.each([
  ["query", ["--exact", "--scan", "5"], "'--exact' cannot be used with option '--scan <classes>'"],
  ["query", ["--exact", "--scan", "auto"], "'--exact' cannot be used with option '--scan <classes>'"],
  ["query", ["--exact", "--rescore", "5"], "'--exact' cannot be used with option '--rescore <classes>'"],
  ["query", ["--exact", "--draws", "5"], "'--exact' cannot be used with option '--draws <count>'"],
  ["query", ["--exact", "--target-error", ".1"], "'--exact' cannot be used with option '--target-error <share>'"],
  ["query", ["--target-error", ".1"], "'--target-error' needs '--scan auto'"],
  ["query", ["--target-error", ".1", "--scan", "5"], "'--target-error' needs '--scan auto'"],
  ["query", ["--target-error", ".1", "--rescore", "5"], "'--target-error' needs '--scan auto'"],
  ["sample", ["--exact", "--scan", "5"], "'--exact' cannot be used with option '--scan <classes>'"],
  ["sample", ["--exact", "--rescore", "5"], "'--exact' cannot be used with option '--rescore <classes>'"],
])("midx %s refuses %j", async (command, options, message) => {
  const outcome = await midx([command, "missing.midx", ...query, ...options]);
  expect(outcome).toMatchObject({ code: 2, stdout: "" });
  expect(outcome.stderr).toContain(message);
});

test.each(["query", "sample"])("midx %s takes --exact beside everything else", async (command) => {
  const index = join(makeFolder(), "index.midx");
  expect(await midx(["build", writeTable(50, 4), "-o", index])).toMatchObject({ code: 0 });
  const others = ["--exact", "--temperature", "2", "--exclude", "3", "--seed", "1"];
  const own = command === "query" ? ["-k", "3"] : ["--draws", "5"];
  expect(await midx([command, index, ...query, ...others, ...own])).toMatchObject({ code: 0, stderr: "" });
});
