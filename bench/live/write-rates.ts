import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeLoggedSet } from "../../src/changes/index.ts";
import { createFile } from "../../src/cli/files/create-file.ts";
import { folderSegments } from "../../src/cli/segments/folder-segments.ts";
import { inTurn } from "../../src/cli/segments/in-turn.ts";
import { SegmentLog } from "../../src/publication/segments/segment-log.ts";
import { median } from "../timing.ts";
import type { WriteRate } from "./result.ts";

const DIM = 64;
const ROUNDS = 9;
const SECONDS = 1;
/** Calls that are under way at once. */
const WRITERS = [1, 8] as const;

/** A call of a service or store. */
type Call = () => Promise<unknown>;

/** Measures the rate of a call, and compares it with that of another one, in turns, with this many calls under way at once. */
async function rates(writers: number, call: Call, unit: Call): Promise<Pick<WriteRate, "perSecond" | "rate">> {
  const [calls, units]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    calls.push(await rateOf(writers, call));
    units.push(await rateOf(writers, unit));
  }
  return { perSecond: median(calls), rate: median(calls) / median(units) };
}

async function rateOf(writers: number, call: Call): Promise<number> {
  const start = performance.now();
  let count = 0;
  const writer = async (): Promise<void> => {
    while (performance.now() - start < 1000 * SECONDS) {
      await call();
      count++;
    }
  };
  await Promise.all(Array.from({ length: writers }, writer));
  return (1000 * count) / (performance.now() - start);
}

/** Measures the rate of sets that a log in a folder takes, beside files that are written as safely. */
export async function folderRates(): Promise<WriteRate[]> {
  const folder = mkdtempSync(join(tmpdir(), "midx-bench-log-"));
  try {
    const log = inTurn(new SegmentLog(folderSegments(folder), "log/"));
    const set = encodeLoggedSet({ upserts: { labels: ["new shoe"], rows: new Float32Array(DIM).fill(0.1) } });
    const append: Call = () => log.append(set, { key: randomUUID(), writer: "bench" });
    const create: Call = () => createFile(join(folder, randomUUID()), set);
    const found: WriteRate[] = [];
    for (const writers of WRITERS) {
      const unit = "files of the same bytes, created and flushed to the disk";
      found.push({ log: "folder", writers, ...(await rates(writers, append, create)), unit });
    }
    return found;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Measures the rate of sets that the log of a service takes, beside reads of the same service. */
export async function serviceRates(
  log: WriteRate["log"],
  { url, writeToken }: { readonly url: string; readonly writeToken: string },
): Promise<WriteRate[]> {
  const row = Array.from({ length: DIM }, () => 0.1);
  let label = 0;
  const headers = { "content-type": "application/json" };
  const post = async (path: string, body: object, more: Record<string, string> = {}): Promise<void> => {
    const request = { method: "POST", headers: { ...headers, ...more }, body: JSON.stringify(body) };
    const response = await fetch(url + path, request);
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
  };
  const write: Call = () =>
    post(
      "/v1/upsert",
      { labels: [`new ${label++ % 1000}`], rows: [row] },
      { authorization: `Bearer ${writeToken}`, "idempotency-key": randomUUID() },
    );
  const read: Call = () => post("/v1/predict", { vector: row, k: 10, seed: 1 });
  const found: WriteRate[] = [];
  for (const writers of WRITERS) {
    found.push({ log, writers, ...(await rates(writers, write, read)), unit: "predicts of the same Worker" });
  }
  return found;
}
