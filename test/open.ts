import { SEARCH_HEAD_BUCKET_COUNT, SEARCH_TILT_PATH } from "../build/structs.ts";
import { TILT_FACTORS, TILT_LOGS, TILT_NONE } from "../src/abi.ts";
import { batchesWith } from "../src/batch/batches.ts";
import type { IndexSource } from "../src/bytes/byte-source.ts";
import { describe } from "../src/index/describe.ts";
import { MultiIndex } from "../src/index/multi-index.ts";
import { type OpenedIndex, openIndex, read } from "../src/memory/opened-index.ts";
import type { Limits } from "../src/memory/plan.ts";
import { BUILDS } from "./modules.ts";
import type { TiltPath } from "./reference/tilt.ts";

/** Limits small enough to open thousands of indexes in a test. */
const SMALL_LIMITS: Limits = {
  maxBytes: 2 ** 30,
  maxBatch: 64,
  maxDraws: 1024,
  maxK: 64,
  maxScan: 1024,
  maxChanged: 64,
  maxDelta: 0,
};

/** An index and the instance behind it. */
export interface Open {
  readonly index: MultiIndex;
  readonly opened: OpenedIndex;
}

export async function open(
  file: IndexSource,
  limits: Partial<Limits> = {},
  build: keyof typeof BUILDS = "release",
  hasBatch = true,
): Promise<Open> {
  const all = { ...SMALL_LIMITS, ...limits };
  const opened = await openIndex(BUILDS[build], file, all, batchesWith(hasBatch ? BUILDS[build].batch : undefined));
  return { index: new MultiIndex(opened, describe(opened), all), opened };
}

/** The buckets that the last call scored exactly. */
export function headOf({ opened: { kernels, plan } }: Open): Set<number> {
  const count = new Float64Array(kernels.memory.buffer, plan.regions.search + SEARCH_HEAD_BUCKET_COUNT, 1)[0];
  return new Set(new Int32Array(kernels.memory.buffer, plan.regions.headBuckets, count));
}

const TILT_PATHS: Readonly<Record<number, TiltPath>> = {
  [TILT_NONE]: "none",
  [TILT_FACTORS]: "factors",
  [TILT_LOGS]: "logs",
};

/** How the last call put tilts into masses. */
export function tiltPathOf({ opened }: Open): TiltPath {
  return TILT_PATHS[read(opened, SEARCH_TILT_PATH)] as TiltPath;
}
