import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { loadWith } from "../../src/index/load.ts";
import { readRaw } from "../fixtures/index-file.ts";
import { BUILDS } from "../fixtures/modules.ts";
import { SMALL_FILES } from "./files.ts";

const file = SMALL_FILES["RQ, i8 rows, bias, fine codes"];
const { headerBytes } = readRaw(file);

const load = (source: ReadableStream<Uint8Array> | Response) => loadWith(BUILDS.release, source);

/**
 * The places where a stream may break: inside the length field, the header and the tensors, and behind the last byte.
 */
const PLACES = [0, 1, 7, 8, 100, headerBytes - 1, headerBytes, headerBytes + 1, file.length - 1, file.length];

/** Streams the file up to `place`, then does what `end` does. */
function streamTo(place: number, end: (controller: ReadableStreamController<Uint8Array>) => void, type?: "bytes") {
  let isSent = place === 0;
  const pull = (controller: ReadableStreamController<Uint8Array>) => {
    if (isSent) return end(controller);
    isSent = true;
    controller.enqueue(file.slice(0, place) as never);
  };
  return new ReadableStream({ type: type as "bytes", pull });
}

describe("a stream that fails", () => {
  test.each(["bytes", undefined] as const)("anywhere rejects with its own error (type: %s)", async (type) => {
    for (const place of PLACES) {
      const reason = new Error("the line is cut");
      const error: unknown = await load(streamTo(place, (to) => to.error(reason), type)).catch((caught) => caught);
      expect(error, `at ${place}`).toBe(reason);
    }
  });

  test("with a value that is not an Error rejects with that value", async () => {
    await expect(load(streamTo(100, (to) => to.error("gone")))).rejects.toBe("gone");
    await expect(load(streamTo(100, (to) => to.error(undefined)))).rejects.toBeUndefined();
  });

  test("by an abort rejects with the signal's reason", async () => {
    for (const place of PLACES) {
      const controller = new AbortController();
      const through = new TransformStream<Uint8Array, Uint8Array>();
      const writer = through.writable.getWriter();
      const loading = load(through.readable);
      const reason = new DOMException("enough", "AbortError");
      controller.signal.addEventListener("abort", () => writer.abort(controller.signal.reason));
      if (place > 0) await writer.write(file.slice(0, place)).catch(() => {});
      controller.abort(reason);
      await expect(loading, `at ${place}`).rejects.toBe(reason);
    }
  });

  test("does not matter once the file is known to be useless", async () => {
    const cancel = vi.fn(() => {
      throw new Error("can't be cancelled either");
    });
    const stream = new ReadableStream({ start: (to) => to.enqueue(new Uint8Array(500)), cancel });
    await expect(load(stream)).rejects.toMatchObject({ code: "header-length" });
    expect(cancel).toHaveBeenCalledOnce();
  });

  test("is not awaited once the file is known to be useless", async () => {
    for (const type of ["bytes", undefined] as const) {
      const never = () => new Promise<void>(() => {});
      const start = (to: ReadableStreamController<Uint8Array>) => to.enqueue(new Uint8Array(500) as never);
      const stream = new ReadableStream({ type: type as "bytes", start, cancel: never });
      await expect(load(stream)).rejects.toMatchObject({ code: "header-length" });
    }
  });

  test("is refused by the type of its chunks if it is no stream of bytes", async () => {
    for (const [chunk, kind] of [
      ["midx", "string"],
      [7, "number"],
      [null, "null"],
      [[1, 2], "Array"],
      [new ArrayBuffer(8), "ArrayBuffer"],
    ] as const) {
      const stream = new ReadableStream({ start: (to) => to.enqueue(chunk) });
      await expect(load(stream), kind).rejects.toThrow(TypeError);
      const again = new ReadableStream({ start: (to) => to.enqueue(chunk) });
      await expect(load(again)).rejects.toThrow(`"source" expected a stream of Uint8Array, got ${kind}`);
    }
  });

  test("is refused if it is already being read", async () => {
    const locked = streamTo(file.length, (to) => to.close());
    locked.getReader();
    await expect(load(locked)).rejects.toThrow(TypeError);
    const used = new Response(file);
    await used.arrayBuffer();
    await expect(load(used)).rejects.toThrow(TypeError);
  });
});

describe("a server", () => {
  /** An address that sends the file up to `place` and then lets `end` decide what happens to the connection. */
  async function serve(place: number, end: "hangs up" | "waits"): Promise<string> {
    const server = createServer((_, response) => {
      response.writeHead(200, { "content-length": String(file.length) });
      response.write(file.subarray(0, place), () => end === "hangs up" && response.destroy());
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }

  test("that hangs up within the file makes load reject with the error of fetch", async () => {
    const address = await serve(headerBytes + 50, "hangs up");
    await expect(load(await fetch(address))).rejects.toThrow(/terminated|aborted|network/i);
  });

  test("that goes silent can be aborted by the fetch's signal", async () => {
    const controller = new AbortController();
    const response = await fetch(await serve(headerBytes + 50, "waits"), { signal: controller.signal });
    const loading = load(response);
    setTimeout(() => controller.abort(), 20);
    await expect(loading).rejects.toMatchObject({ name: "AbortError" });
  });
});
