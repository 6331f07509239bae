import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { load } from "../../src/index.ts";
import { createApp } from "../../worker/app.ts";
import { fixedHost } from "../../worker/host/fixed-host.ts";
import { EVERY } from "../run/size.ts";
import { ask, indexFile, PATIENCE, pause, question, type Server, startServe, startWorkerd } from "./slow-servers.ts";
import { connectAll, connectTo, questionHead } from "./sockets.ts";

/** More than the 256 requests under way that the service takes by default. */
const SLOW = 300;

/** The requests of /v1/predict by status, and those under way. */
async function metrics(url: string): Promise<Record<string, number>> {
  const text = await (await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(PATIENCE) })).text();
  const statuses = text.matchAll(/^midx_requests_total\{route="\/v1\/predict",status="(\d+)"\} (\d+)$/gm);
  const inFlight = /^midx_requests_in_flight (\d+)$/m.exec(text)?.[1];
  return {
    ...Object.fromEntries(Array.from(statuses, ([, status, count]) => [status, Number(count)])),
    inFlight: Number(inFlight),
  };
}

/** Waits until only this request is under way. */
async function settled(url: string): Promise<Record<string, number>> {
  for (;;) {
    const found = await metrics(url);
    if (found.inFlight === 1) return found;
    await pause(50);
  }
}

const BODIES = [
  ["of a declared length", 1_000, (bytes: string) => bytes],
  ["of a long one", 1_000_000, (bytes: string) => bytes],
  ["in chunks", "chunked", (bytes: string) => `${bytes.length.toString(16)}\r\n${bytes}\r\n`],
] as const;

describe.each([
  ["midx serve", startServe],
  ["workerd", startWorkerd],
])("%s", (name, start) => {
  let server: Server;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server.stop());

  test.each(EVERY ? BODIES : name === "workerd" ? BODIES.slice(0, 1) : BODIES.slice(2))(
    `answers while ${SLOW} bodies %s come a byte at a time, and logs nothing when they go away`,
    async (_, length, framed) => {
      const before = await metrics(server.url);
      const slow = await connectAll(SLOW, server.url, questionHead(server.url, length) + framed("{"));
      const drip = setInterval(() => {
        for (const { socket } of slow) if (socket.writable) socket.write(framed(" "));
      }, 200);
      const statuses: number[] = [];
      for (let i = 0; i < 20; i++) {
        statuses.push(await ask(server.url));
        await pause(20);
      }
      clearInterval(drip);
      expect(statuses).toEqual(new Array(20).fill(200));
      for (const { socket } of slow) socket.destroy();
      const after = await settled(server.url);
      expect(after["500"]).toBeUndefined();
      const ended = (status: string) => (after[status] ?? 0) - (before[status] ?? 0);
      expect(ended("499")).toBeGreaterThan(0);
      expect(ended("499") + ended("503") + ended("408")).toBe(SLOW);
      expect(server.log()).toBe("");
    },
  );

  test(`answers while ${SLOW} clients do not read their answers`, async () => {
    const deaf = await connectAll(SLOW, server.url, questionHead(server.url, question.length) + question);
    for (const { socket } of deaf) socket.pause();
    for (let i = 0; i < 5; i++) expect(await ask(server.url)).toBe(200);
    expect((await settled(server.url))["500"]).toBeUndefined();
    for (const { socket } of deaf) socket.destroy();
    expect(server.log()).toBe("");
  });

  test.runIf(name === "midx serve")(
    "takes no request whose length is given twice, in two ways, or by a proxy that disagrees",
    async () => {
      const { host } = new URL(server.url);
      for (const lines of [
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Content-Length: 5\r\nContent-Length: 6",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: xchunked",
        "Content-Length: +5",
        "Content-Length: 5, 6",
        "Content-Length : 5",
        "Host: evil.example",
      ]) {
        const head = `POST /v1/predict HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\n${lines}\r\n`;
        const { received, closed, socket } = await connectTo(
          server.url,
          `${head}Connection: close\r\n\r\n0\r\n\r\nGET /v1/info HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
        );
        await closed;
        socket.destroy();
        expect(received(), lines).toMatch(/^HTTP\/1\.1 4\d\d /);
        expect(received(), lines).not.toContain("itemCount");
      }
      expect(await ask(server.url)).toBe(200);
    },
  );
});

describe.concurrent("in Node", () => {
  test("a body that is too slow gets 408, and its connection is closed", async () => {
    const log = vi.spyOn(console, "error");
    const app = createApp(fixedHost(await load(indexFile()), { bodySeconds: 1 }));
    const server = createAdaptorServer({ fetch: (request) => app.fetch(request), overrideGlobalObjects: false });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const heads = [questionHead(url, 1000), questionHead(url, 1_000_000), `${questionHead(url, "chunked")}1\r\n{\r\n`];
    const slow = await Promise.all(heads.map((head) => connectTo(url, head)));
    await Promise.all(slow.map(({ closed }) => closed));
    for (const { received } of slow) expect(received()).toMatch(/^HTTP\/1\.1 408 [\s\S]*body_too_slow/);
    expect(log).not.toHaveBeenCalled();
    await new Promise((resolve) => server.close(resolve));
  });
});
