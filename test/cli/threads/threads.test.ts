import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { openInput } from "../../../src/cli/inputs/open.ts";
import { leastRecordsBytes } from "../../../src/cli/scratch/disk-records.ts";
import { buildToFile } from "../../../src/cli/streaming/build-to-file.ts";
import { Slab } from "../../../src/cli/threads/slab.ts";
import { startThreads, type Threads } from "../../../src/cli/threads/threads.ts";
import { compileInlined } from "../../../src/memory/compile-inlined.ts";
import { buildOnPool } from "../../../src/train/build/build-inlined.ts";
import { measureQueries } from "../../../src/train/evaluation/measure.ts";
import { type BuildOptions, type BuildReport, build, type Matrix } from "../../../src/train/index.ts";
import { tableOf } from "../../../src/train/rows/row-table.ts";
import { compileTrain } from "../../../src/train/runtime/kernels-inlined.ts";
import { EVERY } from "../../run/size.ts";
import { inTurn } from "../../run/turns.ts";
import { withoutTimes } from "../../train/calibration/without-times.ts";
import { bundlesOfSuite } from "../bundles-of-suite.ts";
import { bytesOf, makeFolder, npyBytes, npyLiteral, writeInput } from "../files.ts";
import { noise } from "../run.ts";

const bundles = bundlesOfSuite();

const neverAborted = new AbortController().signal;

async function open(count: number, signal = neverAborted, script = "cli-worker.js"): Promise<Threads> {
  const modules = { train: await compileTrain(), modules: await compileInlined() };
  return startThreads(count, modules, signal, pathToFileURL(join(bundles(), script)));
}

/** Opens threads that end with the test. */
async function start(count: number, signal?: AbortSignal, script?: string): Promise<Threads> {
  const threads = await open(count, signal, script);
  onTestFinished(() => threads.close());
  return threads;
}

/** Three blocks of training rows and chunks, or two. The last one is not full. */
const ITEM_COUNT = EVERY ? 8300 : 4200;
const DIM = 7;
const matrix = (itemCount = ITEM_COUNT, dim = DIM): Matrix => ({
  data: noise(itemCount * dim),
  shape: [itemCount, dim],
});
const VECTORS = { bias: noise(ITEM_COUNT, 3), counts: noise(ITEM_COUNT, 4).map(Math.abs) };

const KINDS = (["rq", "pq"] as const).flatMap((quantizer) =>
  (["i8", "f16", "f32"] as const).map((rowType) => ({ quantizer, rowType, bits: 5, seed: 5 })),
);
/** Few queries, because recall is measured with many settings. The smallest builds below have none. */
const QUERIES = noise(3 * DIM, 9);
/** Builds that together use every option. */
const BUILDS: BuildOptions[] = [
  ...KINDS.map((kind) => ({ ...kind, metric: "cosine" as const, queries: QUERIES, calibrate: "off" as const })),
  ...KINDS.map((kind) => ({ ...kind, ...VECTORS, fineCodes: true, queries: QUERIES })),
  { ...VECTORS, fineCodes: true, metric: "cosine", bits: 3, ...(!EVERY && { queries: QUERIES }) },
];

/** Returns the result of an action, and the report of its build. */
async function withReport<T>(action: (onReport: (report: BuildReport) => void) => Promise<T>) {
  const reports: BuildReport[] = [];
  return { made: await action((report) => reports.push(withoutTimes(report))), reports };
}

/** Each turn has different kinds. Each kind is plain in memory and full on disk, or the other way round. */
const isInTurn = (build: number, turn: number, onDisk: boolean): boolean =>
  (build % 6) >> 1 === turn && (build + Math.floor(build / 6)) % 2 === Number(onDisk);
/** `npm run test:cases` runs all builds. */
const buildsFor = (turn: number, onDisk: boolean): BuildOptions[] =>
  BUILDS.filter((_, i) => EVERY || isInTurn(i, turn, onDisk));

/** `npm test` leaves out the middle turn: the others, one in memory and one on the disk, have both quantizers and all types of rows. */
const COUNTS = EVERY ? [2, 3, 5] : [2];
const [IN_MEMORY, ON_DISK] = [0, 2];

describe.each(COUNTS)("%i threads build the bytes that one does", (count) => {
  let threads: Threads;
  beforeAll(async () => {
    threads = await open(count);
  });
  afterAll(() => threads.close());

  test("in memory", async () => {
    for (const options of buildsFor(IN_MEMORY, false)) {
      const one = await withReport((onReport) => build(matrix(), { ...options, onReport }));
      const several = await withReport((onReport) => buildOnPool(threads, tableOf(matrix()), { ...options, onReport }));
      expect(several, JSON.stringify({ ...options, bias: [], counts: [], queries: [] })).toEqual(one);
    }
  });

  test("fitted to queries", async () => {
    for (const quantizer of EVERY ? (["rq", "pq"] as const) : (["rq"] as const)) {
      const options = { ...VECTORS, quantizer, bits: 4, seed: 5, queries: noise(20 * DIM, 9), fit: { scan: 0 } };
      const one = await withReport((onReport) => build(matrix(), { ...options, onReport }));
      const several = await withReport((onReport) => buildOnPool(threads, tableOf(matrix()), { ...options, onReport }));
      expect(several).toEqual(one);
    }
  });

  test("on the disk", async () => {
    const { data, shape } = matrix();
    const path = writeInput("w.npy", npyBytes(npyLiteral("<f4", `(${shape})`), bytesOf(data)));
    const output = join(makeFolder(), "out.midx");
    const shares = { chunkRows: 501, recordsBytes: (bytes: number) => leastRecordsBytes(ITEM_COUNT, bytes) };
    const onDisk = async (options: BuildOptions, pool?: Threads): Promise<Buffer> => {
      const input = await openInput(path);
      await buildToFile(input, output, options, shares, pool);
      await input.close();
      return readFileSync(output);
    };
    for (const options of buildsFor(ON_DISK, true)) {
      const one = await withReport((onReport) => onDisk({ ...options, onReport }));
      const several = await withReport((onReport) => onDisk({ ...options, onReport }, threads));
      expect(several, JSON.stringify({ ...options, bias: [], counts: [], queries: [] })).toEqual(one);
    }
  });

  test.each([
    [0, 3],
    [1, 1],
    [98, 5],
  ])("%i × %i", async (itemCount, dim) => {
    for (const kind of inTurn(KINDS, 6)) {
      // What threads measure for a calibration is compared above.
      const calibrate = EVERY ? "quick" : "off";
      const options = { quantizer: kind.quantizer, rowType: kind.rowType, fineCodes: true, calibrate } as const;
      const several = await buildOnPool(threads, tableOf(matrix(itemCount, dim)), options);
      expect(several).toEqual(await build(matrix(itemCount, dim), options));
    }
  });
});

describe("work that ends before its end", () => {
  /** Writes a script beside the bundles that starts the worker and fails at message number `at`. */
  function writeSaboteur(at: number, deed: string): string {
    const name = `saboteur-${at}-${deed.length}.js`;
    const text = `import { parentPort } from "node:worker_threads";
      import "./cli-worker.js";
      let messages = 0;
      parentPort.on("message", () => { if (++messages === ${at}) { ${deed} } });`;
    writeFileSync(join(bundles(), name), text);
    return name;
  }

  test.each([1, 2, 40])("a thread that throws at message %i ends the build", async (at) => {
    const script = writeSaboteur(at, 'throw new RangeError("no more memory")');
    const threads = await start(2, undefined, script);
    await expect(buildOnPool(threads, tableOf(matrix()), { fineCodes: true, bits: 5 })).rejects.toThrow(
      /^thread \d of 2 failed: no more memory$/,
    );
    await expect(buildOnPool(threads, tableOf(matrix()), {}), "nor do the others go on").rejects.toThrow(/failed/);
  });

  test("so does one that exits, and one that can't be started", async () => {
    const exits = await start(2, undefined, writeSaboteur(3, "process.exit(7)"));
    await expect(buildOnPool(exits, tableOf(matrix()), {})).rejects.toThrow(
      /^thread \d of 2 failed: it ended with exit code 7$/,
    );
    const missing = await start(2, undefined, "nothing.js");
    await expect(buildOnPool(missing, tableOf(matrix()), {})).rejects.toThrow(
      /^thread \d of 2 failed: Cannot find module/,
    );
  });

  test("a task that throws ends it", async () => {
    const threads = await start(2);
    const work = async (): Promise<void> => {
      for await (const _ of threads.map(measureQueries, new Uint8Array(3), [new Float32Array(1)])) expect.unreachable();
    };
    await expect(work()).rejects.toThrow(/^thread 1 of 2 failed: .*file-truncated/);
    await expect(work()).rejects.toThrow(/^thread 1 of 2 failed: .*file-truncated/);
  });

  test.each(["train", "encode", "write"])("the signal ends it in %s, with its reason", async (at) => {
    const controller = new AbortController();
    const threads = await start(2, controller.signal);
    const options: BuildOptions = {
      fineCodes: true,
      signal: controller.signal,
      onProgress: ({ phase }) => phase === at && controller.abort(new Error("interrupted")),
    };
    await expect(buildOnPool(threads, tableOf(matrix()), options)).rejects.toThrow(/^interrupted$/);
  });

  test("an aborted signal needs no other news to end it", async () => {
    const threads = await start(2, AbortSignal.abort(new Error("interrupted")));
    await expect(buildOnPool(threads, tableOf(matrix()), {})).rejects.toThrow(/^interrupted$/);
  });
});

test("a slab keeps values as they are, one at a time, and leaves shared memory where it is", () => {
  const slab = new Slab();
  const shared = new Float32Array(new SharedArrayBuffer(8));
  const value = {
    bytes: Uint8Array.of(1, 2, 3),
    wide: Float64Array.of(0.1),
    many: [Uint16Array.of(7), Int32Array.of(-1, 1).subarray(1)],
    shared,
    rest: { seed: 2n ** 70n, text: "x", none: undefined, nothing: null },
  };
  const seen = slab.share(value);
  expect(seen).toEqual(value);
  expect(seen.shared).toBe(shared);
  expect(seen.bytes.buffer).toBeInstanceOf(SharedArrayBuffer);
  expect(slab.share(Uint8Array.of(9)).buffer, "no larger, so in the same place").toBe(seen.bytes.buffer);
  expect(seen.bytes[0]).toBe(9);
  expect(slab.share(new Uint8Array(1000))).toHaveLength(1000);
});
