import { env } from "cloudflare:workers";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createWorker } from "../../worker/worker.ts";
import { indexFile, libraryIndex, sendTo } from "./client.ts";

const BACKOFF_MS = 250;
const r2 = (key: string) => ({ INDEX_SOURCE: "r2", INDEX_KEY: key });

describe("the index", () => {
  it("comes from the assets", async () => {
    const response = await sendTo(createWorker(), "/v1/info", { INDEX_SOURCE: "assets", INDEX_KEY: "index.midx" });
    expect(await response.json()).toMatchObject({ contentId: (await libraryIndex()).info.contentId });
  });

  it("comes from R2", async () => {
    await env.INDEX.put("some/where.midx", await indexFile());
    const response = await sendTo(createWorker(), "/v1/info", r2("some/where.midx"));
    expect(await response.json()).toMatchObject({ contentId: (await libraryIndex()).info.contentId });
  });

  it("is loaded once: the file may go away", async () => {
    await env.INDEX.put("once.midx", await indexFile());
    const worker = createWorker();
    expect((await sendTo(worker, "/readyz", r2("once.midx"))).status).toBe(200);
    await env.INDEX.delete("once.midx");
    expect((await sendTo(worker, "/readyz", r2("once.midx"))).status).toBe(200);
  });
});

describe("a 503", () => {
  it.each([
    [
      r2("none/current.json"),
      "index_missing",
      'the bucket bound as INDEX has no "none/current.json": "midx publish" puts an index there',
    ],
    [
      { INDEX_SOURCE: "assets", INDEX_KEY: "none.midx" },
      "index_missing",
      'the assets have no "none.midx": put a file of "midx build" there',
    ],
  ])("for %j says why", async (vars, code, detail) => {
    const response = await sendTo(createWorker(), "/readyz", vars);
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("1");
    expect(await response.json()).toMatchObject({ status: 503, code, detail });
  });

  it("names the fault and its place in a damaged file", async () => {
    const file = await indexFile();
    await env.INDEX.put("cut.midx", file.subarray(0, file.length - 64));
    const response = await sendTo(createWorker(), "/v1/info", r2("cut.midx"));
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      code: "index_invalid",
      detail: expect.stringMatching(/at byte \d+/),
    });
  });

  it("leaves /healthz alone", async () => {
    expect((await sendTo(createWorker(), "/healthz", r2("none.midx"))).status).toBe(200);
  });

  it("is in Vectorize's envelope on /v1/query", async () => {
    const worker = createWorker();
    const request = new Request("https://midx.test/v1/query", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"vector":[1]}',
    });
    const response = await worker.fetch(request, { ...env, ...r2("none.midx") }, { waitUntil() {} } as never);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ success: false, errors: [{ code: 50301 }] });
  });
});

describe("a failed load", () => {
  it("is tried again after the back-off, and the good file is served then", async () => {
    // The clock stands still, so that a slow machine does not reach the end of the back-off by itself.
    const now = Date.now();
    const clock = vi.spyOn(Date, "now").mockReturnValue(now);
    onTestFinished(() => clock.mockRestore());
    const worker = createWorker();
    const file = await indexFile();
    await env.INDEX.put(
      "late.midx",
      file.map((byte, i) => (i === file.length >> 1 ? byte ^ 1 : byte)),
    );
    expect(await (await sendTo(worker, "/readyz", r2("late.midx"))).json()).toMatchObject({ code: "index_invalid" });
    await env.INDEX.put("late.midx", file);
    expect((await sendTo(worker, "/readyz", r2("late.midx"))).status).toBe(503);
    clock.mockReturnValue(now + BACKOFF_MS);
    expect((await sendTo(worker, "/readyz", r2("late.midx"))).status).toBe(200);
  });
});
