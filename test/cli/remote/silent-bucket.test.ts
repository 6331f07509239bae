import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { s3Store } from "../../../src/cli/publishing/s3-store.ts";
import { s3Client } from "../../../src/cli/remote/s3-client.ts";
import { collectGarbage } from "../../fixtures/collect-garbage.ts";

// Node forgets the signal of a request that nothing refers to any more.

const CREDENTIALS = { accessKeyId: "a", secretAccessKey: "b" };
let server: Server;
let endpoint: string;
beforeAll(async () => {
  server = createServer(() => undefined).listen(0, "127.0.0.1"); // it takes requests, and is silent
  await once(server, "listening");
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function collectWhileAsked(): Promise<void> {
  await once(server, "request");
  collectGarbage();
  await new Promise((resolve) => setTimeout(resolve, 50));
  collectGarbage();
}

test("a bucket that is silent is given up after the deadline, also after garbage has been collected", async () => {
  const tries = { most: 1, deadline: 1000, firstWait: 1 };
  const settings = { endpoint, region: "auto", ...CREDENTIALS };
  const client = s3Client(settings, "bucket", new AbortController().signal, tries);
  const collected = collectWhileAsked();
  await expect(client.ask({ method: "GET", key: "x" })).rejects.toThrow("it took longer than 1 seconds");
  await collected;
});

test("a publication to a bucket that is silent can be interrupted, also after garbage has been collected", async () => {
  const controller = new AbortController();
  const collected = collectWhileAsked();
  const ended = expect(s3Store({ endpoint, bucket: "b", ...CREDENTIALS }, controller.signal).get("x")).rejects;
  const reason = new Error("interrupted");
  void collected.then(() => controller.abort(reason));
  await ended.toBe(reason);
});
