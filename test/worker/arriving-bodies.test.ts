import { afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { createApp } from "../../worker/app.ts";
import { MAX_ARRIVING_BYTES, MAX_BATCH_BYTES } from "../../worker/contract/limits.ts";
import { fixedHost } from "../../worker/host/fixed-host.ts";
import { type ServiceOptions, settingsOf } from "../../worker/host/settings.ts";
import { jsonInit, libraryIndex, queryOf } from "./client.ts";

let index: MultiIndex;
let question: Uint8Array<ArrayBuffer>;
beforeAll(async () => {
  index = await libraryIndex();
  question = bytesOf({ vector: queryOf(index.info.dim, 1) });
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** The limit of the test in ms. Vitest's own limit is longer than workerd lets a request be idle. */
const DEADLINE_PATIENCE = 20_000;

const bytesOf = (body: object) => Uint8Array.from(new TextEncoder().encode(JSON.stringify(body)));
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A service, and requests to it whose bodies the test sends chunk by chunk. */
function service(options: ServiceOptions, addressOf: (request: Request) => string = () => "unknown") {
  const settings = settingsOf(options);
  const app = createApp({ ...fixedHost(index), settings: () => settings, address: (c) => addressOf(c.req.raw) });
  const open = (headers: Record<string, string> = {}) => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>(undefined, { highWaterMark: 1e9 });
    const writer = writable.getWriter();
    const init = jsonInit("");
    const response = Promise.resolve(
      app.request("/v1/predict", { ...init, headers: { ...init.headers, ...headers }, body: readable }),
    );
    const send = async (bytes = question) => {
      await writer.write(bytes);
      await writer.close();
    };
    return { response, writer, send };
  };
  const ask = () => app.request("/v1/predict", jsonInit(new TextDecoder().decode(question)));
  const metric = async (name: string) => {
    const text = await (await app.request("/metrics")).text();
    return Number(
      text
        .split("\n")
        .find((line) => line.startsWith(`${name} `))
        ?.slice(name.length),
    );
  };
  return { app, open, ask, metric };
}

describe("requests under way", () => {
  it("give up the oldest body that still arrives for a new one, and take every body that comes in time", async () => {
    const { open, ask, metric } = service({ maxInFlight: 3 });
    const slow = [open(), open(), open()];
    await pause(10);
    expect((await ask()).status).toBe(200);
    for (const { send } of slow.slice(1)) await send();
    for (const { response } of slow.slice(1)) expect((await response).status).toBe(200);
    const shed = await (slow[0] as (typeof slow)[0]).response;
    expect(shed.status).toBe(503);
    expect(shed.headers.get("retry-after")).toBe("1");
    expect(await shed.json()).toMatchObject({ code: "overloaded", detail: expect.stringContaining("too slowly") });
    expect(await metric("midx_requests_in_flight")).toBe(1);
  });

  it("lets the caller go first who has most bodies arriving, not the one who came first", async () => {
    const { open, ask } = service({ maxInFlight: 4 }, (request) => request.headers.get("x-from") ?? "good");
    const patient = open({ "x-from": "patient" });
    const greedy = [1, 2, 3].map(() => open({ "x-from": "greedy" }));
    await pause(10);
    for (let i = 0; i < 2; i++) expect((await ask()).status).toBe(200);
    expect((await (greedy[0] as (typeof greedy)[0]).response).status).toBe(503);
    await patient.send();
    expect((await patient.response).status).toBe(200);
  });

  it("refuse what is new, unread, where every body is complete", async () => {
    let letIn: (served: Awaited<ReturnType<ReturnType<typeof fixedHost>["served"]>>) => void = () => {};
    const loading = new Promise<Parameters<typeof letIn>[0]>((resolve) => {
      letIn = resolve;
    });
    const settings = settingsOf({ maxInFlight: 2 });
    const app = createApp({ ...fixedHost(index), settings: () => settings, served: () => loading });
    const waiting = [1, 2].map(() => app.request("/v1/predict", jsonInit(new TextDecoder().decode(question))));
    await pause(10);
    const pull = vi.fn();
    const unread = new ReadableStream({ pull }, { highWaterMark: 0 });
    const refused = await app.request("/v1/predict", { ...jsonInit(""), body: unread });
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).toBe("1");
    expect(await refused.json()).toMatchObject({
      code: "overloaded",
      detail: "2 requests are in flight: retry later",
    });
    expect(pull).not.toHaveBeenCalled();
    expect((await app.request("/healthz")).status).toBe(200);
    letIn({ index, version: "now" });
    for (const response of waiting) expect((await response).status).toBe(200);
    expect((await app.request("/v1/info")).status).toBe(200);
  });

  it("are forgotten when they never end, as those of clients that have gone may in Workers", async () => {
    const settings = settingsOf({ maxInFlight: 2, bodySeconds: 1 });
    const never = { ...fixedHost(index), settings: () => settings, served: () => new Promise<never>(() => {}) };
    const app = createApp(never);
    for (let i = 0; i < 2; i++) app.request("/v1/info");
    await pause(1);
    expect((await app.request("/metrics")).status).toBe(503);
    vi.spyOn(Date, "now").mockReturnValue(Date.now() + 32_000);
    expect((await app.request("/metrics")).status).toBe(200);
  });
});

describe("a body", () => {
  it(
    "that is not complete in time gets 408, and its slot is free",
    async () => {
      const { open, metric } = service({ bodySeconds: 1 });
      const silent = open();
      const dripping = open();
      const timer = setInterval(() => dripping.writer.write(Uint8Array.of(32)).catch(() => clearInterval(timer)), 50);
      onTestFinished(() => {
        clearInterval(timer);
        for (const { writer } of [silent, dripping]) writer.abort().catch(() => undefined);
      });
      for (const { response } of [silent, dripping]) {
        const late = await response;
        expect(late.status).toBe(408);
        expect(await late.json()).toMatchObject({
          code: "body_too_slow",
          detail: "the body was not complete in time: send it faster",
        });
      }
      expect(await metric("midx_requests_in_flight")).toBe(1);
      expect(await metric('midx_requests_total{route="/v1/predict",status="408"}')).toBe(2);
    },
    DEADLINE_PATIENCE,
  );

  it("takes no more memory than the limit together with all that arrive, the largest caller's going first", async () => {
    const { open, ask } = service({}, (request) => request.headers.get("x-from") ?? "good");
    const several = bytesOf({ vectors: [queryOf(index.info.dim, 1)] });
    const half = new Uint8Array(MAX_BATCH_BYTES / 2).fill(32);
    const good = open({ "x-from": "good" });
    await good.writer.write(half);
    const bad = Array.from({ length: (2 * MAX_ARRIVING_BYTES) / MAX_BATCH_BYTES }, () => open({ "x-from": "bad" }));
    for (const { writer } of bad) await writer.write(half);
    await pause(50);
    expect((await (bad[0] as (typeof bad)[0]).response).status).toBe(503);
    await good.send(several);
    expect((await good.response).status).toBe(200);
    expect((await ask()).status).toBe(200);
    for (const { send, response } of bad.slice(1)) {
      await send(several);
      expect((await response).status).toBe(200);
    }
  });

  it("of a client that has gone is counted as 499, without a stack in the log", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    const { open, metric } = service({});
    const gone = [open(), open({ "content-length": "100" })];
    await pause(10);
    for (const { writer } of gone) await writer.abort(new Error("Network connection lost."));
    for (const { response } of gone) expect((await response).status).toBe(499);
    expect(await metric('midx_requests_total{route="/v1/predict",status="499"}')).toBe(2);
    expect(await metric("midx_requests_in_flight")).toBe(1);
    expect(log).not.toHaveBeenCalled();
  });

  it("may come a byte at a time", async () => {
    const { open } = service({});
    const { writer, response } = open();
    for (const byte of question) await writer.write(Uint8Array.of(byte));
    await writer.close();
    expect((await response).status).toBe(200);
  });
});
