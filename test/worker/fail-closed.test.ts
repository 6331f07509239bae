import { afterEach, describe, expect, it, vi } from "vitest";
import { createHandler } from "../../worker/handler.ts";
import { settingsOf } from "../../worker/host/settings.ts";
import { createWorker } from "../../worker/worker.ts";
import { indexFile, jsonInit, sendTo } from "./client.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const DIGEST = "0".repeat(64);
const EVERY_PATH = [
  "/v1/info",
  "/v1/audits",
  "/v1/predict",
  "/v1/query",
  "/metrics",
  "/readyz",
  "/healthz",
  "/index.midx",
  "/",
  "/no",
];
const BLANK = ["", " ", ",", ",\n", "\t\r\n", "\u00a0", "\ufeff"];
const VARIABLES = [
  ...["TOKENS", "ORIGINS", "MAX_WORK", "MAX_IN_FLIGHT", "BODY_SECONDS", "AUDIT_RATE", "REFRESH_SECONDS"],
  ...["DEMO", "AUDIT_QUERIES", "LOG_DRAWS"],
];

/** Expects the same 503 at every path, which does not repeat the fault. The log names it once per request. */
async function expectClosed(vars: Record<string, unknown>, message: RegExp): Promise<void> {
  const log = vi.spyOn(console, "error").mockImplementation(() => {});
  const worker = createWorker();
  for (const path of EVERY_PATH) {
    for (const init of [
      {},
      { method: "HEAD" },
      { method: "OPTIONS", headers: { origin: "https://a.example" } },
      jsonInit({}),
    ]) {
      log.mockClear();
      const response = await sendTo(worker, path, vars, init);
      expect(response.status, path).toBe(503);
      expect(response.headers.get("access-control-allow-origin")).toBeNull();
      // The request id is random, so it can hold any short value, such as "99e99", by chance.
      const text = (await response.text()).replace(/"requestId":"[^"]*"/, "");
      if (init.method !== "HEAD")
        expect(text).toContain("a setting of the service is wrong, and its log says which one");
      for (const value of Object.values(vars)) {
        if (String(value).trim().length > 3 && String(value) !== "null") expect(text).not.toContain(String(value));
      }
      expect(log.mock.calls).toEqual([[expect.stringMatching(message)]]);
    }
  }
}

describe("a variable that is set but blank closes the service", () => {
  it.each(VARIABLES.flatMap((name) => BLANK.map((value) => [name, value])))("%s = %j", async (name, value) => {
    await expectClosed({ [name]: value }, new RegExp(`"${name}" expected a value, got blank text or none`));
  });
});

describe("a variable that is malformed closes the service", () => {
  const NUMBERS = ["MAX_WORK", "MAX_IN_FLIGHT", "BODY_SECONDS", "AUDIT_RATE", "REFRESH_SECONDS"];
  const BAD = [
    "lots",
    "NaN",
    "Infinity",
    "-Infinity",
    "0x10",
    "1,000",
    "1 000",
    "1e400",
    "-1",
    "--1",
    "99e99",
    "1;",
    "null",
  ];

  it.each(NUMBERS.flatMap((name) => BAD.map((value) => [name, value])))("%s = %j", async (name, value) => {
    await expectClosed({ [name]: value }, new RegExp(`"${name}" expected .*got`));
  });

  it.each([
    ["MAX_WORK", "0"],
    ["MAX_WORK", 0],
    ["MAX_WORK", "9007199254740993"],
    ["MAX_IN_FLIGHT", "0"],
    ["MAX_IN_FLIGHT", 0],
    ["MAX_IN_FLIGHT", "65537"],
    ["BODY_SECONDS", "0"],
    ["BODY_SECONDS", "601"],
    ["AUDIT_RATE", "1.01"],
    ["REFRESH_SECONDS", "86401"],
    ["DEMO", "yes"],
    ["DEMO", "TRUE"],
    ["DEMO", 1],
    ["AUDIT_QUERIES", "yes"],
    ["LOG_DRAWS", "0"],
    ["LOG_DRAWS", {}],
    ["TOKENS", "my-secret"],
    ["TOKENS", `${DIGEST},my-secret`],
    ["TOKENS", DIGEST.slice(1)],
    ["TOKENS", `${DIGEST}0`],
    ["TOKENS", `sha256:${DIGEST}`],
    ["TOKENS", `${DIGEST.slice(1)}g`],
    ["TOKENS", true],
    ["TOKENS", null],
    ["TOKENS", []],
    ["TOKENS", "\u200b"],
    ["ORIGINS", "example.com"],
    ["ORIGINS", "https://example.com/"],
    ["ORIGINS", "https://Example.com"],
    ["ORIGINS", "https://*.example.com"],
    ["ORIGINS", "null"],
    ["ORIGINS", "*, https://example.com"],
  ])("%s = %j", async (name, value) => {
    await expectClosed({ [name]: value }, new RegExp(`"${name}(\\[\\d\\])?" expected`));
  });

  it("and a token that was given instead of its digest is not in the log", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    await sendTo(createWorker(), "/v1/info", { TOKENS: "my-secret" });
    expect(JSON.stringify(log.mock.calls)).not.toContain("my-secret");
  });

  it("whichever source of the index is named", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    const response = await sendTo(createWorker(), "/readyz", { INDEX_SOURCE: "ftp" });
    expect(await response.json()).toMatchObject({ status: 503, code: "misconfigured" });
    expect(log.mock.calls[0]?.[0]).toContain('"INDEX_SOURCE" expected "assets", "r2" or "kv", got "ftp"');
  });
});

describe("a binding that is a variable, or of another kind, closes the service", () => {
  it.each([
    ["RATE_LIMIT", "100", "a variable"],
    ["RATE_LIMIT", "", "a variable"],
    ["RATE_LIMIT", { get() {} }, "a binding of another kind"],
    ["EVENTS", "my-events", "a variable"],
  ])("%s = %j", async (name, value, given) => {
    await expectClosed({ [name]: value }, new RegExp(`"${name}" expected a binding of \\[\\[\\w+]] .*, got ${given}$`));
  });

  const namespace = { get: () => null, getWithMetadata() {} };
  const bucket = { get: () => null, head() {} };
  it.each([
    ["kv", "INDEX_KV", "0123", "[[kv_namespaces]]", "a variable"],
    ["kv", "INDEX_KV", bucket, "[[kv_namespaces]]", "a binding of another kind"],
    ["r2", "INDEX", namespace, "[[r2_buckets]]", "a binding of another kind"],
    ["r2", "INDEX", {}, "[[r2_buckets]]", "a binding of another kind"],
    ["assets", "ASSETS", "assets", "[assets]", "a variable"],
    ["r2", "INDEX", undefined, "[[r2_buckets]]", "none"],
    ["kv", "INDEX_KV", undefined, "[[kv_namespaces]]", "none"],
  ])("INDEX_SOURCE = %j with %s = %j", async (source, name, binding, table, given) => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    const response = await sendTo(createWorker(), "/readyz", { INDEX_SOURCE: source, [name]: binding });
    expect(await response.json()).toMatchObject({ status: 503, code: "misconfigured" });
    const message = `"${name}" expected a binding of ${table} in wrangler.toml for "INDEX_SOURCE" ${source}, got ${given}`;
    expect(log.mock.calls[0]?.[0]).toContain(message);
  });

  it("and one that its source does not read may be anything", async () => {
    const response = await sendTo(createWorker(), "/readyz", { INDEX_KV: "mine" } as object);
    expect(response.status).toBe(200);
  });
});

it("variables may have space around them, and be numbers and booleans of TOML", async () => {
  const vars = {
    MAX_WORK: 1e6,
    MAX_IN_FLIGHT: " 5\n",
    AUDIT_RATE: 0,
    REFRESH_SECONDS: "1e2",
    DEMO: true,
    AUDIT_QUERIES: false,
    LOG_DRAWS: false,
  };
  const response = await sendTo(createWorker(), "/v1/info", vars as object);
  expect(response.status).toBe(200);
});

describe("options", () => {
  it.each([
    [{ maxWork: 0 }, '"maxWork" expected 1 to 9007199254740991, got 0'],
    [{ maxWork: Number.POSITIVE_INFINITY }, '"maxWork" expected 1 to 9007199254740991, got Infinity'],
    [{ maxInFlight: 0 }, '"maxInFlight" expected 1 to 65536, got 0'],
    [{ bodySeconds: 0 }, '"bodySeconds" expected 1 to 600, got 0'],
    [{ refreshSeconds: -1 }, '"refreshSeconds" expected 0 to 86400, got -1'],
    [{ auditRate: 1.5 }, '"auditRate" expected 0 to 1, got 1.5'],
    [{ auditQueries: 1 }, '"auditQueries" expected true or false, got 1'],
    [{ logDraws: "false" }, '"logDraws" expected true or false, got "false"'],
    [{ tokens: ["secret"] }, '"tokens[0]" expected a SHA-256 digest, 64 hex digits'],
    [{ tokens: [undefined] }, '"tokens[0]" expected a SHA-256 digest'],
    [
      { tokens: [] },
      '"tokens" expected a list of at least one SHA-256 digest; to open the service to everyone, leave it out',
    ],
    [{ tokens: undefined }, '"tokens" expected a list'],
    [{ tokens: DIGEST }, '"tokens" expected a list'],
    [{ token: [DIGEST] }, '"token" is not an option of the service: it takes maxWork, '],
    [{ origins: "*" }, '"origins" expected a list'],
    [{ origins: ["*", "*"] }, '"origins[0]" expected an origin such as'],
  ])("%j are refused by name", (options, message) => {
    expect(() => settingsOf(options as object)).toThrow(message);
    expect(() => createHandler(indexFile, options as object)).toThrow(message);
  });
});
