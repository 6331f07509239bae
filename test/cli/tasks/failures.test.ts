import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { failureOf } from "../../../src/cli/tasks/failures.ts";
import { parsePlan } from "../../../src/cli/tasks/plan.ts";
import { runTask } from "../../../src/cli/tasks/run-task.ts";
import { openTaskFolder, type TaskFolder } from "../../../src/cli/tasks/task-folder.ts";
import { taskNamed } from "../../../src/cli/tasks/task-names.ts";
import { waitForNeeded } from "../../../src/cli/tasks/wait.ts";
import { EVERY } from "../../run/size.ts";
import { makeFolder } from "../files.ts";
import { DATA, DIM, fail, npy, ROWS, rowsFile, succeed } from "./words.ts";

/** Plans a build, and lets its sample fail, because its table is not there. */
async function failedSample() {
  const rows = rowsFile();
  const table = readFileSync(rows);
  const folder = join(makeFolder(), "words");
  const plan = join(folder, "plan.json");
  await succeed("build-plan", rows, "--bits", "3", "--calibrate", "off", "--parts", "2", "-o", plan);
  rmSync(rows);
  await fail(1, "build-task", plan, "--index", "sample");
  const mend = () => writeFileSync(rows, table);
  const read = parsePlan(readFileSync(plan, "utf8"));
  const tasks = openTaskFolder(folder, read, { env: {} } as never, { isForeign: true });
  const waitFor = (name: string, limits: { seconds: number; restartSeconds: number }) =>
    waitForNeeded(tasks, taskNamed(name, read), limits, new AbortController().signal);
  return { folder, plan, rows, tasks, mend, waitFor };
}

const noteIn = (tasks: TaskFolder): string => join(tasks.folder, tasks.work, "sample.failed.json");

test("a task does not wait on for one that failed and is not started again, nor for what that one holds up", async () => {
  const { rows, waitFor } = await failedSample();
  const message = `the task sample failed, and was not started again within 1 seconds: ${rows}`;
  await expect(waitFor("train", { seconds: 120, restartSeconds: 1 })).rejects.toThrow(message);
  await expect(waitFor("measure", { seconds: 120, restartSeconds: 1 })).rejects.toThrow(message);
});

test("a task that failed and is run again in time is waited for", async () => {
  const { plan, tasks, mend, waitFor } = await failedSample();
  const waiting = waitFor("train", { seconds: 3600, restartSeconds: 60 });
  mend();
  await succeed("build-task", plan, "--index", "sample");
  await waiting;
  expect(existsSync(noteIn(tasks))).toBe(false);
});

test("a task that was begun before those that it needs were finished has not failed", async () => {
  const { plan, tasks } = await failedSample();
  await fail(1, "build-task", plan, "--index", "train");
  expect(existsSync(noteIn(tasks))).toBe(true);
  expect(existsSync(noteIn(tasks).replace("sample", "train"))).toBe(false);
});

test("a task that is started again, and waits itself at first, has not failed any more", async () => {
  const { plan, tasks } = await failedSample();
  const ofTrain = noteIn(tasks).replace("sample", "train");
  writeFileSync(ofTrain, JSON.stringify({ plan: tasks.planId, task: "train", message: "the sample is gone" }));
  const why = await fail(1, "build-task", plan, "--index", "train", "--wait", "1");
  expect(why).toContain("the task sample was not finished after 1 seconds");
  expect([existsSync(ofTrain), existsSync(noteIn(tasks))]).toEqual([false, true]);
});

test("nobody looks for notes of tasks that are finished, of which there may be thousands", async () => {
  const { plan, tasks, mend } = await failedSample();
  mend();
  for (const name of ["sample", "train", "part-0000", "part-0001"]) {
    await succeed("build-task", plan, "--index", name);
  }
  const looks = new Set<string>();
  const read: typeof tasks.files.read = (file) => {
    if (file.endsWith(".failed.json")) looks.add(file.slice(tasks.work.length + 1));
    return tasks.files.read(file);
  };
  const watched = { ...tasks, files: { ...tasks.files, read } };
  const limits = { seconds: 1, restartSeconds: 1 };
  const waiting = waitForNeeded(watched, taskNamed("commit", tasks.plan), limits, new AbortController().signal);
  await expect(waiting).rejects.toThrow("the task measure was not finished after 1 seconds");
  expect([...looks].sort()).toEqual(["measure.failed.json", "sample.failed.json"]);
});

test("a build in one process, for whose tasks nobody waits, leaves no note", async () => {
  const folder = join(makeFolder(), "words");
  const rows = npy("nan.npy", DATA.with(9, Number.NaN), `(${ROWS}, ${DIM})`);
  await fail(3, "build", rows, "--bits", "3", "--parts", "2", "-o", folder);
  expect(readdirSync(folder)).toEqual(["plan.json"]);
});

test("a task whose record cannot be written has failed", async () => {
  const { tasks, mend } = await failedSample();
  mend();
  rmSync(noteIn(tasks));
  const write: typeof tasks.files.write = async (file, bytes) => {
    if (file.endsWith("/sample.json")) throw new Error("no record");
    await tasks.files.write(file, bytes);
  };
  const failing = { ...tasks, files: { ...tasks.files, write } };
  const io = { env: {}, signal: new AbortController().signal } as never;
  const progress = { report: () => {}, stop: () => {} };
  const task = taskNamed("sample", tasks.plan);
  const run = runTask({ tasks: failing, task, progress, io, pool: undefined, threads: 1, isAwaited: true });
  await expect(run).rejects.toThrow("no record");
  expect(await failureOf(tasks, task)).toBe("no record");
});

test("a note of another plan, or one that cannot be read, is nobody's failure", async () => {
  const { tasks, waitFor } = await failedSample();
  const note = JSON.parse(readFileSync(noteIn(tasks), "utf8"));
  const texts = [JSON.stringify({ ...note, plan: "0".repeat(64) }), "{", ""];
  for (const text of EVERY ? texts : texts.slice(0, 2)) {
    writeFileSync(noteIn(tasks), text);
    await expect(waitFor("train", { seconds: 1, restartSeconds: 0 })).rejects.toThrow(
      "was not finished after 1 seconds",
    );
  }
});
