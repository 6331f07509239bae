import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { batchJobs } from "../../examples/scale-out/aws-batch.ts";
import { indexedJob } from "../../examples/scale-out/kubernetes.ts";
import { hasProgram } from "../../scripts/engines/programs.ts";
import { CAN_SLURM, startSlurm } from "../../scripts/engines/slurm.ts";
import { parsePlan } from "../../src/cli/tasks/plan.ts";
import { taskNamed, tasksOf } from "../../src/cli/tasks/task-names.ts";
import { bundleCli } from "../cli/bundle.ts";
import { makeFolder } from "../cli/files.ts";
import { hashesOf, rowsFile, succeed } from "../cli/tasks/words.ts";

let cli: Awaited<ReturnType<typeof bundleCli>>;
beforeAll(async () => {
  cli = await bundleCli();
});
afterAll(() => cli.remove());

/** The environment of the scripts, with midx as npm installs it. */
function environment(folder: string): NodeJS.ProcessEnv {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "midx"), `#!/bin/sh\nexec '${process.execPath}' '${cli.cli}' "$@"\n`);
  chmodSync(join(bin, "midx"), 0o755);
  return { ...process.env, PATH: `${bin}:${process.env.PATH}` };
}

/** Plans a build of four parts, and builds it in one process as well. Returns both folders. */
async function planned(): Promise<{ words: string; plan: string; expected: Record<string, string> }> {
  const rows = rowsFile();
  const [one, words] = [join(makeFolder(), "one"), join(makeFolder(), "words")];
  const options = [rows, "--bits", "3", "--parts", "4"];
  await succeed("build", ...options, "-o", one);
  await succeed("build-plan", ...options, "-o", join(words, "plan.json"));
  return { words, plan: join(words, "plan.json"), expected: built(one) };
}

function built(folder: string): Record<string, string> {
  const { "plan.json": _, ...files } = hashesOf(folder);
  return files;
}

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
      const env = environment(makeFolder());
      await succeed("build-task", plan, "--index", "0");
      const script = resolve("examples/scale-out/parallel.sh");
      const output = execFileSync(script, [plan, "--jobs", "3"], { env, encoding: "utf8", stdio: "pipe" });
      expect(output).toContain("it was finished before, so nothing was done");
      expect(built(words)).toEqual(expected);
    });
  },
);

describe.skipIf(!CAN_SLURM)(
  `Slurm${CAN_SLURM ? "" : ", which is not installed or can't be started by this user"}`,
  () => {
    test("runs an array job that writes the files of one process", async () => {
      const { words, plan, expected } = await planned();
      const slurm = await startSlurm(makeFolder());
      onTestFinished(slurm.stop);
      const env = { ...environment(makeFolder()), ...slurm.env };
      const script = resolve("examples/scale-out/slurm.sh");
      const argv = ["--array=0-7", `--output=${words}/log-%a.txt`, script, plan];
      execFileSync("sbatch", ["--test-only", ...argv], { env, stdio: "pipe" });
      execFileSync("sbatch", ["--wait", ...argv], { env, stdio: "pipe", timeout: 800_000 });
      const { files, logs } = separated(built(words));
      expect(files).toEqual(expected);
      expect(logs).toHaveLength(8);
      expect(existsSync(join(words, "manifest.json"))).toBe(true);
    });
  },
);

function separated(all: Record<string, string>): { files: Record<string, string>; logs: string[] } {
  const logs = Object.keys(all).filter((name) => name.startsWith("log-"));
  return { files: Object.fromEntries(Object.entries(all).filter(([name]) => !logs.includes(name))), logs };
}

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
