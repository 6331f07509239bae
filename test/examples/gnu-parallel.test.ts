import { execFileSync, spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { hasProgram } from "../../scripts/engines/programs.ts";
import { bundlesOfSuite } from "../cli/bundles-of-suite.ts";
import { makeFolder } from "../cli/files.ts";
import { succeed } from "../cli/tasks/words.ts";
import { built, environment, planned } from "./planned-build.ts";

const bundles = bundlesOfSuite();

describe.skipIf(!hasProgram("parallel"))(
  `GNU parallel${hasProgram("parallel") ? "" : ", which is not installed"}`,
  () => {
    test("writes the files of one process, and goes on where it was ended", async () => {
      const { words, plan, expected } = await planned();
      const env = environment(makeFolder(), join(bundles(), "cli.js"));
      await succeed("build-task", plan, "--index", "0");
      const script = resolve("examples/scale-out/parallel.sh");
      const output = execFileSync(script, [plan, "--jobs", "3"], { env, encoding: "utf8", stdio: "pipe" });
      expect(output).toContain("it was finished before, so nothing was done");
      expect(built(words)).toEqual(await expected());
    });

    test("takes a folder with a space in its name, and fails where there is no plan", async () => {
      const { words, plan, expected } = await planned("my words");
      const env = environment(makeFolder(), join(bundles(), "cli.js"));
      const script = resolve("examples/scale-out/parallel.sh");
      const run = (path: string) => spawnSync(script, [path, "--jobs", "3"], { env, encoding: "utf8" });
      const { status, stderr } = run(plan);
      expect(status, stderr).toBe(0);
      expect(built(words)).toEqual(await expected());
      expect(run(join(words, "no.json")).status).toBe(1);
    });
  },
);
