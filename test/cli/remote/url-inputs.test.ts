import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { HAS_NGINX, startNginx } from "../../../scripts/engines/nginx.ts";
import { EVERY } from "../../run/size.ts";
import { makeFolder } from "../files.ts";
import { fail, hashesOf, succeed } from "../tasks/words.ts";
import { type FileServer, startFiles } from "./file-server.ts";
import { BUILDS, inputFiles, placed } from "./inputs.ts";

const FILES = inputFiles();

/** Writes the input files to a folder. */
function filesFolder(): string {
  const folder = makeFolder();
  for (const [name, bytes] of Object.entries(FILES)) writeFileSync(join(folder, name), bytes);
  return folder;
}

/** Builds in two parts, and returns the hashes of what the build leaves, without its plan. */
async function built(argv: readonly string[]): Promise<Record<string, string>> {
  const folder = join(makeFolder(), "words");
  await succeed("build", ...argv, "--parts", "2", "-o", folder);
  const { "plan.json": _, ...rest } = hashesOf(folder);
  return rest;
}

const hostOf = ({ url }: FileServer): string => new URL(url).host;

describe("a build of files at URLs", () => {
  test.each(Object.keys(BUILDS).filter((name) => EVERY || name === "npy" || name === "parquet"))(
    "writes the same files as from a disk: %s",
    async (name) => {
      const argv = BUILDS[name] as string[];
      const folder = filesFolder();
      const server = await startFiles(FILES);
      const expected = await built(placed(argv, (file) => join(folder, file)));
      expect(Object.keys(expected)).toHaveLength(3);
      // Every third request fails: the status of a server that is busy, or a connection that is cut in the middle.
      server.fault = (_, count) => (count % 3 > 0 ? undefined : count % 2 > 0 ? { status: 503 } : { cutAt: 1000 });
      expect(await built(placed(argv, (file) => `${server.url}/${file}`))).toEqual(expected);
      const requested = new Set(server.requests.map(({ path }) => path));
      for (const file of argv.filter((text) => text in FILES)) expect(requested).toContain(`/${file}`);
    },
  );

  test.skipIf(!HAS_NGINX)("writes the same files from nginx", async () => {
    const folder = filesFolder();
    const { url, stop } = await startNginx(folder, makeFolder());
    onTestFinished(stop);
    for (const name of ["npy", "parquet"]) {
      const argv = BUILDS[name] as string[];
      const expected = await built(placed(argv, (file) => join(folder, file)));
      expect(await built(placed(argv, (file) => `${url}/${file}`))).toEqual(expected);
    }
    const index = join(makeFolder(), "words.midx");
    expect(await fail(1, "build", `${url}/absent.npy`, "-o", index)).toContain(
      `error: ${url}/absent.npy: 404: there is no such file: correct the URL`,
    );
  });

  test("writes the same single file, in memory and on disk", async () => {
    const folder = filesFolder();
    const server = await startFiles(FILES);
    const one = async (place: string, ...extra: string[]): Promise<Buffer> => {
      const path = join(makeFolder(), "words.midx");
      const argv = placed(BUILDS.npy as string[], (file) => `${place}/${file}`);
      await succeed("build", ...argv, ...extra, "-o", path);
      return readFileSync(path);
    };
    const expected = await one(folder);
    expect(Buffer.compare(await one(server.url), expected)).toBe(0);
    expect(Buffer.compare(await one(server.url, "--max-memory", "400"), expected)).toBe(0);
  });
});

describe("a plan of files at URLs", () => {
  async function planned(): Promise<{ server: FileServer; plan: string; run: (index: number) => string[] }> {
    const server = await startFiles(FILES);
    const plan = join(makeFolder(), "words", "plan.json");
    const argv = placed(BUILDS.npy as string[], (file) => `${server.url}/${file}`);
    await succeed("build-plan", ...argv, "--parts", "2", "-o", plan);
    const run = (index: number) => ["build-task", plan, "--index", String(index), "--allow-host", hostOf(server)];
    return { server, plan, run };
  }

  test("is for tasks that ask only hosts that their user has named", async () => {
    const { server, plan, run } = await planned();
    const before = server.requests.length;
    const message = await fail(2, "build-task", plan, "--index", "0");
    expect(message).toContain(
      `the plan names ${server.url}/rows.npy: if you trust it, allow its host with --allow-host ${hostOf(server)}`,
    );
    await fail(2, "build-task", plan, "--index", "0", "--allow-host", "127.0.0.1", "example.com");
    expect(server.requests).toHaveLength(before);
    for (const index of [0, 1, 3, 2, 4, 5]) await succeed(...run(index));
    const { "plan.json": _, ...hashes } = hashesOf(join(plan, ".."));
    const folder = filesFolder();
    expect(hashes).toEqual(await built(placed(BUILDS.npy as string[], (file) => join(folder, file))));
  });

  test.each(["rows.npy", "labels.txt", "bias.npy", "queries.npy"])(
    "notices in every task that %s is another one",
    async (name) => {
      const { server, run } = await planned();
      const bytes = Buffer.from(FILES[name] as Uint8Array);
      const changed = Buffer.from(bytes);
      changed.writeUInt8(1, changed.byteLength - 3);
      const refused = `error: ${server.url}/${name}: the file has changed since the plan was made (${bytes.byteLength} bytes, "`;
      server.files.set(`/${name}`, changed);
      expect(await fail(1, ...run(0))).toContain(refused);
      server.files.set(`/${name}`, bytes);
      await succeed(...run(0));
      await succeed(...run(1));
      server.files.set(`/${name}`, changed);
      expect(await fail(1, ...run(2))).toContain(refused);
      server.files.set(`/${name}`, bytes);
      await succeed(...run(2));
    },
  );
});

test("a plan of a model in shards at a URL is one of the shard that has the rows", async () => {
  const server = await startFiles(FILES);
  const plan = join(makeFolder(), "words", "plan.json");
  const index = `${server.url}/model.safetensors.index.json`;
  await succeed("build-plan", index, "--tensor", "weight", "--parts", "2", "-o", plan);
  const shard = Object.keys(FILES).find((name) => name.startsWith("model-00001")) as string;
  const changed = Buffer.from(FILES[shard] as Uint8Array);
  changed.writeUInt8(1, changed.byteLength - 3);
  server.files.set(`/${shard}`, changed);
  expect(await fail(1, "build-task", plan, "--index", "0", "--allow-host", hostOf(server))).toContain(
    `error: ${server.url}/${shard}: the file has changed since the plan was made`,
  );
});

describe("URLs that are refused", () => {
  test("by name, with what to do", async () => {
    const server = await startFiles({ ...FILES, "rows.npz": Buffer.from("PK\x05\x06".padEnd(22, "\0")) });
    const output = join(makeFolder(), "words.midx");
    const refusals: [argv: string[], message: string][] = [
      [[`${server.url}/rows.npz`], `${server.url}/rows.npz: an archive is not read from a URL: download it first`],
      [["https://me:secret@example.com/rows.npy"], "https://example.com/rows.npy: expected a URL without a user"],
      [[`${server.url}/rows`], `${server.url}/rows: 404`],
      [["s3://words/rows.npy"], "the environment variable AWS_ACCESS_KEY_ID is not set"],
      [[`${server.url}/rows.npy`, "--s3-endpoint", "ftp://example.com"], "'--s3-endpoint' expected an https URL"],
    ];
    for (const [argv, message] of refusals.slice(0, 4)) {
      const stderr = await fail(message.endsWith(": 404") ? 1 : 2, "build", ...argv, "-o", output);
      expect(stderr).toContain(message);
      expect(stderr).not.toContain("secret");
    }
    const elsewhere = "URLs are for the inputs of builds and for manifests of builds in parts: download the file first";
    expect(await fail(2, "inspect", `${server.url}/rows.npy`)).toContain(elsewhere);
    expect(await fail(2, "build", `${server.url}/rows.npy`, "-o", "s3://words/x.midx")).toContain(
      "only parts go to a bucket, so pass --parts or --part-rows",
    );
  });
});
