import type { Miniflare } from "miniflare";
import { afterAll, beforeAll, describe } from "vitest";
import { objectsOf, startMiniflare, workerOf } from "../../../scripts/live-load/workers.ts";
import { logIn } from "../../../worker/live/log-in-object.ts";
import { describeLogPromises } from "./log-promises.ts";

describe("a log in a Durable Object", () => {
  let worker: Miniflare;
  beforeAll(async () => {
    worker = await startMiniflare([workerOf("live", "file", "object")]);
  });
  afterAll(() => worker.dispose());
  describeLogPromises(async (name) => logIn(await objectsOf(worker), name));
});
