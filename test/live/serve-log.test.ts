import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleCli } from "../cli/bundle.ts";
import { makeFolder } from "../cli/files.ts";
import { midx, writeTable } from "../cli/run.ts";
import { RUNTIMES, type ServeProcess, startServe } from "./serve-process.ts";

const TOKEN = "a-token-that-may-write";
const BEARER = { authorization: `Bearer ${TOKEN}` };
const [ITEMS, DIM] = [50, 4];

let bundle: Awaited<ReturnType<typeof bundleCli>>;
beforeAll(async () => {
  bundle = await bundleCli();
});
afterAll(() => bundle.remove());

/** An index file, a token file and the options of a service with a log, in a new folder. */
async function liveFiles() {
  const folder = makeFolder();
  const [file, token, labels] = ["index.midx", "token.txt", "labels.txt"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(labels, Array.from({ length: ITEMS }, (_, i) => `item ${i}\n`).join(""));
  writeFileSync(token, `${TOKEN}\n`);
  const built = await midx(["build", writeTable(ITEMS, DIM), "--labels", labels, "-o", file, "--calibrate", "off"]);
  expect(built.code, built.stderr).toBe(0);
  return { file, folder, argv: [file, "--log", join(folder, "log"), "--write-token-file", token] };
}

/** A row that is the best for itself among rows like it. */
const rowOf = (i: number): number[] => [Math.cos(i), Math.sin(i), Math.cos(2 * i), Math.sin(2 * i)].map((x) => 2 * x);
const upsert = (server: ServeProcess, label: string, row: number[], key: string = randomUUID()) =>
  server.post("/v1/upsert", { labels: [label], rows: [row] }, { ...BEARER, "idempotency-key": key });
const best = async (server: ServeProcess, row: number[], minMutation: number): Promise<string | undefined> => {
  const asked = { vector: row.map((x) => 100 * x), k: 1, exact: true, minMutation };
  const { status, body } = await server.post("/v1/predict", asked);
  expect(status, body.detail).toBe(200);
  return body.labels?.[0];
};

describe.each(Object.keys(RUNTIMES))("midx serve --log in %s", (runtime) => {
  test("keeps what it has acknowledged when it is killed between writes", async () => {
    const { argv } = await liveFiles();
    const acknowledged = new Map<string, number>();
    const first = await startServe(runtime, bundle.cli, argv);
    expect((await first.post("/v1/upsert", { labels: ["x"], rows: [rowOf(0)] })).status).toBe(401);
    const { status, body } = await upsert(first, "new 0", rowOf(0), "key 0".replace(" ", "-"));
    expect([status, body.sequence]).toEqual([200, 1]);
    expect(await best(first, rowOf(0), 1)).toBe("new 0");
    const writing = Array.from({ length: 30 }, async (_, i) => {
      const label = `new ${i + 1}`;
      const answer = await upsert(first, label, rowOf(i + 1)).catch(() => undefined);
      if (answer?.status === 200) acknowledged.set(label, answer.body.sequence as number);
      if (acknowledged.size === 8) await first.end("SIGKILL");
    });
    await Promise.all(writing);
    expect(acknowledged.size).toBeGreaterThanOrEqual(8);

    const second = await startServe(runtime, bundle.cli, argv);
    const last = Math.max(...acknowledged.values());
    expect(await best(second, rowOf(0), last)).toBe("new 0");
    for (const label of acknowledged.keys())
      expect(await best(second, rowOf(Number(label.slice(4))), last)).toBe(label);
    expect((await upsert(second, "new 0", rowOf(0), "key-0")).body.sequence).toBe(1);
    expect((await upsert(second, "new 0", rowOf(1), "key-0")).status).toBe(422);
    await second.post("/v1/delete", { labels: ["new 0"] }, BEARER);
    await second.end("SIGTERM");
  });
});

test("processes with one log answer with the changes of each other", async () => {
  const { argv } = await liveFiles();
  const servers = [await startServe("Node", bundle.cli, argv), await startServe("Node", bundle.cli, argv)] as const;
  const writes = Array.from({ length: 12 }, (_, i) => upsert(servers[i % 2 === 0 ? 0 : 1], `new ${i}`, rowOf(i)));
  const numbers = (await Promise.all(writes)).map(({ body }) => body.sequence as number);
  expect([...numbers].sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
  for (const server of servers) for (let i = 0; i < 12; i++) expect(await best(server, rowOf(i), 12)).toBe(`new ${i}`);
  const removed = await servers[0].post("/v1/delete", { labels: ["new 3"] }, BEARER);
  expect(await best(servers[1], rowOf(3), removed.body.sequence as number)).not.toBe("new 3");
  expect((await servers[1].post("/v1/predict", { vector: rowOf(0), minMutation: 99 })).status).toBe(400);
  for (const server of servers) await server.end("SIGTERM");
});

test("options of a log are refused without one, and nobody may write without a token", async () => {
  const { file, folder, argv } = await liveFiles();
  for (const option of [
    ["--write-token-file", file],
    ["--delta-seconds", "1"],
    ["--max-delta", "9"],
  ]) {
    const { code, stderr } = await midx(["serve", file, ...option]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(`'${option[0]}' expected '--log' beside it`)]);
  }
  const web = await midx(["serve", file, "--log", "https://example.com/log"]);
  expect(web).toMatchObject({ code: 2, stderr: expect.stringContaining("'--log' expected a folder or s3://") });
  expect(argv).toContain(join(folder, "log"));
  const closed = await startServe("Node", bundle.cli, argv.slice(0, 3));
  const { status, body } = await closed.post("/v1/upsert", { labels: ["x"], rows: [rowOf(0)] }, BEARER);
  expect([status, body.code]).toEqual([403, "writes_closed"]);
  await closed.end("SIGTERM");
});
