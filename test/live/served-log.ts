import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { makeFolder } from "../cli/files.ts";
import { midx, writeTable } from "../cli/run.ts";
import { type ServeProcess, startServe } from "./serve-process.ts";

const TOKEN = "a-token-that-may-write";
export const BEARER = { authorization: `Bearer ${TOKEN}` };
const [ITEMS, DIM] = [50, 4];

/** Writes labels for an index. */
export function labelsIn(folder: string, count: number): string {
  const path = join(folder, `labels-${count}.txt`);
  writeFileSync(path, Array.from({ length: count }, (_, i) => `item ${i}\n`).join(""));
  return path;
}

/** An index file or a manifest of parts, a token file and the options of a service with a log, in a new folder. */
export async function liveFiles(...options: string[]) {
  const folder = makeFolder();
  const isParted = options.includes("--parts");
  const output = join(folder, isParted ? "parts" : "index.midx");
  const [file, token] = [isParted ? join(output, "manifest.json") : output, join(folder, "token.txt")];
  const labels = labelsIn(folder, ITEMS);
  writeFileSync(token, `${TOKEN}\n`);
  const argv = ["build", writeTable(ITEMS, DIM), "--labels", labels, "-o", output, "--calibrate", "off", ...options];
  const built = await midx(argv);
  expect(built.code, built.stderr).toBe(0);
  return { file, folder, argv: [file, "--log", join(folder, "log"), "--write-token-file", token] };
}

/** A row that is the best for itself among rows like it. */
export const rowOf = (i: number): number[] =>
  [Math.cos(i), Math.sin(i), Math.cos(2 * i), Math.sin(2 * i)].map((x) => 2 * x);
export const upsert = (server: ServeProcess, label: string, row: number[], key: string = randomUUID()) =>
  server.post("/v1/upsert", { labels: [label], rows: [row] }, { ...BEARER, "idempotency-key": key });
export const best = async (server: ServeProcess, row: number[], minMutation: number): Promise<string | undefined> => {
  const asked = { vector: row.map((x) => 100 * x), k: 1, exact: true, minMutation };
  const { status, body } = await server.post("/v1/predict", asked);
  expect(status, body.detail).toBe(200);
  return body.labels?.[0];
};

/** Kills `midx serve` between writes and starts it anew: nothing acknowledged may be missing. The options are those of the build. */
export async function killBetweenWrites(runtime: string, cli: string, ...options: string[]): Promise<void> {
  const { argv } = await liveFiles(...options);
  const acknowledged = new Map<string, number>();
  const first = await startServe(runtime, cli, argv);
  expect((await first.post("/v1/upsert", { labels: ["x"], rows: [rowOf(0)] })).status).toBe(401);
  const { status, body } = await upsert(first, "new 0", rowOf(0), "key-0");
  expect([status, body.sequence]).toEqual([200, 1]);
  expect(await best(first, rowOf(0), 1)).toBe("new 0");
  const writing = Array.from({ length: 30 }, async (_, i) => {
    const label = `new ${i + 1}`;
    const answer = await upsert(first, label, rowOf(i + 1)).catch(() => undefined);
    if (answer?.status !== 200) return;
    acknowledged.set(label, answer.body.sequence as number);
    if (acknowledged.size === 8) await first.end("SIGKILL");
  });
  await Promise.all(writing);
  expect(acknowledged.size).toBeGreaterThanOrEqual(8);

  const second = await startServe(runtime, cli, argv);
  const last = Math.max(...acknowledged.values());
  expect(await best(second, rowOf(0), last)).toBe("new 0");
  for (const label of acknowledged.keys()) expect(await best(second, rowOf(Number(label.slice(4))), last)).toBe(label);
  expect((await upsert(second, "new 0", rowOf(0), "key-0")).body.sequence).toBe(1);
  expect((await upsert(second, "new 0", rowOf(1), "key-0")).status).toBe(422);
  await second.post("/v1/delete", { labels: ["new 0"] }, BEARER);
  await second.end("SIGTERM");
}
