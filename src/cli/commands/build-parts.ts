import { resolve } from "node:path";
import type { BuildArguments } from "../building/options.ts";
import { sampleLine } from "../building/report.ts";
import { warningLines } from "../evaluating/table-warnings.ts";
import { MANIFEST_NAME } from "../files/file-kind.ts";
import { startProgress } from "../output/progress.ts";
import { tableLines } from "../output/table.ts";
import { holdSignals } from "../process/interruption.ts";
import { type Io, printJson, printLines } from "../process/io.ts";
import { type BullMq, checkQueueUrl, loadBullMq } from "../queue/bullmq.ts";
import { queueBuild } from "../queue/queue-build.ts";
import { planBelow } from "../queue/queued-task.ts";
import { isInBucket } from "../remote/address.ts";
import { PLAN_NAME, runAllTasks, writePlan } from "../tasks/build-in-parts.ts";
import type { Committed } from "../tasks/commit-task.ts";
import { leftoversIn, leftoversLine } from "../tasks/leftovers.ts";
import { folderOfParts, pathIn } from "../tasks/plan-paths.ts";
import { committedLines, outcomeEvent, outcomeLine } from "../tasks/report.ts";
import { neededRecord, openTaskFolder, removeWork, type TaskFolder } from "../tasks/task-folder.ts";
import { withThreads } from "../threads/with-threads.ts";

/** Builds parts and their manifest: in this process, or by the workers of a queue. */
export async function buildParts(path: string, given: BuildArguments, io: Io): Promise<void> {
  const folder = folderOfParts(given.output);
  const options = { ...given, output: folder };
  const { json, queue } = options;
  const refused = OF_ONE_INDEX.find((name) => options[name] !== undefined);
  if (refused) throw new RangeError(`'--${optionName(refused)}' builds one index, and this makes parts: leave it out`);
  const url = queue === undefined ? undefined : checkQueueUrl(queue);
  const bullmq = url === undefined ? undefined : await loadBullMq(); // before anything is written
  const plan = await writePlan(path, options, { folder, name: PLAN_NAME, isForOthers: url !== undefined }, io);
  const tasks = openTaskFolder(folder, plan, io, { ...options, isForeign: false });
  const committed =
    url === undefined || !bullmq
      ? await buildHere(tasks, options, io)
      : await buildByQueue(tasks, { url, bullmq }, options, io);
  const leftovers = await leftoversIn(tasks.files);
  if (json) printJson(io.stdout, { event: "built", output: pathIn(folder, MANIFEST_NAME), ...committed, leftovers });
  else printLines(io.stdout, ["", ...committedLines(folder, committed)]);
  printLines(io.stderr, warningLines(committed.warnings));
  if (options.encoder !== undefined && options.queries === undefined && options.calibrate !== "off") {
    printLines(io.stderr, [sampleLine(pathIn(folder, MANIFEST_NAME))]);
  }
  if (leftovers.length > 0) printLines(io.stderr, [leftoversLine(folder, leftovers)]);
}

/** Options that parts have no use for, so that none of them is ignored. */
const OF_ONE_INDEX = [
  ...["fit", "fitScan", "compare"],
  ...["features", "positions", "featureLabels", "pooling"],
] as const satisfies readonly (keyof BuildArguments)[];

const optionName = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

async function buildHere(tasks: TaskFolder, { threads, json }: BuildArguments, io: Io): Promise<Committed> {
  const progress = startProgress(io, json ? "json" : "text");
  try {
    return await withThreads(threads, io.signal, (pool) =>
      runAllTasks(tasks, {
        io,
        progress,
        pool,
        threads,
        onOutcome: (outcome) =>
          json ? printJson(io.stdout, outcomeEvent(outcome)) : printLines(io.stdout, [outcomeLine(outcome)]),
      }),
    );
  } finally {
    progress.stop();
  }
}

async function buildByQueue(
  tasks: TaskFolder,
  { url, bullmq }: { readonly url: string; readonly bullmq: BullMq },
  { output, json }: BuildArguments,
  io: Io,
): Promise<Committed> {
  const { plan } = tasks;
  const planPath = isInBucket(output)
    ? pathIn(output, PLAN_NAME)
    : planBelow(process.cwd(), resolve(output, PLAN_NAME));
  const progress = startProgress(io, json ? "json" : "text");
  const hold = holdSignals(() => {});
  try {
    const tally = await queueBuild(
      bullmq,
      {
        url,
        plan,
        planPath,
        progress,
        onFinished: (task, { worker, line, ...finished }) =>
          json
            ? printJson(io.stdout, { event: "task", index: task.index, task: task.name, worker, ...finished })
            : printLines(io.stdout, [`${line}, by ${worker}`]),
      },
      io,
    );
    if (!json) {
      printLines(io.stdout, ["", ...tableLines(["task", "worker", "seconds", "lost workers"], tally.rows())]);
    }
  } finally {
    progress.stop();
    hold.release();
  }
  const { result } = await neededRecord<Committed>(tasks, { name: "commit" });
  await removeWork(tasks);
  return result;
}
