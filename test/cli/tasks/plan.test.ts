import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { memoryBounds, mostRows } from "../../../src/cli/building/capacity.ts";
import { parsePlan } from "../../../src/cli/tasks/plan.ts";
import { indexFromEnvironment } from "../../../src/cli/tasks/task-index.ts";
import { neededBy, taskNamed, tasksOf } from "../../../src/cli/tasks/task-names.ts";
import { VERSION } from "../../../src/version.ts";
import { makeFolder } from "../files.ts";
import { BIAS, fail, npy, ROWS, rowsFile, succeed } from "./words.ts";

/** Plans a build, and returns the text of the plan. */
async function planText(): Promise<string> {
  const plan = join(makeFolder(), "plan.json");
  const bias = npy("bias.npy", BIAS, `(${ROWS},)`);
  await succeed("build-plan", rowsFile(), "--bias", bias, "--parts", "3", "--seed", "-7", "-o", plan);
  return readFileSync(plan, "utf8");
}

describe("a plan", () => {
  test("says what will be built, from which files", async () => {
    const plan = parsePlan(await planText());
    expect(plan).toMatchObject({ itemCount: ROWS, dim: 6, settings: { seed: "-7", bits: 4, calibrate: "quick" } });
    expect(plan.parts).toEqual([
      { number: 0, firstRow: 0, rows: 233 },
      { number: 1, firstRow: 233, rows: 233 },
      { number: 2, firstRow: 466, rows: 234 },
    ]);
    expect(plan.fingerprints.map(({ path }) => path)).toEqual([plan.input.embeddings, plan.input.bias]);
  });

  test.each([
    [/"kind": "build-plan"/, '"kind": "plan"', '"kind" expected "build-plan", got "plan"'],
    [/"formatVersion": 1/, '"formatVersion": 2', '"formatVersion" expected 1, got 2'],
    [/"builder": ".*"/, '"builder": "midx 0.0.1"', `"builder" expected "midx ${VERSION}", got "midx 0.0.1"`],
    [/"bits": 4/, '"bits": 11', '"settings.bits" expected an integer from 0 to 10, got 11'],
    [/"seed": "-7"/, '"seed": -7', '"settings.seed" expected an integer in quotes, got -7'],
    [/"rowType": "i8"/, '"rowType": "i4"', '"settings.rowType" expected i8, f16, f32, got "i4"'],
    [/"embeddings": ".*"/, '"embeddings": ""', '"input.embeddings" expected a text of 1 to 4096 characters, got ""'],
    [/"embeddings":/, '"shell": "rm", "embeddings":', '"input.shell" is not a field of this form of plan'],
    [/"firstRow": 233/, '"firstRow": 232', '"parts[1].firstRow" expected 233, got 232'],
    [/"number": 2/, '"number": 1', '"parts[2].number" expected an integer from 2 to 2, got 1'],
    [/"itemCount": 700/, '"itemCount": 701', '"itemCount" expected 700, the sum of its parts, got 701'],
    [/"dim": 6/, '"dim": 6,\n  "dim": 6', "expected its fields in the form that midx build-plan writes"],
    [/"sha256": "[0-9a-f]/, '"sha256": "x', '"fingerprints[0].sha256" expected 64 hex digits'],
  ])("with %s as %j is refused by name", async (from, to, message) => {
    const text = await planText();
    const changed = text.replace(from, to);
    expect(changed).not.toBe(text);
    expect(() => parsePlan(changed)).toThrow(expect.objectContaining({ code: "plan" }));
    expect(() => parsePlan(changed)).toThrow(message);
    const path = join(makeFolder(), "plan.json");
    writeFileSync(path, changed);
    expect(await fail(3, "build-task", path, "--index", "0")).toContain(`${path}: the plan: `);
  });
});

describe("the tasks of a plan", () => {
  const plan = { parts: [0, 1].map((number) => ({ number, firstRow: number, rows: 1 })) };

  test("have a number and a name, and need only tasks before them", () => {
    expect(tasksOf(plan).map(({ name }) => name)).toEqual([
      ...["sample", "train", "part-0000", "part-0001", "measure", "commit"],
    ]);
    for (const task of tasksOf(plan)) {
      for (const { index } of neededBy(task, plan)) expect(index).toBeLessThan(task.index);
      expect(taskNamed(task.name, plan)).toEqual(task);
      expect(taskNamed(String(task.index), plan)).toEqual(task);
    }
    expect(() => taskNamed("6", plan)).toThrow(`'--index' expected 0..5 or the name of a task`);
    expect(() => taskNamed("part-0002", plan)).toThrow(RangeError);
  });

  test("are numbered by the environment of an array job", () => {
    expect(indexFromEnvironment({ SLURM_ARRAY_TASK_ID: "3" })).toBe("3");
    expect(indexFromEnvironment({ JOB_COMPLETION_INDEX: "0" })).toBe("0");
    expect(indexFromEnvironment({ AWS_BATCH_JOB_ARRAY_INDEX: "12" })).toBe("12");
    expect(indexFromEnvironment({ CLOUD_RUN_TASK_INDEX: "1" })).toBe("1");
    expect(indexFromEnvironment({ PARALLEL_SEQ: "1" }), "GNU parallel counts from 1").toBe("0");
    expect(() => indexFromEnvironment({ PARALLEL_SEQ: "0" })).toThrow(
      'PARALLEL_SEQ expected an integer from 1, got "0"',
    );
    expect(() => indexFromEnvironment({ SLURM_ARRAY_TASK_ID: "x" })).toThrow("expected an integer from 0");
    expect(() => indexFromEnvironment({})).toThrow("'--index' is missing");
  });
});

describe("the rows that fit", () => {
  const shape = {
    dim: 64,
    rowType: "i8",
    quantizer: "rq",
    hasBias: false,
    fineCodes: false,
    residuals: false,
  } as const;

  test("into a number of bytes are the most whose memory is at most that", () => {
    for (const bytes of [2 ** 27, 2 ** 30]) {
      const rows = mostRows(bytes, shape);
      expect(memoryBounds(rows, shape).most).toBeLessThanOrEqual(bytes);
      expect(memoryBounds(rows + 1, shape).most).toBeGreaterThan(bytes);
    }
    expect(memoryBounds(100_000_000, shape).least).toBeGreaterThan(2 ** 32);
    expect(memoryBounds(1_000_000, shape).least).toBeLessThan(memoryBounds(1_000_000, shape).most);
  });
});
