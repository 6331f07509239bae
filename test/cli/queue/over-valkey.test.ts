import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { FlowProducer, QueueEvents } from "bullmq";
import { Redis } from "ioredis";
import { describe, expect, test } from "vitest";
import { SERVER } from "../../../scripts/engines/valkey.ts";
import { connectionTo, QUEUE_NAME } from "../../../src/cli/queue/bullmq.ts";
import { EVERY } from "../../run/size.ts";
import { bytesOf, makeFolder, npyBytes, npyLiteral } from "../files.ts";
import { noise } from "../run.ts";
import { hashesOf } from "../tasks/words.ts";
import { childrenOf, installedCommands, isRunning, type Running, until } from "./commands.ts";
import { valkeyForTest } from "./valkey.ts";

const start = installedCommands();

const ROWS = 2000;

function sharedFolder(): string {
  const folder = makeFolder();
  writeFileSync(join(folder, "rows.npy"), npyBytes(npyLiteral("<f4", `(${ROWS}, 8)`), bytesOf(noise(ROWS * 8, 3))));
  return folder;
}

/** What a build leaves, without the plan. */
function builtFiles(folder: string): Record<string, string> {
  const { "plan.json": _, ...built } = hashesOf(folder);
  return built;
}

describe.skipIf(SERVER === undefined)(
  `midx build --queue and midx worker, over ${SERVER ?? "valkey-server, which is not installed"}`,
  () => {
    // bucket-queue.test.ts kills one of two workers, which share less: `npm run test:cases` has three in a folder, too.
    test.runIf(EVERY)("three workers, one of them killed with its task, write the files of one process", async () => {
      const url = await valkeyForTest();
      const folder = sharedFolder();
      const options = ["rows.npy", "--bits", "4", "--calibrate", "off", "--parts", "3"];
      const one = start(folder, "build", ...options, "-o", "one");
      expect(await one.ended, one.text()).toBe(0);
      const workers = [0, 1, 2].map(() => start(folder, "worker", "--queue", url));
      const planner = start(folder, "build", ...options, "-o", "three", "--queue", url);
      const hasPart = ({ text }: Running): boolean => /^part-\d+: taken$/m.test(text());
      await until(
        () => workers.some(hasPart),
        () => planner.text() + workers.map(({ text }) => text()).join(""),
      );
      const victim = workers.find(hasPart) as Running;
      const tasks = process.platform === "linux" ? childrenOf(victim.process.pid as number) : [];
      victim.process.kill("SIGKILL");
      expect(await planner.ended, planner.text()).toBe(0);
      const lost = victim.text().match(/^(part-\d+): taken$/m)?.[1];
      expect(planner.text(), "another worker has taken it").toMatch(
        new RegExp(`^${lost} +\\S+ +[\\d.]+ +[1-9]\\d*$`, "m"),
      );
      expect(builtFiles(join(folder, "three"))).toEqual(builtFiles(join(folder, "one")));
      expect(tasks.filter(isRunning), "the task of a killed worker ends with it").toEqual([]);
    });

    test("a task that fails ends the build with its reason, and is tried again only if that may help", async () => {
      const url = await valkeyForTest();
      const folder = sharedFolder();
      const build = ["build", "rows.npy", "--bits", "8", "--parts", "2", "-o", "words", "--queue", url, "--max-memory"];
      const refused = start(folder, ...build, "1");
      expect(await refused.ended).toBe(2);
      // The least for the training sample is too little for a part, which counts the classes of 65,536 buckets.
      const [, least = ""] = /'--max-memory' expected at least (\d+) MiB/.exec(refused.text()) ?? [];
      const planner = start(folder, ...build, least);
      // A worker that waits for the planner may have left before a slow machine has started it.
      await until(() => planner.text().includes("tasks wait in"), planner.text);
      const worker = start(folder, "worker", "--queue", url, "--idle", "5");
      expect(await planner.ended).toBe(1);
      expect(planner.text()).toMatch(/^error: part-000\d failed: '--max-memory' expected at least \d+ MiB/m);
      expect(await worker.ended, worker.text()).toBe(0);
      expect(worker.text().match(/^part-000\d failed/gm)?.length).toBeLessThanOrEqual(2);
    });

    test("a worker takes no task that leads out of its folder, whoever put it into the queue", async () => {
      const url = await valkeyForTest();
      const folder = sharedFolder();
      const worker = start(folder, "worker", "--queue", url, "--idle", "10");
      await until(() => worker.text().includes("waiting for tasks"), worker.text);
      const connection = connectionTo(url);
      const [flows, events] = [
        new FlowProducer({ connection }),
        new QueueEvents(QUEUE_NAME, { connection, lastEventId: "0-0" }),
      ];
      await events.waitUntilReady();
      for (const data of [
        { plan: "../plan.json", task: "sample" },
        { plan: "words/plan.json", task: "--help" },
      ]) {
        const { job } = await flows.add({ name: "x", queueName: QUEUE_NAME, data });
        await expect(job.waitUntilFinished(events)).rejects.toThrow(/^"(plan|task)" expected/);
      }
      await Promise.all([flows.close(), events.close()]);
      expect(await worker.ended, worker.text()).toBe(0);
      expect(worker.text()).toContain("finished 0 tasks, and none came for 10 seconds");
    });

    test("a planner says so where the queue has lost its tasks, and a second build takes what is finished", async () => {
      const url = await valkeyForTest();
      const folder = sharedFolder();
      const build = ["build", "rows.npy", "--bits", "4", "--parts", "2", "--calibrate", "off", "-o", "words"];
      const planner = start(folder, ...build, "--queue", url);
      await until(() => planner.text().includes("tasks wait in"), planner.text);
      await sleep(500);
      const server = new Redis(url);
      await server.flushall();
      server.disconnect();
      expect(await planner.ended, planner.text()).toBe(1);
      expect(planner.text()).toContain(
        "error: the queue has lost its tasks: see that it keeps its data, and run this again",
      );
      const worker = start(folder, "worker", "--queue", url, "--idle", "5");
      const again = start(folder, ...build, "--queue", url);
      expect(await again.ended, again.text()).toBe(0);
      expect(await worker.ended, worker.text()).toBe(0);
    });

    test("interrupting the planner takes the waiting tasks back", async () => {
      const url = await valkeyForTest();
      const folder = sharedFolder();
      const planner = start(folder, "build", "rows.npy", "--bits", "4", "--parts", "2", "-o", "words", "--queue", url);
      await until(() => planner.text().includes("tasks wait in"), planner.text);
      await sleep(500);
      planner.process.kill("SIGINT");
      expect(await planner.ended, planner.text()).toBe(130);
      const worker = start(folder, "worker", "--queue", url, "--idle", "1");
      expect(await worker.ended, worker.text()).toBe(0);
      expect(worker.text()).toContain("finished 0 tasks");
    });
  },
);

test("a queue that does not answer is named, without its password, by workers and planners", async () => {
  const folder = sharedFolder();
  const queue = ["--queue", "redis://:secret@127.0.0.1:1"];
  const started = [
    start(folder, "worker", ...queue),
    start(folder, "build", "rows.npy", "--parts", "2", "-o", "two", ...queue),
  ];
  for (const { ended, text } of started) {
    expect(await ended, text()).toBe(1);
    expect(text()).toMatch(/^error: redis:\/\/…@127\.0\.0\.1:1 is not reachable \(.*\): start Valkey or Redis there$/m);
  }
});
