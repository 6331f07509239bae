import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { progressOf } from "../../../src/cli/queue/job-progress.ts";
import { planBelow, queuedTaskIn } from "../../../src/cli/queue/queued-task.ts";
import { parsePlan, planId } from "../../../src/cli/tasks/plan.ts";
import { writeCli } from "../bundle.ts";
import { makeFolder } from "../files.ts";
import { midx } from "../run.ts";
import { fail, rowsFile, succeed } from "../tasks/words.ts";

// over-valkey.test.ts and bucket-queue.test.ts have builds over a queue.

describe("without a server", () => {
  test("the packages are asked for by name where they are missing", async () => {
    const folder = makeFolder();
    const alone = makeFolder();
    writeFileSync(join(alone, "package.json"), '{"type":"module"}');
    await writeCli(alone);
    for (const command of [["worker"], ["build", rowsFile(), "--parts", "2", "-o", "words"]]) {
      const argv = [join(alone, "cli.js"), ...command, "--queue", "redis://127.0.0.1:1"];
      const child = spawn(process.execPath, argv, { cwd: folder });
      let text = "";
      child.stderr.on("data", (piece: Buffer) => (text += piece.toString()));
      expect(await new Promise((resolve) => child.once("close", resolve))).toBe(1);
      expect(text).toBe(
        "error: '--queue' needs bullmq and ioredis, which are not installed here: npm install bullmq@6 ioredis@6\n",
      );
    }
    expect(existsSync(join(folder, "words")), "nothing was written").toBe(false);
  });

  test("wrong URLs and folders are refused", async () => {
    const output = join(makeFolder(), "words");
    expect(await fail(2, "worker", "--queue", "http://127.0.0.1")).toContain(
      "expected the URL of a Redis or Valkey server",
    );
    expect(await fail(2, "worker", "--queue", "redis://127.0.0.1:1", "--folder", output)).toContain(
      `'--folder' expected a folder that is there, got ${output}`,
    );
    expect(await fail(2, "build", rowsFile(), "-o", output, "--queue", "redis://127.0.0.1:1")).toContain(
      "'--queue' needs '--parts' or '--part-rows'",
    );
    expect(
      await fail(2, "build", rowsFile(), "-o", output, "--parts", "2", "--queue", "redis://127.0.0.1:1"),
    ).toContain("'--queue' expected '--output' in the folder that workers run in");
    expect(planBelow("/a", "/a/b/plan.json")).toBe("b/plan.json");
    for (const plan of ["", "/etc/plan.json", "a/../../plan.json", "plan.txt", "-plan.json", 7]) {
      expect(() => queuedTaskIn({ plan, task: "sample" }, "/a"), String(plan)).toThrow('"plan" expected');
    }
    expect(() => queuedTaskIn(undefined, "/a")).toThrow('"plan" expected');
    const [planId, task] = ["0a".repeat(32), "part-0001"];
    expect(queuedTaskIn({ plan: "b/plan.json", planId, task }, "/a")).toEqual({ plan: "/a/b/plan.json", planId, task });
    expect(() => queuedTaskIn({ plan: "b/plan.json", task }, "/a")).toThrow('"planId" expected 64 hex digits');
  });

  test.each([
    ["redis://:se/cret@127.0.0.1", "got a text that is no URL: in a password, write % as %25, / as %2F, @ as %40"],
    ["redis://me:12/secret@127.0.0.1", 'got "redis://…@127.0.0.1": in a password, write % as %25'],
    ["http://:se@cret@127.0.0.1/2?password=secret", 'got "http://…@127.0.0.1/2"'],
  ])("the password of %s is in no message", async (url, message) => {
    const stderr = await fail(2, "worker", "--queue", url);
    expect(stderr).toContain(`error: '--queue' expected the URL of a Redis or Valkey server`);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/cret|12\//);
  });
});

test("progress that the queue refuses is left out, and told at most four times a second", async () => {
  const told: unknown[] = [];
  const updateProgress = (event: unknown): Promise<void> => {
    told.push(event);
    return Promise.reject(new Error("Missing key for job"));
  };
  const report = progressOf({ updateProgress });
  for (const done of [1, 2]) report({ phase: "read", done, total: 2 });
  await new Promise(setImmediate); // a rejection that nobody handles would fail the suite
  expect(told).toEqual([{ phase: "read", done: 1, total: 2 }]);
});

test("a task whose plan another build has replaced is refused by name", async () => {
  const folder = join(makeFolder(), "words");
  const plan = join(folder, "plan.json");
  await succeed("build-plan", rowsFile(), "--parts", "2", "-o", plan);
  const expected = "0a".repeat(32);
  const { code, stderr } = await midx(["build-task", plan, "--index", "0"], { env: { MIDX_PLAN_ID: expected } });
  expect(code).toBe(2);
  expect(stderr).toContain(`the plan in ${folder} is not the one of the build whose tasks are in the queue`);
  const id = planId(parsePlan(readFileSync(plan, "utf8")));
  expect(stderr).toContain(`(expected ${expected}, got ${id}): run that build again`);
});

test("a worker of a bucket takes plans below its place there only", () => {
  const root = "s3://words/out";
  const own = { plan: "s3://words/out/plan.json", planId: "0a".repeat(32), task: "sample" };
  expect(queuedTaskIn(own, root).plan).toBe("s3://words/out/plan.json");
  for (const plan of ["s3://words/other/plan.json", "s3://words/output/plan.json", "plan.json", "/etc/plan.json"]) {
    expect(() => queuedTaskIn({ plan, task: "sample" }, root), plan).toThrow(
      '"plan" expected the path of a plan below',
    );
    expect(() => queuedTaskIn({ plan: "s3://words/out/plan.json", task: "sample" }, "/a")).toThrow('"plan" expected');
  }
  expect(() => queuedTaskIn({ plan: "s3://words/out/../plan.json", task: "sample" }, root)).toThrow(RangeError);
});
