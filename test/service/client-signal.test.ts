import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createClient } from "../../worker/client.ts";
import { collectGarbage } from "../fixtures/collect-garbage.ts";

// Node forgets the signal of a request that nothing refers to any more.

let server: Server;
beforeAll(async () => {
  server = createServer(() => undefined).listen(0, "127.0.0.1"); // it takes requests, and is silent
  await once(server, "listening");
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

test("a call of a silent service ends by its signal, also after garbage has been collected", async () => {
  const client = createClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const asked = once(server, "request");
  const controller = new AbortController();
  const reason = new Error("it took too long");
  const ended = expect(client.predict([1, 2], { signal: controller.signal })).rejects.toBe(reason);
  await asked;
  collectGarbage();
  await new Promise((resolve) => setTimeout(resolve, 50));
  collectGarbage();
  controller.abort(reason);
  await ended;
});
