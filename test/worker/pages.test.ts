import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { ServiceEnv } from "../../worker/environment/env.ts";
import { createLiveWorker } from "../../worker/live.ts";
import liveSequences from "../../worker/live-sequences.ts";
import sequences from "../../worker/sequences.ts";
import { createWorker } from "../../worker/worker.ts";
import { assetFile, sendTo } from "./client.ts";
import { publish } from "./publish.ts";

const DEMO = { DEMO: "true" };
const NOWHERE = { fetch: async () => new Response("not here", { status: 404 }) };

describe("the pages", () => {
  it("are the demo at / and its files, as HTML and scripts", async () => {
    const worker = createWorker();
    const page = await sendTo(worker, "/", DEMO);
    expect(page.headers.get("content-type")).toContain("text/html");
    expect(await page.text()).toContain("<title>a page</title>");
    const script = await sendTo(worker, "/page/page.js", DEMO);
    expect(script.headers.get("content-type")).toContain("javascript");
    expect(script.headers.get("x-request-id")).toBeTruthy();
  });

  it.each(["assets", "r2"])("are given the index file that is served, from %s", async (source) => {
    const file = await assetFile("other.midx");
    await publish((key, value) => env.INDEX.put(key, value), "demo/current.json", file, "other");
    const key = source === "r2" ? "demo/current.json" : "other.midx";
    const response = await sendTo(createWorker(), "/index.midx", { ...DEMO, INDEX_SOURCE: source, INDEX_KEY: key });
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(file);
  });

  it.each(["/", "/page/page.js", "/index.midx"])("%s is not there unless DEMO says so", async (path) => {
    for (const vars of [{}, { DEMO: "false" }]) {
      const response = await sendTo(createWorker(), path, vars);
      expect(response.status).toBe(404);
      const detail = `${path} belongs to the demo page: set DEMO = "true" to serve it`;
      expect(await response.json()).toMatchObject({ code: "not_found", detail });
    }
  });

  it.each(["/", "/page/page.js", "/index.midx"])(
    "%s is not there where classes change, and it says why",
    async (path) => {
      for (const worker of [createLiveWorker(), liveSequences]) {
        const response = await sendTo(worker, path, DEMO);
        expect(response.status).toBe(404);
        const detail = `${path} belongs to the demo page, and a service that takes changes has none: the page compares answers with the index file, which lacks the changes`;
        expect(await response.json()).toMatchObject({ code: "not_found", detail });
      }
    },
  );

  it.each(["/page/none.js", "/page/..%2findex.midx", "/page/", "/other.midx", "/words/current.json"])(
    "are nothing else of the assets: %s",
    async (path) => {
      const response = await sendTo(createWorker(), path, DEMO);
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ code: "not_found" });
    },
  );

  it.each(["/openapi.json", "/"])(
    "say which files %s needs, where a deployment has no assets, or others",
    async (path) => {
      for (const ASSETS of [undefined, NOWHERE]) {
        const vars = { ...DEMO, ASSETS } as Partial<ServiceEnv>;
        const response = await sendTo(createWorker(), path, vars);
        expect(response.status).toBe(404);
        expect(await response.json()).toMatchObject({
          code: "not_found",
          detail: expect.stringMatching(/^the Worker's assets have no \S+: copy openapi.json and page\/ from/),
        });
      }
    },
  );

  it.each([
    ["openapi.json", createWorker(), " and page/"],
    ["sequences-openapi.json", sequences, " and page/"],
    ["live-openapi.json", createLiveWorker(), ""],
    ["live-sequences-openapi.json", liveSequences, ""],
  ])("have the description of the service with or without the demo: %s", async (name, worker, page) => {
    const response = await sendTo(worker, "/openapi.json");
    expect(response.headers.get("content-type")).toContain("application/json");
    expect(await response.json()).toEqual({ openapi: "3.1.0", name });
    const missing = await sendTo(worker, "/openapi.json", { ASSETS: NOWHERE });
    expect(await missing.json()).toHaveProperty("detail", expect.stringContaining(`copy ${name}${page} from`));
  });
});
