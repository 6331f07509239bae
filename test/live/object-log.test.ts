import type { Miniflare } from "miniflare";
import { afterAll, beforeAll, describe } from "vitest";
import { startMiniflare } from "../../scripts/live-load/services.ts";
import { type LogNamespace, logIn } from "../../worker/live/log-in-object.ts";
import { describeLogPromises } from "./log-promises.ts";

describe("a log in a Durable Object", () => {
  let worker: Miniflare;
  let objects: LogNamespace;
  beforeAll(async () => {
    worker = await startMiniflare("object");
    const namespace = await worker.getDurableObjectNamespace("LOG");
    objects = {
      idFromName: (name) => namespace.idFromName(name),
      get: (id) => ({
        // Miniflare takes requests of its own class.
        async fetch(request) {
          const body = request.method === "POST" ? await request.arrayBuffer() : null;
          const response = await namespace.get(id as never).fetch(request.url, { method: request.method, body });
          return response as unknown as Response;
        },
      }),
    };
  });
  afterAll(() => worker.dispose());
  describeLogPromises(async (name) => logIn(objects, name));
});
