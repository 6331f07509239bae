import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { sha256 } from "../../src/bytes/sha256.ts";
import { load } from "../../src/workerd.ts";
import { createHandler, handlerOf } from "../../worker/handler.ts";
import type { Publisher } from "../../worker/publication/publication.ts";
import { publishedAt } from "../../worker/publication/published-at.ts";
import { inAssets, inBucket, inKeyValues } from "../../worker/publication/stores.ts";
import { indexFile, jsonInit, libraryIndex, queryOf } from "./client.ts";
import { publish } from "./publish.ts";

const request = (path: string, body?: object): Request =>
  new Request(`https://midx.test${path}`, body && jsonInit(body));

describe("a handler of one's own", () => {
  it("answers as the library does, with the index that its function opens", async () => {
    const index = await libraryIndex();
    const vector = queryOf(index.info.dim, 1);
    const handler = createHandler(({ ASSETS }: { ASSETS: Fetcher }) =>
      ASSETS.fetch("https://assets.invalid/index.midx"),
    );
    const response = await handler.fetch(request("/v1/sample", { vector, draws: 5, seed: 3 }), {
      ASSETS: env.ASSETS,
    });
    const { ids } = index.sample(vector, 5, { seed: 3 });
    expect(await response.json()).toMatchObject({ version: index.info.contentId.slice(0, 12), ids: Array.from(ids) });
  });

  it("opens the index once, and keeps that alive beyond the request that began it", async () => {
    const open = vi.fn(indexFile);
    const waitUntil = vi.fn();
    const { fetch } = createHandler(open);
    const answers = await Promise.all(["/readyz", "/v1/info"].map((path) => fetch(request(path), {}, { waitUntil })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(open).toHaveBeenCalledOnce();
    expect(waitUntil).toHaveBeenCalledOnce();
  });

  it("opens a response anew if it is to be read again", async () => {
    const bytes = await indexFile();
    const open = vi.fn(async () => new Response(bytes));
    let publisher: Publisher | undefined;
    handlerOf(
      (environment) => {
        publisher = environment.publisher({ env: { env: {} } } as never);
        return undefined as never;
      },
      open,
      {},
    );
    const publication = await publisher?.look();
    for (let time = 0; time < 2; time++) {
      const source = (await publication?.open()) as Response;
      expect((await source.arrayBuffer()).byteLength).toBe(bytes.byteLength);
    }
    expect(open).toHaveBeenCalledTimes(2);
  });

  it("says why there is no index", async () => {
    const { fetch } = createHandler((): Response => {
      throw new Error("the bucket is gone");
    });
    const response = await fetch(request("/readyz"), {});
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ code: "index_unreadable", detail: "the bucket is gone" });
    expect((await fetch(request("/healthz"), {})).status).toBe(200);
  });

  it.each([
    ["a function that forgets its return", undefined, "undefined"],
    ["an object that a bucket lacks", null, "null"],
    ["a name", "words.midx", "string"],
  ])("says what it expected in place of %s", async (_, source, got) => {
    const { fetch } = createHandler(() => source as never);
    const response = await fetch(request("/readyz"), {});
    const detail = `"source" expected an ArrayBuffer, view, Blob, Response or ReadableStream, got ${got}`;
    expect(await response.json()).toMatchObject({ status: 503, code: "index_unreadable", detail });
  });

  it.each([
    ["the bucket bound as WORDS", () => inBucket(undefined as never, "WORDS")],
    ["the namespace bound as INDEX_KV", () => inKeyValues(undefined as never)],
    ["the assets", () => inAssets(undefined as never)],
  ])("says in its log that %s lacks its binding", async (name, store) => {
    const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const { fetch } = createHandler(() => publishedAt(store(), "words/current.json"));
    const response = await fetch(request("/readyz"), {});
    expect(await response.json()).toMatchObject({ status: 503, code: "misconfigured" });
    expect(log.mock.lastCall?.[0]).toContain(`${name} expected a binding in wrangler.toml, got none`);
    log.mockRestore();
  });

  it("refuses a request above its work, and work that is none", async () => {
    const { fetch } = createHandler(indexFile, { maxWork: 1 });
    const { dim } = (await libraryIndex()).info;
    const response = await fetch(request("/v1/predict", { vector: queryOf(dim, 1) }), {});
    expect(await response.json()).toMatchObject({ status: 400, code: "too_much_work" });
    for (const maxWork of [0, Number.NaN, -1]) {
      expect(() => createHandler(indexFile, { maxWork })).toThrow('"maxWork" expected 1 to 9007199254740991');
    }
  });

  it("serves what is published, and what is published later, with the guards and the events that it is given", async () => {
    const put = (key: string, value: Uint8Array | string) => env.INDEX.put(key, value);
    const key = "handler/current.json";
    await publish(put, key, await indexFile(), "one");
    const writeDataPoint = vi.fn();
    const bindings = vi.fn(() => ({ events: { writeDataPoint } }));
    const kept: Promise<unknown>[] = [];
    const handler = createHandler((bound: { INDEX: R2Bucket }) => publishedAt(inBucket(bound.INDEX), key), {
      refreshSeconds: 0.001,
      tokens: [await sha256(Uint8Array.from(new TextEncoder().encode("secret")))],
      bindings,
    });
    const ask = async (authorization: string) => {
      const asked = new Request("https://midx.test/v1/info", { headers: { authorization } });
      const response = await handler.fetch(asked, env, { waitUntil: (work) => kept.push(work) });
      await Promise.all(kept);
      await new Promise((resolve) => setTimeout(resolve, 2));
      return response;
    };
    expect((await ask("Bearer other")).status).toBe(401);
    expect(await (await ask("Bearer secret")).json()).toMatchObject({ version: "one" });
    await publish(put, key, await indexFile(), "two");
    await ask("Bearer secret");
    expect(await (await ask("Bearer secret")).json()).toMatchObject({ version: "two" });
    expect(writeDataPoint.mock.calls.map(([{ blobs }]) => blobs[1])).toContain("swapped");
    expect(bindings).toHaveBeenCalledOnce(); // an environment, however often a request asks
  });

  it.each([
    ["assets", () => publishedAt(inAssets(env.ASSETS), "words/current.json"), "asset-1"],
    ["KV", () => publishedAt(inKeyValues(env.INDEX_KV), "handler/current.json"), "in-kv"],
  ])("serves what is published in %s", async (_, publisher, version) => {
    await publish((key, value) => env.INDEX_KV.put(key, value), "handler/current.json", await indexFile(), "in-kv");
    const { fetch } = createHandler(publisher);
    expect(await (await fetch(request("/readyz"), {})).json()).toMatchObject({ status: "ready", version });
  });

  it.each(["what next? #1: 100%.midx", "/what next? #1: 100%.midx"])("serves the asset %j", async (key) => {
    const other = await (await env.ASSETS.fetch("https://assets.invalid/other.midx")).arrayBuffer();
    const { contentId } = (await load(other)).info;
    const { fetch } = createHandler(() => publishedAt(inAssets(env.ASSETS), key));
    expect(await (await fetch(request("/v1/info"), {})).json()).toMatchObject({ contentId });
  });

  it.each(["index.midx", "words/current.json"])(
    "asks for the asset %s by a host that Vite's server allows",
    async (key) => {
      const asked = vi.fn(async ({ url }: Request) => {
        const { hostname } = new URL(url);
        const isAllowed = hostname === "localhost" || hostname.endsWith(".localhost");
        return isAllowed ? env.ASSETS.fetch(url) : new Response("Blocked request", { status: 403 });
      });
      const { fetch } = createHandler(() => publishedAt(inAssets({ fetch: asked }), key));
      expect((await fetch(request("/readyz"), {})).status).toBe(200);
      expect(asked).toHaveBeenCalled();
    },
  );
});
