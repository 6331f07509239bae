import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { argumentsOf } from "../examples/ab-testing/arguments.js";
import { run } from "../examples/ab-testing/policy-value.js";

describe("the command", () => {
  const folder = mkdtempSync(join(tmpdir(), "midx-ab-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const page = readFileSync(new URL("../docs/ab-testing.md", import.meta.url), "utf8");
  /** The output that the page shows below each of its commands. */
  const shown = [...page.matchAll(/^\$ node examples\/ab-testing\/([^\n]*)\n([^$]*?)```$/gm)];

  let simulated = "";
  beforeAll(async () => {
    const [argv, log] = [process.argv, console.log];
    process.argv = ["node", "simulate.js", join(folder, "ab")];
    console.log = (line: string) => {
      simulated += `${line}\n`;
    };
    try {
      await import("../examples/ab-testing/simulate.js");
    } finally {
      [process.argv, console.log] = [argv, log];
    }
  });

  test("prints what docs/ab-testing.md shows for the example's shop", async () => {
    expect(shown.length).toBeGreaterThanOrEqual(3);
    for (const [, command = "", output] of shown) {
      const [call = "", word = ""] = command.split(" | grep ");
      const [program, ...args] = call.split(" ");
      const inFolder = args.map((arg) => arg.replace(/^ab\//, `${folder}/ab/`));
      const printed = program === "simulate.js" ? simulated : await run(inFolder);
      const lines = printed.split("\n").filter((line) => line !== "" && line.includes(word));
      expect(`${lines.join("\n")}\n`, command).toBe(output);
    }
  });

  test("says with an estimated log Z that weights carry its error", async () => {
    const data = ["logs", "rewards", "queries"].flatMap((name) => [`--${name}`, join(folder, `ab/${name}.jsonl`)]);
    const printed = await run([join(folder, "ab/b.midx"), ...data, "--exact", "false", "--scan", "16"]);
    expect(printed).toMatch(/^log Z is estimated: every weight carries its error, and a bias with it$/m);
  });

  const files = ["--logs", "l", "--rewards", "r", "--queries", "q"];
  test.each([
    [["c.midx", "--logs", "l", "--rewards", "r"], "usage: policy-value.js"],
    [[...files], "usage: policy-value.js"],
    [["c.midx", ...files, "--policy", "best"], '"--policy" expected softmax or sample, got best'],
    [["c.midx", ...files, "--exact", "no"], '"--exact" expected true or false, got no'],
    [["c.midx", ...files, "--missing", "0"], '"--missing" expected zero or none, got 0'],
    [["c.midx", ...files, "--temperature", "0"], '"--temperature" expected a number above 0, got 0'],
    [["c.midx", ...files, "--clip", "x"], '"--clip" expected a number above 0, got x'],
    [["c.midx", ...files, "--policy", "sample", "--scan", "2.5"], '"--scan" expected an integer from 0, got 2.5'],
    [["c.midx", ...files, "--scan", "64"], '"--scan" expected "--exact false" or "--policy sample" beside it'],
    [["c.midx", ...files, "--seed", "1"], "--seed"],
  ])("refuses %j", (args, message) => {
    expect(() => argumentsOf(args)).toThrow(message);
  });

  test("names the place of a bad line in its own file", async () => {
    const logs = join(folder, "bad.jsonl");
    writeFileSync(logs, 'started\n{"event":"draws","requestId":1}\n');
    const others = ["rewards", "queries"].flatMap((name) => [`--${name}`, join(folder, `ab/${name}.jsonl`)]);
    const printed = run([join(folder, "ab/b.midx"), "--logs", logs, ...others]);
    await expect(printed).rejects.toThrow(`${logs}:2: "requestId" expected a text, got 1`);
  });
});
