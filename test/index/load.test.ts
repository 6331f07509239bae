import { afterEach, describe, expect, test, vi } from "vitest";
import type { IndexSource } from "../../src/bytes/byte-source.ts";
import { FormatError } from "../../src/bytes/format-error.ts";
import { load } from "../../src/index.ts";
import type { LoadOptions } from "../../src/memory/load-options.ts";
import { readRaw, writeRaw } from "../fixtures/index-file.ts";
import { indexFile, tinyIndex } from "../fixtures/tiny-index.ts";

const SHAPE = { itemCount: 70, dim: 6, bits: 2 };
const file = indexFile(tinyIndex({ ...SHAPE, bias: Float32Array.from({ length: 70 }, (_, id) => id / 7) }));
const query = [1, -2, 3, -4, 5, -6];

afterEach(() => vi.restoreAllMocks());

/** A stream of chunks of `size` bytes. */
function chunked(size: number, bytes = file): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at + size));
      at += size;
    },
  });
}

/** The same as a byte stream, which could fill a buffer of the reader. */
function byteStream(size: number, responds = true): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    type: "bytes",
    pull(controller) {
      if (at >= file.length) {
        controller.close();
        if (responds) controller.byobRequest?.respond(0);
        return;
      }
      controller.enqueue(file.slice(at, at + size));
      at += size;
    },
  });
}

function withEmptyChunks(): ReadableStream<Uint8Array> {
  return chunked(100).pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        controller.enqueue(new Uint8Array(0));
        controller.enqueue(chunk);
      },
    }),
  );
}

function inLargerBuffer(): Uint8Array {
  const larger = new Uint8Array(file.length + 50).fill(0xff);
  larger.set(file, 13);
  return larger.subarray(13, 13 + file.length);
}

describe("load", () => {
  const SOURCES: Record<string, () => IndexSource> = {
    "an ArrayBuffer": () => file.slice().buffer,
    "a Uint8Array": () => file,
    "a view that starts at an odd byte of its buffer": inLargerBuffer,
    "a DataView": () => new DataView(inLargerBuffer().buffer, 13, file.length),
    "a Blob": () => new Blob([file]),
    "a Response": () => new Response(file),
    "a Response of a stream": () => new Response(chunked(1000)),
    "a stream of single bytes": () => chunked(1),
    "a stream of 7 bytes at a time": () => chunked(7),
    "a stream of one chunk": () => chunked(file.length),
    "a stream with empty chunks": withEmptyChunks,
    "a byte stream of single bytes": () => byteStream(1),
    "a byte stream of 1000 bytes at a time": () => byteStream(1000),
    "a byte stream of one chunk": () => byteStream(file.length),
    "a byte stream that is closed without a response to the last request": () => byteStream(1000, false),
  };

  test.each(Object.entries(SOURCES))("takes %s", async (_, source) => {
    const expected = await load(file);
    const index = await load(source());
    expect(index.info).toEqual(expected.info);
    expect(index.predict(query, 5, { scan: 20, seed: 1 })).toEqual(expected.predict(query, 5, { scan: 20, seed: 1 }));
  });

  test("reports the facts of the file", async () => {
    const { info } = await load(file);
    const header = file.slice(0, readRaw(file).headerBytes);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", header));
    expect(info).toEqual({
      itemCount: 70,
      dim: 6,
      codewordCount: 4,
      bucketCount: Number(readRaw(file).metadata.bucketCount),
      largestBucket: Number(readRaw(file).metadata.largestBucket),
      quantizer: "rq",
      rowType: "f32",
      metric: "dot",
      hasBias: true,
      hasFineCodes: false,
      hasLabels: false,
      factory: "RQ2x2,Flat",
      contentId: Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join(""),
      formatVersion: "2.0",
      outlierCount: 0,
      hasResiduals: false,
      calibration: { calibrated: false, estimator: "allowance-1" },
      builder: "tiny",
      fileBytes: file.length,
      memoryBytes: expect.any(Number),
      recallCurves: [],
    });
  });

  test("does not change the bytes it is given, and does not need them afterwards", async () => {
    const bytes = file.slice();
    const index = await load(bytes);
    expect(bytes).toEqual(file);
    const before = index.topK(query, 5);
    bytes.fill(0);
    expect(index.topK(query, 5)).toEqual(before);
  });

  test.each([undefined, null, "index.midx", 5, {}, [1, 2], () => file])("refuses %s", async (source) => {
    await expect(load(source as never)).rejects.toThrow(TypeError);
    await expect(load(source as never)).rejects.toThrow('"source" expected');
  });

  test("refuses a response that is an error or has no body", async () => {
    await expect(load(new Response(file, { status: 404 }))).rejects.toThrow('"source" expected a response');
    await expect(load(new Response(null))).rejects.toThrow('"source" expected a response');
  });

  test("rejects with the error of its stream", async () => {
    const broken = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(file.slice(0, 500));
      },
      pull(controller) {
        controller.error(new Error("the line is cut"));
      },
    });
    await expect(load(broken)).rejects.toThrow("the line is cut");
  });

  test("refuses what has been read, and a response without a body", async () => {
    const used = new Response(file);
    await used.arrayBuffer();
    const locked = chunked(100);
    locked.getReader();
    for (const source of [used, locked]) {
      await expect(load(source)).rejects.toThrow('"source" expected what nobody has read, got a response or stream');
    }
    for (const status of [200, 204]) {
      const message = `"source" expected a response with status 200, got ${status} without a body`;
      await expect(load(new Response(null, { status }))).rejects.toThrow(new TypeError(message));
    }
  });

  test.each(["foreign", "damaged", "too large", "extended"])("lets go of the stream of a %s file", async (fault) => {
    const bytes = new Uint8Array(file.length + 5000);
    bytes.set(file);
    if (fault === "foreign") bytes[0] = 1;
    if (fault === "damaged") (bytes[file.length - 1] as number)++;
    for (const type of ["bytes", undefined] as const) {
      const cancel = vi.fn();
      const stream = new ReadableStream({ type: type as "bytes", start: (to) => to.enqueue(bytes.slice()), cancel });
      await expect(load(stream, fault === "too large" ? { maxBytes: 1000 } : {})).rejects.toThrow();
      expect(cancel).toHaveBeenCalledOnce();
    }
  });

  test("loads many at once as well as one after the other", async () => {
    const expected = (await load(file)).topK(query, 5);
    const indexes = await Promise.all(Array.from({ length: 16 }, (_, i) => load(i % 2 ? chunked(100 + i) : file)));
    for (const index of indexes) expect(index.topK(query, 5)).toEqual(expected);
  });
});

describe("a cap", () => {
  test.each(["maxBytes", "maxBatch", "maxDraws", "maxK", "maxScan"] as const)("that is no number: %s", async (name) => {
    for (const value of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "5", null, 5n]) {
      const options = { [name]: value } as LoadOptions;
      await expect(load(file, options), `${value}`).rejects.toThrow(RangeError);
      const got = typeof value === "string" ? JSON.stringify(value) : value;
      await expect(load(file, options)).rejects.toThrow(`"${name}" expected a positive integer, got ${got}`);
    }
  });

  test("of bytes is kept exactly", async () => {
    const options = { maxDraws: 10, maxK: 10, maxScan: 10 };
    const { memoryBytes } = (await load(file, options)).info;
    await expect(load(file, { ...options, maxBytes: memoryBytes })).resolves.toBeDefined();
    await expect(load(file, { ...options, maxBytes: file.length })).rejects.toThrow(RangeError);
  });

  test("above the number of classes needs no more memory, with fine codes either", async () => {
    const fine = indexFile(tinyIndex({ ...SHAPE, fineCodes: true }));
    const { memoryBytes } = (await load(fine, { maxScan: 70, maxK: 70 })).info;
    const index = await load(fine, { maxScan: Number.MAX_SAFE_INTEGER, maxK: Number.MAX_SAFE_INTEGER });
    expect(index.info.memoryBytes).toBe(memoryBytes);
    expect(index.topK(query, 70, { rescore: 1000 }).ids).toHaveLength(70);
  });
});

describe("memory that is too much", () => {
  /** Counts the pages that instances were asked to grow by. */
  function grownPages(): () => number {
    const grow = vi.spyOn(WebAssembly.Memory.prototype, "grow");
    return () => grow.mock.calls.reduce((sum, [pages]) => sum + Number(pages), 0);
  }

  test("is refused before it is allocated, in mebibytes, with the name of the option", async () => {
    const pages = grownPages();
    const huge = { maxDraws: 2 ** 28 };
    await expect(load(file, huge)).rejects.toThrow(
      /^index needs \d+\.\d MiB, limit is \d+\.\d MiB \(maxBytes\): raise it, lower other limits, or build smaller rows$/,
    );
    await expect(load(chunked(1000), huge)).rejects.toThrow(RangeError);
    expect(pages()).toBeLessThanOrEqual(2); // room for the header, whose checksum is taken
  });

  /** A header that claims `itemCount` rows and is consistent, in front of a kibibyte of data. */
  function claiming(itemCount: number): Uint8Array<ArrayBuffer> {
    const raw = readRaw(file);
    const metadata = { ...raw.metadata, itemCount: String(itemCount), largestBucket: String(itemCount) };
    let begin = 0;
    const tensors = Object.entries(raw.tensors).map(([name, { dtype, shape }]) => {
      const padded = Math.ceil(itemCount / 4) * 4;
      const claimed =
        name === "rows" ? [itemCount, shape[1] as number] : ["ids", "bias"].includes(name) ? [padded] : shape;
      const end = begin + 4 * claimed.reduce((a, b) => a * b);
      const entry = [name, { dtype, shape: claimed, data_offsets: [begin, end] as const }] as const;
      begin = end;
      return entry;
    });
    return writeRaw({ ...raw, metadata, tensors: Object.fromEntries(tensors), data: raw.data.slice(0, 1024) });
  }

  test("for 2³¹ − 1 rows in a kibibyte is a truncated file if its length is known", async () => {
    const pages = grownPages();
    const liar = claiming(2 ** 31 - 1);
    await expect(load(liar)).rejects.toThrow(FormatError);
    await expect(load(liar)).rejects.toMatchObject({ code: "file-truncated", offset: liar.length });
    await expect(load(new Blob([liar]))).rejects.toMatchObject({ code: "file-truncated" });
    expect(pages()).toBeLessThanOrEqual(6);
  });

  test("for 2³¹ − 1 rows is refused by the cap if the length is unknown", async () => {
    const pages = grownPages();
    await expect(load(chunked(100, claiming(2 ** 31 - 1)))).rejects.toThrow("(maxBytes)");
    expect(pages()).toBeLessThanOrEqual(2);
  });

  test("for the runtime is a RangeError that says how much", async () => {
    vi.spyOn(WebAssembly.Memory.prototype, "grow").mockImplementation(() => {
      throw new RangeError("out of memory");
    });
    await expect(load(file)).rejects.toThrow(/^index needs \d+ bytes of memory; the runtime refused/);
  });
});
