import { expect, test } from "vitest";
import { Tally } from "../../../src/cli/queue/tally.ts";
import type { BuildTask } from "../../../src/cli/tasks/task-names.ts";

const TASKS: readonly BuildTask[] = [{ index: 0, name: "sample", kind: "sample" }];
const REPORT = { outcome: "done", seconds: 1.5, worker: "one:7", line: "sample done" };

test("what is no report of a worker is passed over, because others may write to the queue", () => {
  const finished: unknown[] = [];
  const tally = new Tally(TASKS, { report() {}, stop() {} }, (_, report) => finished.push(report));
  const others = [
    ...[undefined, null, 7, "{", "null", "7", "[]", {}],
    ...[{ outcome: "failed" }, { seconds: "1" }, { worker: null }, { line: undefined }].map((wrong) => ({
      ...REPORT,
      ...wrong,
    })),
  ];
  for (const report of others) tally.finish("sample", report);
  tally.finish("another", REPORT);
  expect(finished).toEqual([]);
  expect(tally.rows()).toEqual([["sample", "", "", 0]]);
  tally.finish("sample", JSON.stringify(REPORT));
  tally.finish("sample", { ...REPORT, worker: "another:8" });
  expect(finished).toEqual([REPORT]);
  expect(tally.rows()).toEqual([["sample", "one:7", "1.50", 0]]);
});
