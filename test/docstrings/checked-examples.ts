import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Example } from "./examples.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/** The names that an example may use without declaring them. The bindings have Workers' own types. */
const KNOWN = `
import { DurableObject } from "cloudflare:workers";
import { createHandler, inAssets, inBucket, inKeyValues, publishedAt, type Publisher } from "midx/worker";
import { createPart, partObject, takeChanges } from "midx/part";
import { type ChangeLog, createLiveHandler, createLiveWorker, type IndexLog, logInSegments, type LogState, type SegmentStore, sequencesOf } from "midx/live";
import { hasEncoder, openEncoder, openSharedEncoder } from "midx/encoder";
import { atOrigins, changesBy, createRouter, inDurableObjects, logInBucket, manifestAt, passChanges, sequencesBy, type PartHost } from "midx/router";
import { type Compactor, createCompactor, logIn } from "midx/compactor";
import type { EventSink, RateLimiter } from "../../worker/host/settings.ts";
interface Env {
  readonly ASSETS: Fetcher;
  readonly INDEX: R2Bucket;
  readonly WORDS: R2Bucket;
  readonly INDEX_KV: KVNamespace;
  readonly VERSIONS: KVNamespace;
  readonly PARTS: DurableObjectNamespace;
  readonly LOG: DurableObjectNamespace;
  readonly PART_0: Fetcher;
  readonly PART_TOKEN: string;
}
declare const state: LogState;
declare const indexLog: IndexLog;
declare const changeLog: ChangeLog;
declare const store: SegmentStore;
declare const bytes: Uint8Array<ArrayBuffer>;
declare const env: Env;
declare const request: Request;
declare const compactor: Compactor<Env>;
declare const context: ExecutionContext;
`;

/** Compiles each example as a module of its own, with the types of Workers. Returns what tsc reports, by title. */
export function typeErrors(examples: readonly Example[]): string[] {
  mkdirSync(join(ROOT, "build"), { recursive: true });
  const folder = mkdtempSync(join(ROOT, "build", "examples-"));
  try {
    for (const [i, { code }] of examples.entries()) writeFileSync(join(folder, `${i}.ts`), `${code}\n${KNOWN}`);
    const compilerOptions = {
      moduleDetection: "force",
      paths: {
        "midx/worker": ["../../worker/entry.ts"],
        "midx/part": ["../../worker/part.ts"],
        "midx/encoder": ["../../src/encoder/workerd.ts"],
        "midx/router": ["../../worker/router.ts"],
        "midx/live": ["../../worker/live.ts"],
        "midx/live-sequences": ["../../worker/live-sequences.ts"],
        "midx/compactor": ["../../worker/compactor.ts"],
        "midx/sequences": ["../../worker/sequences.ts"],
      },
      types: ["@cloudflare/workers-types"],
    };
    const include = [".", "../../src/modules.d.ts"];
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({ extends: "../../worker/tsconfig.json", compilerOptions, include }),
    );
    // Its threads each check the types that they meet, which takes longer on two cores than one thread does.
    const tsc = join(ROOT, "node_modules/.bin/tsc");
    const { status, stdout, error } = spawnSync(tsc, ["-p", folder, "--pretty", "false", "--singleThreaded"], {
      encoding: "utf8",
    });
    if (error) throw error;
    if (status === 0) return [];
    return stdout
      .trim()
      .split("\n")
      .map((line) => line.replace(/^.*\b(\d+)\.ts\(/, (_, i) => `${examples[Number(i)]?.title} (`));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
