import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import type { Hono } from "hono";

/** An application behind a real socket. */
export interface Service {
  readonly url: string;
  readonly close: () => void;
}

export async function serve({ fetch }: Hono): Promise<Service> {
  // The suites of a worker share their globals: a replaced Response gives bytes without a type text/plain in all of them.
  const server = createAdaptorServer({ fetch: (request) => fetch(request), overrideGlobalObjects: false });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => void server.close() };
}
