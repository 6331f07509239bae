import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { s3Store } from "../../../src/cli/publishing/s3-store.ts";
import { midx, type Outcome, type Setting } from "../run.ts";
import { writeIndexes } from "./index-files.ts";
import { readPublished } from "./reader.ts";
import { type S3Server, startS3 } from "./s3-server.ts";
import { makeWorkerFolder, R2, varsOf } from "./worker-folder.ts";

const [ID, SECRET] = ["0123456789abcdef", "fedcba9876543210/+="];
const KEY = "words/current.json";
let server: S3Server;
let config: string;
let paths: string[];

beforeEach(async () => {
  server = await startS3("words-bucket", ID, SECRET);
  config = makeWorkerFolder(...varsOf("r2"), ...R2);
  paths = await writeIndexes(3);
});
afterEach(() => server.close());

const env = () => ({ R2_ENDPOINT: `${server.url}/`, R2_ACCESS_KEY_ID: ID, R2_SECRET_ACCESS_KEY: SECRET });

/** Runs a command against the server, and checks that its output does not contain the secret. */
async function remote(argv: readonly string[], setting: Setting = {}): Promise<Outcome> {
  const outcome = await midx([...argv, "--config", config, "--remote"], { env: env(), ...setting });
  expect(outcome.stdout + outcome.stderr).not.toContain(SECRET);
  return outcome;
}
const publish = (i: number, setting?: Setting) => remote(["publish", paths[i] as string, "--as", `v${i}`], setting);
const read = async () => {
  const found = await readPublished(async (key) => server.objects.get(key), KEY);
  if (found) expect(Buffer.compare(found.bytes, readFileSync(paths[Number(found.version[1])] as string))).toBe(0);
  return found?.version;
};

describe("midx publish --remote to R2", () => {
  test("signs what it sends, publishes and goes back", async () => {
    expect(await publish(0)).toMatchObject({ code: 0, stderr: "" });
    const { code, stdout } = await publish(1);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^in +R2 bucket words-bucket: words\/current\.json$/m);
    expect(await read()).toBe("v1");
    expect(await remote(["rollback"])).toMatchObject({ code: 0, stderr: "" });
    expect(await read()).toBe("v0");
    expect(new Set(server.statuses)).toEqual(new Set([200, 404]));
  });

  test("prunes what nothing names, by pages of the listing", async () => {
    for (const i of [0, 1, 2]) await publish(i);
    const prune = await remote(["prune", "--grace-seconds", "0"]);
    expect(prune).toMatchObject({ code: 0, stderr: "" });
    expect(prune.stdout).toMatch(/^kept +v2, v1\ndeleted +2\nmarked +0\n$/);
    expect(await read()).toBe("v2");
    expect([...server.objects.keys()].filter((key) => key.includes("versions/")).sort()).toEqual(
      ["v1", "v2"].map((version) => `words/versions/${version}.json`),
    );
    server.before = async (method) => (method === "DELETE" ? 403 : undefined);
    await publish(0);
    expect(await remote(["prune", "--grace-seconds", "0"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("403 Forced: check R2_ACCESS_KEY_ID"),
    });
  });

  test("loses to a publication that came first, with 1", async () => {
    await publish(0);
    server.before = async (method, key) => {
      if (method !== "PUT" || key !== KEY) return undefined;
      server.before = async () => undefined;
      await publish(1);
      return undefined;
    };
    expect(await publish(2)).toMatchObject({
      code: 1,
      stdout: "",
      stderr:
        "error: another publication came first: R2 bucket words-bucket: words/current.json is now v1: run it again\n",
    });
    expect(await read()).toBe("v1");
    expect(server.statuses).toContain(412);
    expect((await publish(2)).code).toBe(0);
  });

  test("takes 409 for a conflict too", async () => {
    await publish(0);
    server.before = async (method, key) => (method === "PUT" && key === KEY ? 409 : undefined);
    expect(await publish(1)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("another publication came first"),
    });
    expect(await read()).toBe("v0");
  });

  test("sends again what got no answer, and knows its own put", async () => {
    await publish(0);
    let lost = 0;
    server.before = async (method, key) => (method === "PUT" && key === KEY && lost++ === 0 ? 503 : undefined);
    expect(await publish(1)).toMatchObject({ code: 0, stderr: "" });
    expect(await read()).toBe("v1");
    expect(server.statuses.slice(-3)).toEqual([503, 412, 200]);
  });

  test.each([
    ["R2_SECRET_ACCESS_KEY", "SignatureDoesNotMatch"],
    ["R2_ACCESS_KEY_ID", "InvalidAccessKeyId"],
  ])("with a wrong %s says so, and what it was about", async (name, code) => {
    const { stderr, code: exitCode } = await publish(0, { env: { ...env(), [name]: "wrong" } });
    expect(stderr).toBe(
      `error: R2 bucket words-bucket: ${KEY}: 403 ${code}: check R2_ACCESS_KEY_ID and R2_SECRET_ACCESS_KEY\n`,
    );
    expect(exitCode).toBe(1);
    expect(server.objects.size).toBe(0);
  });

  test.each(["R2_ACCESS_KEY_ID", "R2_SECRET_ACCESS_KEY"])(
    "names %s where it is missing or has a line end",
    async (name) => {
      const { [name as "R2_ENDPOINT"]: _, ...rest } = env();
      expect(await publish(0, { env: rest })).toMatchObject({
        code: 2,
        stderr: `error: the environment variable ${name} is not set\n`,
      });
      const outcome = await publish(0, { env: { ...env(), [name]: `${SECRET}\n` } });
      expect(outcome).toMatchObject({ code: 2, stderr: expect.stringContaining(`${name} expected visible ASCII`) });
    },
  );

  test("needs the account where there is no endpoint, and an endpoint by https", async () => {
    const { R2_ENDPOINT: _, ...rest } = env();
    expect((await publish(0, { env: rest })).stderr).toBe(
      "error: the environment variable CLOUDFLARE_ACCOUNT_ID is not set\n",
    );
    for (const url of ["http://r2.example.com", "words", "ftp://127.0.0.1"]) {
      const outcome = await publish(0, { env: { ...rest, R2_ENDPOINT: url } });
      expect(outcome).toMatchObject({
        code: 2,
        stderr: `error: the environment variable R2_ENDPOINT expected an https URL, got "${url}"\n`,
      });
    }
  });

  test("says where there is no answer, and which bucket is not there", async () => {
    server.objects.clear();
    const { url } = server;
    await server.close();
    expect((await publish(0)).stderr).toMatch(
      /^error: R2 bucket words-bucket: words\/current\.json: no answer: .*ECONNREFUSED/,
    );
    server = await startS3("another-bucket", ID, SECRET);
    expect(server.url).not.toBe(url);
    expect((await publish(0)).stderr).toBe(
      "error: R2 bucket words-bucket: words/current.json: 404 NoSuchBucket: create the bucket of [[r2_buckets]] with npx wrangler r2 bucket create\n",
    );
  });

  test("ends when it is interrupted while it waits for an answer", async () => {
    const controller = new AbortController();
    server.before = async () => {
      controller.abort(new Error("interrupted"));
      return new Promise((resolve) => setTimeout(resolve, 50));
    };
    expect(await publish(0, { signal: controller.signal })).toMatchObject({ code: 1, stderr: "error: interrupted\n" });
  });
});

describe("the S3 API", () => {
  test("takes keys of any characters", async () => {
    const bucket = { endpoint: server.url, bucket: "words-bucket", accessKeyId: ID, secretAccessKey: SECRET };
    const store = s3Store(bucket, new AbortController().signal);
    for (const key of ["plain.json", "wörter/a b+c (1)'!*~.json", "50%/x=1&y.json"]) {
      expect(await store.put(key, new Uint8Array([1, 2]), "absent")).toBe(true);
      expect(server.objects.has(key)).toBe(true);
      expect((await store.get(key))?.bytes).toEqual(new Uint8Array([1, 2]));
    }
  });

  test("has conditions", async () => {
    const bucket = { endpoint: server.url, bucket: "words-bucket", accessKeyId: ID, secretAccessKey: SECRET };
    const store = s3Store(bucket, new AbortController().signal);
    const [one, two] = [new Uint8Array([1]), new Uint8Array([2])];
    expect(await store.get("x")).toBeUndefined();
    expect(await store.put("x", one, { etag: '"0"' })).toBe(false);
    expect(await store.put("x", one, "absent")).toBe(true);
    const { etag } = (await store.get("x")) as { etag: string };
    expect(await store.put("x", two, "absent")).toBe(false);
    expect(await store.put("x", two, { etag })).toBe(true);
    expect(await store.put("x", one, { etag })).toBe(false);
    expect((await store.get("x"))?.bytes).toEqual(two);
  });
});
