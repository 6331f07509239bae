import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { batchJobs } from "../../examples/scale-out/aws-batch.ts";
import { indexedJob } from "../../examples/scale-out/kubernetes.ts";
import { hasProgram } from "../../scripts/engines/programs.ts";
import { parsePlan } from "../../src/cli/tasks/plan.ts";
import { taskNamed, tasksOf } from "../../src/cli/tasks/task-names.ts";
import { bundleCli } from "../cli/bundle.ts";
import { makeFolder } from "../cli/files.ts";
import { succeed } from "../cli/tasks/words.ts";
import { built, environment, planned } from "./planned-build.ts";

let cli: Awaited<ReturnType<typeof bundleCli>>;
beforeAll(async () => {
  cli = await bundleCli();
});
afterAll(() => cli.remove());

test("midx build-task --list numbers the tasks", async () => {
  const { plan } = await planned();
  expect(await succeed("build-task", plan, "--list")).toBe(
    "0 sample\n1 train\n2 part-0000\n3 part-0001\n4 part-0002\n5 part-0003\n6 measure\n7 commit\n",
  );
});

describe.skipIf(!hasProgram("parallel"))(
  `GNU parallel${hasProgram("parallel") ? "" : ", which is not installed"}`,
  () => {
    test("writes the files of one process, and goes on where it was ended", async () => {
      const { words, plan, expected } = await planned();
      const env = environment(makeFolder(), cli.cli);
      await succeed("build-task", plan, "--index", "0");
      const script = resolve("examples/scale-out/parallel.sh");
      const output = execFileSync(script, [plan, "--jobs", "3"], { env, encoding: "utf8", stdio: "pipe" });
      expect(output).toContain("it was finished before, so nothing was done");
      expect(built(words)).toEqual(await expected());
    });
  },
);

describe("the jobs for Kubernetes and AWS Batch", () => {
  test("run every task of a plan, each once", async () => {
    const { plan: path } = await planned();
    const plan = parsePlan(readFileSync(path, "utf8"));
    const tasks = tasksOf(plan);
    const { spec } = indexedJob(tasks.length);
    expect(spec).toMatchObject({ completions: tasks.length, completionMode: "Indexed" });
    const commands = batchJobs(plan.parts.length).flatMap(({ containerOverrides, arrayProperties }) => {
      const [, , script = ""] = containerOverrides?.command ?? [];
      const numbers = Array.from({ length: arrayProperties?.size ?? 1 }, (_, i) => String(i));
      return numbers.flatMap((number) => {
        const env = { ...process.env, AWS_BATCH_JOB_ARRAY_INDEX: number };
        const shown = script.replaceAll("npx midx build-task", "echo");
        return execFileSync("sh", ["-c", shown], { env, encoding: "utf8" }).trim().split("\n");
      });
    });
    const names = commands.map((line) => line.split(" ").at(-1) as string);
    expect(names).toEqual(tasks.map(({ name }) => name));
    for (const name of names) taskNamed(name, plan);
  });
});
