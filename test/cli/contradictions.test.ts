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
  ["predict", ["--target-error", ".1", "--scan", "5"], "'--target-error' cannot be used with a number as '--scan'"],
  ["predict", ["--target-error", ".1", "--proposal", "codes"], "'--proposal' cannot be used with '--target-error'"],
  ["predict", ["--scan", "auto", "--proposal", "codes"], "'--proposal' cannot be used with '--scan auto'"],
  ["sample", ["--exact", "--scan", "5"], "'--exact' cannot be used with option '--scan <classes>'"],
  ["sample", ["--exact", "--proposal", "codes"], "'--exact' cannot be used with option '--proposal <name>'"],
  [
    "decode",
    ["--top-p", ".9", "--certain", "--target-error", ".1"],
    "'--certain' cannot be used with option '--target-error <share>'",
  ],
  ["decode", ["--target-error", ".1"], "'--target-error' needs '--top-p'"],
])("midx %s refuses %j", async (command, options, message) => {
  const outcome = await midx([command, "missing.midx", ...query, ...options]);
  expect(outcome).toMatchObject({ code: 2, stdout: "" });
  expect(outcome.stderr).toContain(message);
});

test.each([
  ["predict", ["-k", "5", "-k", "10"], "-k <count>"],
  ["predict", ["--seed", "1", "--exact", "--seed=1"], "--seed <integer>"],
  ["build", ["-o", "one.midx", "--output", "two.midx"], "-o, --output <file>"],
  ["train", ["--dim", "16", "--dim", "32"], "--dim <D>"],
  ["serve", ["--port", "1", "--host", "::1", "--port", "2"], "--port <number>"],
  ["publish", ["--folder", "a", "--folder", "b"], "--folder <folder>"],
])("midx %s refuses to take one of two values: %j", async (command, options, flags) => {
  const { code, stdout, stderr } = await midx([command, "missing.midx", ...options]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain(`option '${flags}' expected one value, got several`);
});

test("midx rollback refuses an endpoint of buckets without a log in one", async () => {
  const argv = ["rollback", "--folder", makeFolder(), "--s3-endpoint", "http://127.0.0.1:9"];
  expect((await midx(argv)).stderr).toContain("'--s3-endpoint' needs '--log'");
  expect((await midx([...argv, "--log", makeFolder()])).stderr).toContain(
    "'--s3-endpoint' expected '--log' with s3://bucket/prefix beside it, got a folder",
  );
});

test("flags may be repeated, and options that are meant to be, which keep all values", async () => {
  const twice = ["--json", "--json", "--changes", "one.midxd", "--changes", "two.midxd"];
  expect((await midx(["predict", "missing.midx", ...query, ...twice])).stderr).toContain("no such file");
  const hosts = ["--part-at", "http://a", "--allow-host", "a", "--part-at", "http://b", "--allow-host", "b"];
  expect((await midx(["serve", "missing.json", ...hosts])).stderr).toContain("no such file");
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
