import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { batchJobs } from "../../examples/scale-out/aws-batch.ts";
import { indexedJob } from "../../examples/scale-out/kubernetes.ts";
import { parsePlan } from "../../src/cli/tasks/plan.ts";
import { taskNamed, tasksOf } from "../../src/cli/tasks/task-names.ts";
import { succeed } from "../cli/tasks/words.ts";
import { planned } from "./planned-build.ts";

test("midx build-task --list numbers the tasks", async () => {
  const { plan } = await planned();
  expect(await succeed("build-task", plan, "--list")).toBe(
    "0 sample\n1 train\n2 part-0000\n3 part-0001\n4 part-0002\n5 part-0003\n6 measure\n7 commit\n",
  );
});

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
