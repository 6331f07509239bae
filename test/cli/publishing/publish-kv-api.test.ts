import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { midx, type Outcome, type Setting } from "../run.ts";
import { writeIndexes } from "./index-files.ts";
import { type KvServer, startKv } from "./kv-server.ts";
import { readPublished } from "./reader.ts";
import { KV, makeWorkerFolder, varsOf } from "./worker-folder.ts";

const TOKEN = "v1.0-secret-token";
const KEY = "words/current.json";
let server: KvServer;
let config: string;
let paths: string[];

beforeEach(async () => {
  server = await startKv("account", "0123abcd", TOKEN);
  config = makeWorkerFolder(...varsOf("kv"), ...KV);
  paths = await writeIndexes(3);
});
afterEach(() => server.close());

const env = () => ({
  CLOUDFLARE_API_BASE_URL: server.url,
  CLOUDFLARE_API_TOKEN: TOKEN,
  CLOUDFLARE_ACCOUNT_ID: "account",
});

/** Runs a command against the server, and checks that its output does not contain the token. */
async function remote(argv: readonly string[], setting: Setting = {}): Promise<Outcome> {
  const whole: Setting = { env: env(), ...setting };
  const outcome = await midx([...argv, "--config", config, "--remote"], whole);
  for (const token of [TOKEN, whole.env?.CLOUDFLARE_API_TOKEN])
    if (token) expect(outcome.stdout + outcome.stderr).not.toContain(token.trim());
  return outcome;
}
const publish = (i: number, setting?: Setting) => remote(["publish", paths[i] as string, "--as", `v${i}`], setting);
const read = async () => {
  const found = await readPublished(async (key) => server.values.get(key), KEY);
  if (found) expect(Buffer.compare(found.bytes, readFileSync(paths[Number(found.version[1])] as string))).toBe(0);
  return found?.version;
};

describe("midx publish --remote to KV", () => {
  test("publishes and goes back, by a token", async () => {
    expect(await publish(0)).toMatchObject({ code: 0, stderr: "" });
    const { code, stdout } = await publish(1);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^in +KV namespace 0123abcd: words\/current\.json$/m);
    expect(await read()).toBe("v1");
    expect(await remote(["rollback"])).toMatchObject({ code: 0, stderr: "" });
    expect(await read()).toBe("v0");
  });

  test("prunes what nothing names, by pages of the listing", async () => {
    for (const i of [0, 1, 2]) await publish(i);
    const prune = await remote(["prune", "--grace-seconds", "0"]);
    expect(prune).toMatchObject({ code: 0, stderr: "" });
    expect(prune.stdout).toMatch(/^kept +v2, v1\ndeleted +2\nmarked +0\n$/);
    expect(await read()).toBe("v2");
    expect([...server.values.keys()].filter((key) => key.includes("versions/")).sort()).toEqual(
      ["v1", "v2"].map((version) => `words/versions/${version}.json`),
    );
  });

  test("loses to a publication that came before it compared, with 1", async () => {
    await publish(0);
    let looks = 0;
    server.before = async (method, key) => {
      if (method !== "GET" || key !== KEY || ++looks !== 2) return undefined;
      await publish(1);
      return undefined;
    };
    expect(await publish(2)).toMatchObject({
      code: 1,
      stderr:
        "error: another publication came first: KV namespace 0123abcd: words/current.json is now v1: run it again\n",
    });
    expect(await read()).toBe("v1");
  });

  test("with a wrong token says so, and prints neither", async () => {
    const outcome = await publish(0, { env: { ...env(), CLOUDFLARE_API_TOKEN: "another-secret" } });
    expect(outcome).toMatchObject({
      code: 1,
      stderr: `error: KV namespace 0123abcd: ${KEY}: 403 10000 no entry: Bearer …: check CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID\n`,
    });
    expect(server.values.size).toBe(0);
  });

  test.each(["CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID"])(
    "names %s where it is missing or has a line end",
    async (name) => {
      const whole: Record<string, string> = env();
      const outcome = await publish(0, { env: { ...whole, [name]: "" } });
      expect(outcome).toMatchObject({ code: 2, stderr: `error: the environment variable ${name} is not set\n` });
      expect(await publish(0, { env: { ...whole, [name]: `${whole[name]}\n` } })).toMatchObject({
        code: 2,
        stderr: expect.stringContaining(`${name} expected visible ASCII`),
      });
    },
  );

  test("does not take a namespace that is not there for an empty one, nor a failure", async () => {
    const elsewhere = await remote(["rollback"], { env: { ...env(), CLOUDFLARE_ACCOUNT_ID: "other" } });
    expect(elsewhere).toMatchObject({ code: 1, stderr: expect.stringContaining("404 10013 namespace not found") });
    server.before = async () => 503;
    expect(await publish(0)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("503 10001 service unavailable"),
    });
    server.before = async (method) => (method === "PUT" ? 429 : undefined);
    expect(await publish(0)).toMatchObject({ code: 1, stderr: expect.stringMatching(/words\/parts\/\w+: 429 10001/) });
  });
});
