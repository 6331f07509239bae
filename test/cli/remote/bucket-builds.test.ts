import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { bucketOf } from "../../../src/cli/remote/bucket.ts";
import { s3Client } from "../../../src/cli/remote/s3-client.ts";
import { s3Settings } from "../../../src/cli/remote/s3-settings.ts";
import { uploadFile } from "../../../src/cli/remote/upload.ts";
import { EVERY } from "../../run/size.ts";
import { makeFolder, writeInput } from "../files.ts";
import {
  envOf,
  expectedHashes,
  FILES,
  hashesInBucket,
  manifest,
  plan,
  ROWS,
  run,
  SETTINGS,
  server,
  task,
  withBucket,
} from "./bucket-build.ts";

withBucket();

/** The objects of a build whose parts are finished, for the tests that begin there. */
let unmeasured: ReadonlyMap<string, Buffer> | undefined;
async function finishParts(): Promise<void> {
  if (!unmeasured) {
    await run(0, plan());
    for (const name of ["sample", "train", "part-0000", "part-0001"]) await run(0, task(name));
    unmeasured = new Map(server.objects);
  }
  for (const [key, bytes] of unmeasured) server.objects.set(key, bytes);
}

describe("a build in a bucket", () => {
  test("leaves the objects that a folder would have, and no records", async () => {
    const expected = await expectedHashes();
    const { stdout } = await run(0, ["build", ...ROWS, ...SETTINGS, "-o", "s3://words/out/"]);
    expect(stdout).toMatch(/^wrote +s3:\/\/words\/out\/manifest\.json$/m);
    expect(hashesInBucket("out/")).toEqual(expected);
    expect(Object.keys(expected)).toHaveLength(3);
  });

  test("is the same by tasks in any order, which share nothing else, and keeps what is finished", async () => {
    await run(0, plan());
    expect(await run(0, [...task("train"), "--list"])).toMatchObject({ stdout: expect.stringContaining("4 measure") });
    expect((await run(1, task("train"))).stderr).toContain("the task sample is not finished");
    for (const name of ["sample", "train", "part-0001", "part-0000", "measure", "commit"]) await run(0, task(name));
    expect((await run(0, task("part-0001"))).stdout).toContain("it was finished before, so nothing was done");
    const records = Object.entries(hashesInBucket("out/")).filter(([key]) => key.startsWith("tasks-"));
    const built = Object.entries(hashesInBucket("out/")).filter(([key]) => !key.startsWith("tasks-"));
    expect(records).toHaveLength(6 + 2);
    expect(Object.fromEntries(built)).toEqual(await expectedHashes());
  });

  test("puts its manifest only in the place of the one that it has read", async () => {
    await finishParts();
    await run(0, task("measure"));
    server.before = async (method, key) => {
      if (method === "PUT" && key === "out/manifest.json") server.objects.set(key, Buffer.from("another"));
      return undefined;
    };
    expect((await run(1, task("commit"))).stderr).toContain(
      "another build has written s3://words/out/manifest.json in the meantime: run the task commit again",
    );
    expect(server.objects.get("out/manifest.json")?.toString()).toBe("another");
    let puts = 0;
    server.before = async (method, key) =>
      method === "PUT" && key === "out/manifest.json" && puts++ === 0 ? 503 : undefined;
    await run(0, task("commit"));
    expect(puts, "the first answer was lost, and the second try found its own manifest").toBe(2);
    expect(server.statuses).toContain(412);
    expect((await manifest()).classes).toBe(700);
  });

  test("refuses rows and records that have changed", async () => {
    await run(0, plan());
    await run(0, task("sample"));
    server.objects.set("in/rows.npy", Buffer.from(FILES["rows.npy"] as Uint8Array).fill(1, 200, 201));
    await run(0, task("train"));
    expect((await run(1, task("part-0000"))).stderr).toContain(
      "error: s3://words/in/rows.npy: the file has changed since the plan was made (",
    );
    server.objects.set("in/rows.npy", Buffer.from(FILES["rows.npy"] as Uint8Array));
    const codebooks = [...server.objects.keys()].find((key) => key.endsWith("codebooks.safetensors")) as string;
    const damaged = Buffer.from(server.objects.get(codebooks) as Buffer);
    server.objects.set(codebooks, damaged.fill(1, damaged.byteLength - 1));
    expect((await run(1, task("part-0000"))).stderr).toContain("codebooks.safetensors is not what its task wrote");
  });

  test("names a part that is damaged before the manifest does, whether it can be opened or not", async () => {
    await finishParts();
    const key = [...server.objects.keys()].find((name) => name.includes("part-0001-")) as string;
    const whole = server.objects.get(key) as Buffer;
    for (const at of [0, ...(EVERY ? [whole.byteLength >> 1] : []), whole.byteLength - 1]) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] as number) ^ 1;
      server.objects.set(key, damaged);
      const { stderr } = await run(1, task("measure"));
      expect(stderr).toMatch(/part-0001-\w+\.midx is damaged: remove it, and run the task part-0001 again\n$/);
    }
    server.objects.set(key, whole);
    await run(0, task("measure"));
  });
});

describe("what is refused", () => {
  test("credentials that are wrong or missing, buckets and objects that are not there", async () => {
    const build = (rows: string, output = "s3://words/out") => ["build", rows, ...SETTINGS, "-o", output];
    const [rows] = ROWS as [string];
    const env = envOf(server.url);
    const wrong = await run(1, build(rows), { env: { ...env, AWS_SECRET_ACCESS_KEY: "wrong" } });
    expect(wrong.stderr).toContain(
      `error: ${rows}: 403 SignatureDoesNotMatch: check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`,
    );
    const { AWS_SECRET_ACCESS_KEY: _, ...some } = env;
    expect((await run(2, build(rows), { env: some })).stderr).toContain("AWS_SECRET_ACCESS_KEY is not set");
    expect((await run(2, build(rows), { env: envOf("http://s3.example.com") })).stderr).toContain(
      "expected an https URL",
    );
    for (const scheme of ["http", "https"]) {
      const { stderr } = await run(2, build(rows), { env: envOf(`${scheme}://me:pass@word@s3.example.com`) });
      expect(stderr).toContain("AWS_ENDPOINT_URL expected an https URL without a user and a password");
      expect(stderr).toMatch(new RegExp(`, got "${scheme}://…@s3\\.example\\.com"\n$`));
    }
    expect((await run(1, build("s3://words/in/absent.npy"))).stderr).toContain(
      "error: s3://words/in/absent.npy: 404 NoSuchKey: there is no such object: correct the URL",
    );
    expect((await run(1, build(rows, "s3://others/out"))).stderr).toContain(
      "error: s3://others/out/plan.json: 404 NoSuchBucket: create the bucket",
    );
    expect((await run(1, ["build-task", "s3://words/no/plan.json", "--index", "0"])).stderr).toContain(
      "error: s3://words/no/plan.json: 404 NoSuchKey",
    );
    expect((await run(2, ["build", "s3://words/in/", "-o", join(makeFolder(), "x.midx")])).stderr).toContain(
      "error: s3://words/in/ names no object of the bucket",
    );
    expect(server.objects.size, "nothing was written").toBe(Object.keys(FILES).length);
  });

  test("a plan in a bucket that names files of a machine, by who makes it and by who gets it", async () => {
    const rows = writeInput("rows.npy", FILES["rows.npy"] as Uint8Array);
    const message = `"embeddings" expected a URL, since the plan is in a bucket, got the file ${rows}`;
    expect((await run(2, ["build-plan", rows, ...SETTINGS, "-o", "s3://words/out/plan.json"])).stderr).toContain(
      message,
    );
    expect(server.objects.has("out/plan.json")).toBe(false);
    await run(0, ["build", rows, ...SETTINGS, "-o", "s3://words/one"]);
    server.objects.set("out/plan.json", server.objects.get("one/plan.json") as Buffer);
    expect((await run(2, task("sample"))).stderr).toContain(message);
  });

  test("a plan in a bucket that names other files of the machine that made it", async () => {
    const metadata = writeInput("metadata.jsonl", '{"price":1}\n'.repeat(700));
    const older = join(makeFolder(), "older.midx");
    await run(0, ["build", "s3://words/in/rows.npy", "--bits", "3", "--calibrate", "off", "-o", older]);
    for (const [name, ...options] of [
      ["--metadata", "--metadata", metadata, "--columns", "price:number"],
      ["--warm-from", "--warm-from", older],
    ]) {
      const argv = ["build-plan", "s3://words/in/rows.npy", ...SETTINGS, ...options, "-o", "s3://words/out/plan.json"];
      const { stderr } = await run(2, argv);
      expect(stderr).toContain(`'${name}' expected nothing, since other machines lack the file`);
    }
    expect(server.objects.has("out/plan.json")).toBe(false);
  });
});

describe("an upload in several pieces", () => {
  const bucket = () => {
    const settings = s3Settings(envOf(server.url), undefined);
    return bucketOf(
      s3Client(settings, "words", new AbortController().signal, { most: 3, firstWait: 1, deadline: 60_000 }),
    );
  };
  const large = Buffer.alloc(2 ** 24 + 12345);
  for (let i = 0; i < large.length; i++) large[i] = (i * 2654435761) >>> 24;
  const largeFile = (): string => {
    const path = join(makeFolder(), "large.midx");
    writeFileSync(path, large);
    return path;
  };

  test("is tried again, appears in one step, and is left where it is there already", async () => {
    const path = largeFile();
    const seen: string[] = [];
    server.before = async (method) => {
      return seen.push(method) % 2 === 0 ? 503 : undefined; // with its effect: only the answer is lost
    };
    await uploadFile(bucket(), "out/large.midx", path);
    server.before = async () => undefined;
    expect(Buffer.compare(server.objects.get("out/large.midx") as Buffer, large)).toBe(0);
    const before = server.statuses.length;
    await uploadFile(bucket(), "out/large.midx", path);
    expect(server.statuses.slice(before)).toEqual([200]);
  });

  test("that fails leaves nothing", async () => {
    let pieces = 0;
    server.before = async (method) => (method === "PUT" && pieces++ === 1 ? 403 : undefined);
    await expect(uploadFile(bucket(), "out/large.midx", largeFile())).rejects.toThrow("s3://words/out/large.midx: 403");
    expect(server.objects.has("out/large.midx")).toBe(false);
    expect(server.statuses.at(-1), "the upload is ended").toBe(204);
  });
});
