import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleCli } from "../cli/bundle.ts";
import { makeFolder } from "../cli/files.ts";
import { midx } from "../cli/run.ts";
import { serving } from "../cli/serving/serving.ts";
import { EVERY } from "../run/size.ts";
import { type PartedFiles, partedIndex, queryOf, type Succession, succession } from "./parted-files.ts";
import { type Served, startServe, writeParted } from "./processes.ts";

const SIZES = [70, 50, 80];
const SWAPS = EVERY ? 20 : 7;
const K = 6;
const vector = Array.from(queryOf(1));
let bestOf: Succession["bestOf"];
const folder = mkdtempSync(join(tmpdir(), "midx-parts-"));
const manifestPath = join(folder, "manifest.json");
const tokenFile = join(folder, "token");
const running = new Set<Served>();
let versions: Succession["versions"];
let bundle: Awaited<ReturnType<typeof bundleCli>>;

async function start(...argv: string[]): Promise<Served> {
  const served = await startServe(bundle.cli, [manifestPath, ...argv]);
  running.add(served);
  return served;
}

const startPart = (number: number, port = "0") =>
  start("--part", String(number), "--port", port, "--token-file", tokenFile);
const startRouter = (parts: readonly Served[], ...more: string[]) =>
  start(
    ...parts.flatMap(({ url }) => ["--part-at", url]),
    ...["--part-token-file", tokenFile, "--port", "0", "--refresh-seconds", "0.05", ...more],
  );

async function ask({ url }: { readonly url: string }, body: object, path = "/v1/predict") {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${url}${path}`, { method: "POST", headers, body: JSON.stringify({ vector, ...body }) });
  return { status: response.status, answer: await response.json() };
}

beforeAll(async () => {
  writeFileSync(tokenFile, "secret-of-the-parts\n");
  ({ versions, bestOf } = await succession(SWAPS + 1, { seed: 70, sizes: SIZES, k: K }));
  writeParted(folder, versions[0] as PartedFiles);
  bundle = await bundleCli();
});
afterAll(async () => {
  for (const served of running) await served.kill();
  bundle.remove();
  rmSync(folder, { recursive: true });
});

describe("processes over HTTP", () => {
  let parts: Served[];
  let router: Served;

  beforeAll(async () => {
    parts = await Promise.all(SIZES.map((_, number) => startPart(number)));
    router = await startRouter(parts);
  });

  test("answer with the bits of one process", async () => {
    const parted = await partedIndex(versions[0] as PartedFiles);
    const { ids, probabilities } = await parted.predict(queryOf(1), K, { seed: 5, scan: 40 });
    const { status, answer } = await ask(router, { k: K, seed: 5, scan: 40 });
    expect(status).toBe(200);
    expect(answer).toMatchObject({ version: "v0", ids: Array.from(ids), probabilities: Array.from(probabilities) });
    expect((await ask(router, { k: K, exact: true })).answer).toMatchObject(bestOf.get("v0") as object);
  });

  test("nest: a router answers as a part of another one", async () => {
    const above = await start("--part-at", router.url, "--part-groups", "3", "--port", "0");
    expect((await ask(above, { k: K, exact: true })).answer).toMatchObject(bestOf.get("v0") as object);
  });

  test("a part answers only who has its token", async () => {
    const [part] = parts as [Served];
    const response = await fetch(`${part.url}/v1/partial`, { method: "POST", body: new Uint8Array(3) });
    expect(response.status).toBe(401);
    const without = await start(...parts.flatMap(({ url }) => ["--part-at", url]), "--port", "0");
    const { status, answer } = await ask(without, {});
    expect([status, answer.code]).toEqual([503, "part_missing"]);
    expect(answer.detail).toContain("authorization expected a known bearer token");
  });

  test("a part that is killed is missing until it is there again", async () => {
    const [, killed] = parts as [Served, Served];
    await killed.kill();
    const missing = await ask(router, { k: K });
    expect([missing.status, missing.answer.code]).toEqual([503, "part_missing"]);
    const some = await ask(router, { k: K, exact: true, partial: "allow" });
    expect(some.answer).toMatchObject({ exact: false, coverage: { parts: 2, of: 3, classes: 150 / 200 } });
    parts[1] = await startPart(1, killed.port);
    expect((await ask(router, { k: K, exact: true })).answer).toMatchObject(bestOf.get("v0") as object);
  });

  test(`${SWAPS} swaps of a manifest and two restarts of a router under load mix nothing and fail nothing else`, async () => {
    const seen = new Set<string>();
    const outcomes = new Set<string>();
    let isOver = false;
    const client = async (): Promise<void> => {
      while (!isOver) {
        if (!EVERY) await sleep(2); // the servers need the processors, too
        const { status, answer } = await ask(router, { k: K, exact: true }).catch(() => ({ status: 0, answer: {} }));
        if (status === 0) continue; // the router is gone for a moment
        outcomes.add(status === 200 ? "200" : `${status} ${answer.code} ${answer.detail}`);
        if (status !== 200) continue;
        seen.add(answer.version);
        expect(answer).toMatchObject({ exact: true, ...bestOf.get(answer.version) });
      }
    };
    const clients = [client(), client(), client()];
    for (const [i, files] of versions.entries()) {
      writeParted(folder, files);
      if (i === 3 || i === 6) {
        await router.kill();
        router = await startRouter(parts);
      }
      await expect.poll(() => seen.has(files.manifest.version), { timeout: 120_000, interval: 5 }).toBe(true);
    }
    isOver = true;
    await Promise.all(clients);
    expect([...outcomes]).toEqual(["200"]);
    expect(seen.size).toBe(SWAPS + 1);
    writeParted(folder, versions[0] as PartedFiles);
  });
});

describe("midx serve of a manifest in one process", () => {
  test("answers as its parts do, and follows the manifest", async () => {
    const own = makeFolder();
    const path = writeParted(own, versions[3] as PartedFiles);
    const outcome = await serving([path, "--refresh-seconds", "0.05"], async (url) => {
      const { ids, logPartition } = await (await partedIndex(versions[3] as PartedFiles)).predict(queryOf(1), K, {
        seed: 1,
      });
      expect((await ask({ url }, { k: K, seed: 1 })).answer).toMatchObject({ ids: Array.from(ids), logPartition });
      writeParted(own, versions[4] as PartedFiles);
      const version = async () => (await ask({ url }, { k: K, exact: true })).answer.version;
      await expect.poll(version).toBe("v4");
      expect((await ask({ url }, { k: K, exact: true })).answer).toMatchObject(bestOf.get("v4") as object);
      expect(await (await fetch(`${url}/v1/info`)).json()).toMatchObject({
        itemCount: 200,
        parts: [{ number: 0 }, {}, {}],
      });
    });
    expect(outcome).toMatchObject({ code: 0, stderr: "" });
  });

  test("a part whose file is damaged is missing, and the others answer where that is allowed", async () => {
    const own = makeFolder();
    const { manifest, files } = versions[3] as PartedFiles;
    const damaged = files.map((file, i) => (i === 1 ? file.slice(0, -1) : file));
    const path = writeParted(own, { ...(versions[3] as PartedFiles), files: damaged });
    await serving([path], async (url) => {
      const { status, answer } = await ask({ url }, { k: K });
      expect([status, answer.code]).toEqual([503, "part_missing"]);
      expect(answer.detail).toContain(manifest.parts[1]?.file);
      const some = await ask({ url }, { k: K, partial: "allow" });
      expect(some.answer).toMatchObject({ exact: false, coverage: { parts: 2, of: 3 } });
    });
  });

  test("refuses a part that is not the one of the manifest", async () => {
    const own = makeFolder();
    const [first, second] = versions as [PartedFiles, PartedFiles];
    const path = writeParted(own, { ...first, files: second.files });
    const { code, stderr } = await midx(["serve", path, "--port", "0"]);
    expect(code).toBe(1);
    expect(stderr).toContain('"parts[0].sha256" states');
  });

  test.each([
    [["--part", "0", "--part-at", "http://127.0.0.1:1"], "'--part' expected no '--part-at'"],
    [["--part-at", "http://127.0.0.1:1"], "'--part-at' expected a host for each of 3 parts, got 1"],
    [["--part-at", "http://127.0.0.1:1", "--part-groups", "1,2"], "got 2 groups of 3 parts"],
    [["--part-groups", "3"], "'--part-groups' expected '--part-at' beside it"],
    [["--part", "7"], "a part of the manifest, got 7"],
    [["--part", "0", "--host", "0.0.0.0"], "'--part' expected a token"],
    [["--part-at", "http://user@127.0.0.1:1"], "Expected URLs of hosts without a path"],
    [["--part-at", "http://127.0.0.1:1/path"], "Expected URLs of hosts without a path"],
    [["--part-at", "file:///etc"], "Expected URLs of hosts without a path"],
  ])("refuses %j", async (argv, message) => {
    writeParted(folder, versions[0] as PartedFiles);
    const { code, stderr } = await midx(["serve", manifestPath, "--port", "0", ...argv]);
    expect(code).toBeGreaterThan(0);
    expect(stderr).toContain(message);
  });

  test("an index has no parts", async () => {
    const index = join(folder, versions[0]?.manifest.parts[0]?.file as string);
    const { code, stderr } = await midx(["serve", index, "--part", "0"]);
    expect(code).toBeGreaterThan(0);
    expect(stderr).toContain("'--part' expected a manifest");
  });
});
