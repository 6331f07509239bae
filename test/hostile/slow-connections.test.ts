import { once } from "node:events";
import { truncateSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { indexFileRoute } from "../../src/cli/serving/index-file-route.ts";
import { ask, folder, pause, type Server, startServe } from "./slow-servers.ts";
import { type Connection, connectAll, connectTo } from "./sockets.ts";

// What takes long to see: connections that are closed after ten seconds, and a large file that nobody reads.

describe("midx serve, of connections", () => {
  let server: Server;
  beforeAll(async () => {
    server = await startServe();
  });
  afterAll(() => server.stop());

  test("closes those that send nothing, half a head, or a head a byte at a time", async () => {
    const start = `GET /v1/info HTTP/1.1\r\nHost: ${new URL(server.url).host}\r\n`;
    const silent = await Promise.all([...(await connectAll(50, server.url, "")), connectTo(server.url, start)]);
    const dripping = await connectTo(server.url, start);
    const drip = setInterval(() => dripping.socket.writable && dripping.socket.write("x"), 500);
    expect(await ask(server.url)).toBe(200);
    await Promise.all([...silent, dripping].map(({ closed }: Connection) => closed));
    clearInterval(drip);
  });
});

describe("in Node", () => {
  test("a file is read as its clients take it", async () => {
    const large = join(folder, "large.midx");
    const byteLength = 64 * 2 ** 20;
    writeFileSync(large, "");
    truncateSync(large, byteLength);
    const app = new Hono();
    indexFileRoute(app, large);
    const server = createAdaptorServer({ fetch: (request) => app.fetch(request), overrideGlobalObjects: false });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { external: before } = process.memoryUsage();
    const head = `GET /index.midx HTTP/1.1\r\nHost: ${new URL(url).host}\r\n\r\n`;
    const deaf = await connectAll(20, url, head);
    await Promise.all(deaf.map(({ socket }) => once(socket, "data").then(() => socket.pause())));
    await pause(200);
    expect(process.memoryUsage().external - before).toBeLessThan(2 * byteLength);
    let length = 0;
    for await (const chunk of (await fetch(`${url}/index.midx`)).body ?? []) length += chunk.byteLength;
    expect(length).toBe(byteLength);
    for (const { socket } of deaf) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
});
