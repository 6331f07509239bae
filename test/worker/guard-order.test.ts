import { beforeAll, describe, expect, it } from "vitest";
import { sha256 } from "../../src/bytes/sha256.ts";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { createApp } from "../../worker/app.ts";
import { fixedHost } from "../../worker/host/fixed-host.ts";
import { settingsOf } from "../../worker/host/settings.ts";
import { networkOf } from "../../worker/middleware/network.ts";
import { createWorker } from "../../worker/worker.ts";
import { callerOf, jsonInit, libraryIndex, queryOf, sendTo } from "./client.ts";

let digest: string;
let index: MultiIndex;
beforeAll(async () => {
  digest = await sha256(Uint8Array.from(new TextEncoder().encode("secret")));
  index = await libraryIndex();
});

const ADDRESS = "192.0.2.1";
const ORIGINS = "https://a.example";
const GUARDED = ["/v1/info", "/v1/audits", "/metrics", "/index.midx", "/v1/unknown", "/client/v4/unknown"];

/** A rate limiter that admits each key a number of times, and records the keys. */
function limiter(times: number) {
  const keys: string[] = [];
  const limit = async ({ key }: { key: string }) => {
    keys.push(key);
    return { success: keys.filter((asked) => asked === key).length <= times };
  };
  return { keys, limit };
}

const from = (headers: Record<string, string> = {}, init: RequestInit = {}): RequestInit => ({
  ...init,
  headers: { ...(init.headers as object), "cf-connecting-ip": ADDRESS, ...headers },
});

describe("the rate limit", () => {
  it.each(["", "Bearer wrong", "Basic c2VjcmV0", "Bearer"])(
    "comes before the 401 of authorization %j, for the address",
    async (authorization) => {
      const worker = createWorker();
      const { keys, limit } = limiter(2);
      const vars = { TOKENS: digest, RATE_LIMIT: { limit } };
      const headers = authorization === "" ? {} : { authorization };
      const statuses: number[] = [];
      for (const path of [...GUARDED, "/v1/info"])
        statuses.push((await sendTo(worker, path, vars, from(headers))).status);
      expect(statuses).toEqual([401, 401, 429, 429, 429, 429, 429]);
      expect(new Set(keys)).toEqual(new Set([ADDRESS]));
    },
  );

  it("counts a known token for itself, so that others at its address don't use up its share", async () => {
    const worker = createWorker();
    const { keys, limit } = limiter(1);
    const vars = { TOKENS: digest, RATE_LIMIT: { limit } };
    const known = from({ authorization: "Bearer secret" });
    const ask = async (init: RequestInit) => (await sendTo(worker, "/v1/info", vars, init)).status;
    expect([await ask(from()), await ask(from()), await ask(known), await ask(known)]).toEqual([401, 429, 200, 429]);
    expect(keys).toEqual([ADDRESS, ADDRESS, callerOf(digest), callerOf(digest)]);
  });

  it("is not asked for preflights, probes, or paths that there are not", async () => {
    const worker = createWorker();
    const { keys, limit } = limiter(0);
    const vars = { TOKENS: digest, RATE_LIMIT: { limit }, ORIGINS };
    const ask = async (path: string, init: RequestInit) => (await sendTo(worker, path, vars, init)).status;
    const preflight = from({ origin: ORIGINS, "access-control-request-method": "POST" }, { method: "OPTIONS" });
    expect(await ask("/v1/predict", preflight)).toBe(204);
    for (const path of ["/healthz", "/readyz", "/openapi.json"]) expect(await ask(path, from())).toBe(200);
    for (const path of ["/unknown", "/v2/info", "/v1x", "/V1/info"]) expect(await ask(path, from())).toBe(404);
    expect(keys).toEqual([]);
    expect(await ask("/v1/predict", from({}, { method: "OPTIONS" }))).toBe(204);
    expect(await ask("/v1/predict", from({}, jsonInit({})))).toBe(429);
  });

  it("counts all addresses of an IPv6 network as one caller", () => {
    const same = ["2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::", "2001:db8:1:2:0:0:0:3"];
    expect(new Set(same.map(networkOf)).size).toBe(1);
    const others = ["2001:db8:1:3::1", "2001:db8::1", "::1", "::ffff:192.0.2.1", "192.0.2.1", "192.0.2.2", "unknown"];
    expect(new Set([...same, ...others].map(networkOf)).size).toBe(1 + others.length);
    expect(networkOf("2001:db8::7")).toBe(networkOf("2001:db8:0:0:1::"));
  });
});

describe("the token", () => {
  it.each([
    ...["/v1/info", "/v1/info/", "/v1/inf%6f", "/%76%31/info", "/v1//info", "/v1/", "/v1", "/metrics", "/metrics/"],
    ...["/%6detrics", "/index.midx", "/index%2emidx", "/index.midx/", "/v1/x/../info", "//v1/info", "/./metrics"],
  ])("is asked for at %s, by every method", async (path) => {
    const worker = createWorker();
    const vars = { TOKENS: digest, DEMO: "true" };
    for (const method of ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"]) {
      const response = await sendTo(worker, path, vars, { method });
      expect([401, 404], `${method} ${path}`).toContain(response.status);
      const text = await response.text();
      expect(text).not.toContain("contentId");
      expect(text).not.toContain("midx_requests");
    }
  });

  it("comes before a slot, so that those who have none take none", async () => {
    const rateLimiter = {
      limit: ({ key }: { key: string }) =>
        key === callerOf(digest) ? Promise.resolve({ success: true }) : new Promise<never>(() => {}),
    };
    const settings = settingsOf({ tokens: [digest], maxInFlight: 1 }, { rateLimiter });
    const app = createApp({ ...fixedHost(index), settings: () => settings });
    for (let i = 0; i < 3; i++) app.request("/v1/info");
    const answer = await app.request("/v1/info", { headers: { authorization: "Bearer secret" } });
    expect(answer.status).toBe(200);
  });
});

describe("caches", () => {
  it("may keep nothing that was asked for by GET, with a token or without", async () => {
    const worker = createWorker();
    for (const path of ["/v1/info", "/metrics", "/index.midx", "/readyz", "/healthz", "/nothing"]) {
      for (const headers of [{}, { authorization: "Bearer secret" }]) {
        for (const method of ["GET", "HEAD"]) {
          const vars = { TOKENS: digest, DEMO: "true", ORIGINS };
          const response = await sendTo(worker, path, vars, { method, headers });
          expect(response.headers.get("cache-control"), path).toBe("no-store");
          expect(response.headers.get("vary")).toMatch(/origin/i);
          await response.body?.cancel();
        }
      }
    }
  });

  it("let any page read with a token where ORIGINS is *, but never send cookies", async () => {
    const vars = { TOKENS: digest, ORIGINS: "*" };
    const init = { headers: { origin: "https://any.example", authorization: "Bearer secret" } };
    const response = await sendTo(createWorker(), "/v1/info", vars, init);
    expect(response.status).toBe(200);
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(response.headers.get("access-control-allow-credentials")).toBeNull();
  });
});

it("a compressed body is refused, since nothing unpacks it and its bytes could pass for a vector", async () => {
  const { dim } = index.info;
  for (const type of ["application/json", "application/x-midx-f32"]) {
    const init = jsonInit({ vector: queryOf(dim, 1) });
    const headers = { "content-type": type, "content-encoding": "gzip" };
    const response = await sendTo(createWorker(), "/v1/predict", {}, { ...init, headers });
    expect(response.status).toBe(415);
    expect(await response.json()).toMatchObject({ detail: "content-encoding expected none, got gzip" });
  }
});
