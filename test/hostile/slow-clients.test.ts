import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { startBareWorkerd } from "../../bench/service/bare-workerd.ts";
import { indexFileRoute } from "../../src/cli/serving/index-file-route.ts";
import { load } from "../../src/index.ts";
import { build } from "../../src/train/index.ts";
import { createApp } from "../../worker/app.ts";
import { fixedHost } from "../../worker/host/fixed-host.ts";
import { bundleCli } from "../cli/bundle.ts";
import { noise } from "../cli/noise.ts";
import { type Connection, connectAll, connectTo, questionHead } from "./sockets.ts";

const [ITEM_COUNT, DIM] = [60, 4];
/** More than the 256 requests under way that the service takes by default. */
const SLOW = 300;
/** If a test waits longer than this for an answer (ms), the server is locked up. */
const PATIENCE = 600_000;

interface Server {
  readonly url: string;
  readonly log: () => string;
  stop(): Promise<void>;
}

const folder = mkdtempSync(join(tmpdir(), "midx-slow-"));
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

let file: Uint8Array;
let cli: Awaited<ReturnType<typeof bundleCli>>;
beforeAll(async () => {
  file = await build(
    { data: noise(ITEM_COUNT * DIM, 1), shape: [ITEM_COUNT, DIM] },
    { bits: 2, seed: 1, calibrate: "off" },
  );
  writeFileSync(join(folder, "index.midx"), file);
  cli = await bundleCli();
});
afterAll(() => {
  cli.remove();
  rmSync(folder, { recursive: true });
});

/** Starts the published command in a separate process. */
async function startServe(): Promise<Server> {
  const server = spawn(process.execPath, [cli.cli, "serve", join(folder, "index.midx"), "--port", "0", "--json"]);
  let log = "";
  server.stderr.on("data", (data) => {
    log += data;
  });
  const [line] = (await once(server.stdout, "data")) as [Buffer];
  server.stdout.on("data", (data) => {
    log += data;
  });
  const stop = async (): Promise<void> => {
    const ended = once(server, "exit");
    server.kill("SIGTERM");
    await ended;
  };
  return { url: JSON.parse(line.toString()).url, log: () => log, stop };
}

async function startWorkerd(): Promise<Server> {
  let log = "";
  const onLog = (text: string) => {
    log += text;
  };
  const server = await startBareWorkerd(
    "worker/index.ts",
    { "index.midx": file },
    { vars: { BODY_SECONDS: "300" }, onLog },
  );
  return { ...server, log: () => log };
}

const question = JSON.stringify({ vector: new Array(DIM).fill(0.5), k: 3 });

async function ask(url: string): Promise<number> {
  const response = await fetch(`${url}/v1/predict`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: question,
    signal: AbortSignal.timeout(PATIENCE),
  });
  await response.text();
  return response.status;
}

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

describe.each([
  ["midx serve", startServe],
  ["workerd", startWorkerd],
])("%s", (_, start) => {
  let server: Server;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server.stop());

  test.each([
    ["of a declared length", 1_000, (bytes: string) => bytes],
    ["of a long one", 1_000_000, (bytes: string) => bytes],
    ["in chunks", "chunked", (bytes: string) => `${bytes.length.toString(16)}\r\n${bytes}\r\n`],
  ] as const)(
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
});

describe.concurrent("midx serve, of connections", () => {
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

  test("takes no request whose length is given twice, in two ways, or by a proxy that disagrees", async () => {
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
  });
});

describe.concurrent("in Node", () => {
  test("a body that is too slow gets 408, and its connection is closed", async () => {
    const log = vi.spyOn(console, "error");
    const app = createApp(fixedHost(await load(file), { bodySeconds: 1 }));
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
