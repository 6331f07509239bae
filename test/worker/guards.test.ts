import { describe, expect, it } from "vitest";
import { sha256 } from "../../src/bytes/sha256.ts";
import { createWorker } from "../../worker/worker.ts";
import { callerOf, jsonInit, sendTo } from "./client.ts";

const digest = (token: string): Promise<string> => sha256(Uint8Array.from(new TextEncoder().encode(token)));
const bearer = (token: string): RequestInit => ({ headers: { authorization: `Bearer ${token}` } });

describe("bearer tokens", () => {
  const vars = async () => ({ TOKENS: `${await digest("first-secret")}, ${(await digest("second")).toUpperCase()}` });

  it.each(["/v1/info", "/metrics"])("open %s to each that is listed, and to nobody else", async (path) => {
    const worker = createWorker();
    const status = async (init: RequestInit) => (await sendTo(worker, path, await vars(), init)).status;
    expect(await status(bearer("first-secret"))).toBe(200);
    expect(await status(bearer("second"))).toBe(200);
    expect(await status({ headers: { authorization: "bearer   second" } })).toBe(200);
    for (const wrong of ["", "first-secre", "first-secrett", "second first", await digest("second"), "é"]) {
      expect(await status(bearer(encodeURI(wrong))), wrong).toBe(401);
    }
    expect(await status({})).toBe(401);
    expect(await status({ headers: { authorization: `Basic ${btoa("a:second")}` } })).toBe(401);
  });

  it("answer 401 with the scheme, and in the envelope to a Vectorize client", async () => {
    const response = await sendTo(createWorker(), "/v1/info", await vars());
    expect(response.headers.get("www-authenticate")).toBe("Bearer");
    expect(await response.json()).toMatchObject({
      status: 401,
      code: "unauthorized",
      detail: expect.stringMatching(/got none$/),
    });
    const wrapped = await sendTo(createWorker(), "/v1/query", await vars(), jsonInit({}));
    expect(await wrapped.json()).toMatchObject({ success: false, errors: [{ code: 40100 }] });
  });

  it("leave the probes open", async () => {
    const worker = createWorker();
    for (const path of ["/healthz", "/readyz", "/openapi.json"]) {
      expect((await sendTo(worker, path, await vars())).status).toBe(200);
    }
  });
});

describe("origins", () => {
  const from = (origin: string, init: RequestInit = {}): RequestInit => ({
    ...init,
    headers: { ...init.headers, origin },
  });
  const preflight = (origin: string): RequestInit =>
    from(origin, {
      method: "OPTIONS",
      headers: { "access-control-request-method": "POST", "access-control-request-headers": "content-type" },
    });
  const ORIGINS = "https://a.example, https://b.example";

  it("may call where they are listed", async () => {
    const worker = createWorker();
    const asked = await sendTo(
      worker,
      "/v1/predict",
      { ORIGINS, TOKENS: await digest("x") },
      preflight("https://b.example"),
    );
    expect(asked.status).toBe(204);
    expect(asked.headers.get("access-control-allow-origin")).toBe("https://b.example");
    expect(asked.headers.get("access-control-allow-methods")).toBe("GET,POST");
    expect(asked.headers.get("access-control-allow-headers")).toContain("content-type");
    const response = await sendTo(worker, "/v1/info", { ORIGINS }, from("https://a.example"));
    expect(response.headers.get("access-control-allow-origin")).toBe("https://a.example");
    expect(response.headers.get("access-control-expose-headers")).toContain("x-index-version");
    expect(response.headers.get("vary")).toMatch(/origin/i);
  });

  it("read errors too", async () => {
    const response = await sendTo(createWorker(), "/v1/predict", { ORIGINS }, from("https://a.example", jsonInit("{")));
    expect(response.status).toBe(400);
    expect(response.headers.get("access-control-allow-origin")).toBe("https://a.example");
  });

  it.each([
    [ORIGINS, "https://evil.example"],
    [ORIGINS, "https://a.example.evil.example"],
    [ORIGINS, "null"],
    [undefined, "https://a.example"],
  ])("that %j does not list are told nothing: %s", async (list, origin) => {
    for (const init of [from(origin), preflight(origin)]) {
      const vars = list === undefined ? {} : { ORIGINS: list };
      const response = await sendTo(createWorker(), "/v1/info", vars, init);
      expect(response.headers.get("access-control-allow-origin")).toBeNull();
    }
  });

  it("may be all", async () => {
    const response = await sendTo(createWorker(), "/v1/info", { ORIGINS: "*" }, from("https://any.example"));
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
  });
});

describe("a rate limit", () => {
  /** Admits each caller this many times. */
  const limiter = (times: number) => {
    const left = new Map<string, number>();
    const limit = async ({ key }: { key: string }) => {
      left.set(key, (left.get(key) ?? times) - 1);
      return { success: (left.get(key) as number) >= 0 };
    };
    return { left, limit };
  };

  it("answers 429 and when to come back, to each address on its own", async () => {
    const worker = createWorker();
    const { limit } = limiter(2);
    const ask = (address: string) =>
      sendTo(worker, "/v1/info", { RATE_LIMIT: { limit } }, { headers: { "cf-connecting-ip": address } });
    expect((await ask("192.0.2.1")).status).toBe(200);
    expect((await ask("192.0.2.1")).status).toBe(200);
    const refused = await ask("192.0.2.1");
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe("10");
    expect(await refused.json()).toMatchObject({ status: 429, code: "rate_limited" });
    expect((await ask("192.0.2.2")).status).toBe(200);
    expect((await sendTo(worker, "/healthz", { RATE_LIMIT: { limit } })).status).toBe(200);
  });

  it("counts tokens where one is known, and addresses of those who have none", async () => {
    const worker = createWorker();
    const { left, limit } = limiter(1);
    const vars = { RATE_LIMIT: { limit }, TOKENS: `${await digest("a")} ${await digest("b")}` };
    const ask = async (token: string) => (await sendTo(worker, "/v1/info", vars, bearer(token))).status;
    expect([await ask("a"), await ask("a"), await ask("b"), await ask("c")]).toEqual([200, 429, 200, 401]);
    const [a, b] = [callerOf(await digest("a")), callerOf(await digest("b"))];
    expect([...left.keys()]).toEqual([a, b, "unknown"]);
  });
});
