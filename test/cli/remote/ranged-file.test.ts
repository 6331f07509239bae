import { describe, expect, test } from "vitest";
import { addressOf, shownPath } from "../../../src/cli/remote/address.ts";
import { openRanged, type Pin, type RangedFile } from "../../../src/cli/remote/ranged-file.ts";
import type { Tries } from "../../../src/cli/remote/tries.ts";
import { webSource } from "../../../src/cli/remote/web-source.ts";
import { type Fault, type FileServer, startFiles } from "./file-server.ts";

const MIB = 2 ** 20;
/** The bytes of a piece. */
const PIECE = 4 * MIB;
const TRIES = { most: 3, firstWait: 1, deadline: 60_000 };
const BYTES = Buffer.alloc(9 * PIECE + 12345);
for (let i = 0; i < BYTES.length; i++) BYTES[i] = (i * 2654435761) >>> 24;

interface Setting {
  readonly pin?: Pin;
  readonly signal?: AbortSignal;
  readonly tries?: Tries;
}

const open = (
  { url }: Pick<FileServer, "url">,
  name = "items.npy",
  { pin, signal = new AbortController().signal, tries = TRIES }: Setting = {},
): Promise<RangedFile> => openRanged(webSource(new URL(`${url}/${name}`), signal, tries), pin);

async function expectBytes(file: RangedFile, begin: number, length: number): Promise<void> {
  const found = await file.read(begin, length);
  expect(Buffer.compare(found, BYTES.subarray(begin, begin + length)), `${begin} + ${length}`).toBe(0);
}

/** Makes the request with this number fail, and only this one. */
const once =
  (at: number, fault: Fault): FileServer["fault"] =>
  (_, count) =>
    count === at ? fault : undefined;

describe("a file at a URL", () => {
  test("has the bytes of the file, wherever they are read, each piece requested once", async () => {
    const server = await startFiles({ "items.npy": BYTES });
    const file = await open(server);
    expect(file.byteLength).toBe(BYTES.byteLength);
    await expectBytes(file, 0, 10);
    await expectBytes(file, 65526, 10);
    expect(server.requests, "the first request holds the header").toHaveLength(1);
    for (let at = 0; at < BYTES.byteLength; at += MIB) {
      await expectBytes(file, at, Math.min(MIB, BYTES.byteLength - at));
    }
    expect(server.requests.map(({ range }) => range)).toHaveLength(1 + 10);
    for (const [begin, length] of [
      [3 * PIECE - 7, 2 * PIECE],
      [BYTES.byteLength - 8, 8],
      [0, BYTES.byteLength],
    ] as const) {
      await expectBytes(file, begin, length);
    }
    await expect(file.read(BYTES.byteLength - 1, 2)).rejects.toMatchObject({ code: "file-truncated" });
    await file.close();
  });

  test("is read ahead from front to back, and never far", async () => {
    const server = await startFiles({ "items.npy": BYTES });
    const file = await open(server);
    await expectBytes(file, 5 * PIECE, 8);
    await expectBytes(file, 100_000, 8);
    expect(server.requests, "readers that jump pay for what they read").toHaveLength(3);
    await expectBytes(file, PIECE, 8);
    await expect.poll(() => server.requests.length).toBe(3 + 3);
    await file.close();
  });

  test.each<[string, Fault]>([
    ["a status of 503", { status: 503 }],
    ["a status of 429", { status: 429 }],
    ["a connection that is cut in the middle of a body", { cutAt: MIB }],
    ["a connection that is cut before the body", { cutAt: 0 }],
    ["a body without a stated length that ends too early", { endsAt: MIB }],
  ])("is requested again after %s, and refused if it stays", async (_, fault) => {
    const server = await startFiles({ "items.npy": BYTES });
    const file = await open(server);
    server.fault = once(1, fault);
    await expectBytes(file, PIECE, MIB);
    expect(server.requests.slice(0, 3).map(({ range }) => range)[2]).toBe(server.requests[1]?.range);
    server.fault = () => fault;
    await expect(file.read(5 * PIECE, 8)).rejects.toThrow(/items\.npy: no complete answer in 3 tries: /);
    server.fault = () => undefined;
    await expectBytes(file, 5 * PIECE, 8);
    await file.close();
  });

  test("is requested again after a deadline", async () => {
    const server = await startFiles({ "items.npy": BYTES });
    server.fault = once(0, "never answers");
    const file = await open(server, "items.npy", { tries: { ...TRIES, deadline: 1000 } });
    await expectBytes(file, 0, 8);
    server.fault = () => "never answers";
    const late = open(server, "items.npy", { tries: { ...TRIES, most: 2, deadline: 100 } });
    await expect(late).rejects.toThrow("items.npy: no complete answer in 2 tries: it took longer than 0.1 seconds");
  });

  test("ends at once when the command is interrupted or the file is closed", async () => {
    const server = await startFiles({ "items.npy": BYTES });
    const controller = new AbortController();
    const file = await open(server, "items.npy", { signal: controller.signal });
    server.fault = () => "never answers";
    const reading = expect(file.read(PIECE, 8)).rejects.toThrow("interrupted");
    controller.abort(new Error("interrupted"));
    await reading;
    const closed = await open(await startFiles({ "items.npy": BYTES }));
    await closed.close();
    await expect(closed.read(PIECE, 8)).rejects.toThrow("is closed");
  });

  test("that changes is refused by name, even by a server without conditions", async () => {
    const server = await startFiles({ "items.npy": BYTES });
    const file = await open(server);
    server.files.set("/items.npy", Buffer.from(BYTES).fill(1, 0, 4));
    const message = `${server.url}/items.npy: the file has changed since it was first read (${BYTES.byteLength} bytes, "`;
    await expect(file.read(PIECE, 8)).rejects.toThrow(message);
    server.files.set("/items.npy", Buffer.from(BYTES));
    server.fault = () => ({ headers: { etag: '"another"' } });
    await expect(file.read(PIECE, 8)).rejects.toThrow(message);
    server.fault = () => ({ headers: { "content-range": `bytes ${PIECE}-${2 * PIECE - 1}/${10 * PIECE}` } });
    await expect(file.read(PIECE, 8)).rejects.toThrow(message);
    server.fault = () => undefined;
    await expectBytes(file, PIECE, 8);
    await expect(open(server, "items.npy", { pin: { ...file.pin, validator: '"older"' } })).rejects.toThrow(
      'items.npy: the file has changed since the plan was made (37761081 bytes, "older"): make the plan again',
    );
    await file.close();
  });

  test.each<[Fault, string]>([
    ["ignores ranges", "the server ignores ranges of a file (200 instead of 206): read it from a server that supports"],
    [{ status: 404 }, "404: there is no such file: correct the URL"],
    [{ status: 403 }, "403: the server does not allow it: a presigned URL may be too old"],
    [{ headers: { etag: "W/weak" } }, "the server sends neither an ETag nor Last-Modified"],
    [
      { headers: { "content-encoding": "gzip" } },
      "the server sent another range than was requested, or a compressed one",
    ],
    [{ headers: { "content-range": "bytes 7-65542/99999" } }, "the server sent another range than was requested"],
    [
      { status: 302, headers: { location: "https://example.invalid/items.npy?key=secret" } },
      "302: it leads to https://example.invalid, and midx asks no host that you did not name",
    ],
    [{ status: 302, headers: { location: "/items.npy" } }, "302: it leads from one address to the next, without end"],
  ])("is refused after %j", async (fault, message) => {
    const server = await startFiles({ "items.npy": BYTES });
    server.fault = () => fault;
    const refusal = await open(server).then(
      () => "",
      (error: Error) => error.message,
    );
    expect(refusal).toContain(`${server.url}/items.npy: ${message}`);
    expect(refusal).not.toContain("secret");
    expect(server.requests.length, "it would end in the same way again").toBeLessThanOrEqual(4);
  });

  test("is followed to another path of its host, and has neighbours", async () => {
    const server = await startFiles({ "items.npy": BYTES, "a b.txt": Buffer.from("here") });
    server.fault = (path) => (path === "/old.npy" ? { status: 301, headers: { location: "/items.npy" } } : undefined);
    const another = await startFiles({ "items.npy": BYTES });
    const elsewhere = { status: 302, headers: { location: `${another.url}/items.npy` } };
    const file = await open(server, "old.npy");
    await expectBytes(file, 5, 8);
    const beside = await file.openBeside("a b.txt");
    expect(Buffer.from(await beside.read(0, 4)).toString()).toBe("here");
    server.fault = () => elsewhere;
    await expect(open(server)).rejects.toThrow(`302: it leads to ${another.url}, and midx asks no host`);
    expect(another.requests).toEqual([]);
  });

  test("that is empty is a truncated one, and one without an ETag is pinned by its time", async () => {
    const server = await startFiles({ "empty.npy": Buffer.alloc(0), "items.npy": BYTES });
    await expect(open(server, "empty.npy")).rejects.toMatchObject({ code: "file-truncated" });
    const changed = "Fri, 27 Nov 2026 22:00:00 GMT";
    server.fault = () => ({ headers: { etag: "W/weak", "last-modified": changed } });
    const file = await open(server);
    expect(file.pin.validator).toBe(changed);
    await expectBytes(file, PIECE, 8);
  });
});

describe("a URL", () => {
  test.each([
    ["https://me:secret@example.com/items.npy", "expected a URL without a user and a password"],
    ["https://", "expected a URL, such as https://example.com/items.parquet"],
    ["s3://items", "expected s3://bucket/key"],
    ["s3://items/a/../b.npy", 'without empty segments, "." and ".."'],
    ["s3://items//b.npy", "without empty segments"],
  ])("%s is refused", (url, message) => {
    expect(() => addressOf(url)).toThrow(RangeError);
    expect(() => addressOf(url)).toThrow(message);
    try {
      addressOf(url);
    } catch (error) {
      expect((error as Error).message).not.toContain("secret");
    }
  });

  test("is shown without its query, which may be a signature", () => {
    expect(shownPath("https://example.com/items.npy?X-Amz-Signature=secret#x")).toBe("https://example.com/items.npy");
    expect(shownPath("items.npy")).toBe("items.npy");
    expect(addressOf("s3://items/a/b.npy")).toMatchObject({ kind: "bucket", bucket: "items", key: "a/b.npy" });
  });
});
