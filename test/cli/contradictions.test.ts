import { join } from "node:path";
import { expect, test } from "vitest";
import { makeFolder } from "./files.ts";
import { midx, writeTable } from "./run.ts";

// Contradictory options are refused by their names on the command line, before a file is read.

const query = ["--vector", "[1, 0, 0, 0]"];

test.each([
  ["predict", ["--exact", "--scan", "5"], "'--exact' cannot be used with option '--scan <classes>'"],
  ["predict", ["--exact", "--scan", "auto"], "'--exact' cannot be used with option '--scan <classes>'"],
  ["predict", ["--exact", "--proposal", "codes"], "'--exact' cannot be used with option '--proposal <name>'"],
  ["predict", ["--exact", "--draws", "5"], "'--exact' cannot be used with option '--draws <count>'"],
  ["predict", ["--exact", "--target-error", ".1"], "'--exact' cannot be used with option '--target-error <share>'"],
  ["predict", ["--target-error", ".1"], "'--target-error' needs '--scan auto'"],
  ["predict", ["--target-error", ".1", "--scan", "5"], "'--target-error' needs '--scan auto'"],
  ["predict", ["--target-error", ".1", "--proposal", "codes"], "'--target-error' needs '--scan auto'"],
  ["predict", ["--scan", "auto", "--proposal", "codes"], "'--proposal' cannot be used with '--scan auto'"],
  ["sample", ["--exact", "--scan", "5"], "'--exact' cannot be used with option '--scan <classes>'"],
  ["sample", ["--exact", "--proposal", "codes"], "'--exact' cannot be used with option '--proposal <name>'"],
])("midx %s refuses %j", async (command, options, message) => {
  const outcome = await midx([command, "missing.midx", ...query, ...options]);
  expect(outcome).toMatchObject({ code: 2, stdout: "" });
  expect(outcome.stderr).toContain(message);
});

test("midx train lists the optimizers where --optimizer is none of them", async () => {
  const outcome = await midx(["train", "missing.txt", "--optimizer", "lion"]);
  expect(outcome).toMatchObject({ code: 2, stdout: "" });
  expect(outcome.stderr).toContain("Allowed choices are adagrad, adam, sgd.");
});

test.each(["predict", "sample"])("midx %s takes --exact beside everything else", async (command) => {
  const index = join(makeFolder(), "index.midx");
  expect(await midx(["build", writeTable(50, 4), "-o", index])).toMatchObject({ code: 0 });
  const others = ["--exact", "--temperature", "2", "--exclude", "3", "--seed", "1"];
  const own = command === "predict" ? ["-k", "3"] : ["--draws", "5"];
  expect(await midx([command, index, ...query, ...others, ...own])).toMatchObject({ code: 0, stderr: "" });
});
