import { spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { planBelow, queuedTaskIn } from "../../../src/cli/queue/queued-task.ts";
import { writeCli } from "../bundle.ts";
import { makeFolder } from "../files.ts";
import { fail, rowsFile } from "../tasks/words.ts";

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
    expect(queuedTaskIn({ plan: "b/plan.json", task: "part-0001" }, "/a")).toEqual({
      plan: "/a/b/plan.json",
      task: "part-0001",
    });
  });
});

test("a worker of a bucket takes plans below its place there only", () => {
  const root = "s3://words/out";
  expect(queuedTaskIn({ plan: "s3://words/out/plan.json", task: "sample" }, root).plan).toBe(
    "s3://words/out/plan.json",
  );
  for (const plan of ["s3://words/other/plan.json", "s3://words/output/plan.json", "plan.json", "/etc/plan.json"]) {
    expect(() => queuedTaskIn({ plan, task: "sample" }, root), plan).toThrow(
      '"plan" expected the path of a plan below',
    );
    expect(() => queuedTaskIn({ plan: "s3://words/out/plan.json", task: "sample" }, "/a")).toThrow('"plan" expected');
  }
  expect(() => queuedTaskIn({ plan: "s3://words/out/../plan.json", task: "sample" }, root)).toThrow(RangeError);
});
