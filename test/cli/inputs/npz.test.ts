import { readdirSync } from "node:fs";
import { dirname } from "node:path";
import zlib from "node:zlib";
import { describe, expect, test } from "vitest";
import { openInput } from "../../../src/cli/inputs/open.ts";
import { bytesOf, floats, npyBytes, npyLiteral, writeInput } from "../files.ts";
import { noise } from "../run.ts";
import { type ZipMember, zipBytes } from "../zip.ts";
import { read, readChunks, refusal } from "./read-input.ts";

const matrix = npyBytes(npyLiteral("<f4", "(2, 3)"), floats(1, -2, 3.5, 0, 0.25, 1024));
const SIX = { values: [1, -2, 3.5, 0, 0.25, 1024], shape: [2, 3] };
const bias = npyBytes(npyLiteral("<f4", "(2,)"), floats(0.5, -4));

const writeZip = (...members: ZipMember[]): string => writeInput("w.npz", zipBytes(members));

describe("an .npz input", () => {
  test.each(["stored", "deflated"] as const)("is read as its member is, %s", async (method) => {
    expect(await read(writeZip({ name: "weight.npy", data: matrix, method }))).toEqual(SIX);
  });

  test("gives the same rows in chunks of any size, from any row, more than once and at the same time", async () => {
    const data = noise(5000 * 3);
    const path = writeZip({ name: "w.npy", data: npyBytes(npyLiteral("<f4", "(5000, 3)"), bytesOf(data)) });
    for (const [chunkRows, firstRow] of [
      [1, 4990],
      [7, 0],
      [4999, 1],
      [9000, 0],
    ] as const) {
      const chunks = await readChunks(path, chunkRows, firstRow);
      expect(chunks.flat()).toEqual(Array.from(data.subarray(firstRow * 3)));
    }
    const input = await openInput(path);
    for (let pass = 0; pass < 2; pass++) {
      const rows: number[] = [];
      for await (const chunk of input.rows(1000)) rows.push(...chunk);
      expect(rows).toEqual(Array.from(data));
    }
    for await (const chunk of input.rows(10)) {
      expect(chunk[0]).toBe(data[0]);
      break;
    }
    const rest: number[] = [];
    for await (const chunk of input.rows(10, 4995)) rest.push(...chunk);
    expect(rest).toEqual(Array.from(data.subarray(4995 * 3)));
    await input.close();
  });

  test("chooses the member that is named, or the only one that could be meant, and lists them otherwise", async () => {
    const other = npyBytes(npyLiteral("<f8", "(1, 1)"), bytesOf(Float64Array.of(7)));
    const texts = npyBytes(npyLiteral("<U3", "(1,)"), new Uint8Array(12));
    const members = [
      { name: "weight.npy", data: matrix },
      { name: "bias.npy", data: bias },
      { name: "names.npy", data: texts },
      { name: "readme.txt", data: Buffer.from("not an array") },
    ];
    expect(await read(writeZip(...members))).toEqual(SIX);
    const path = writeZip(...members, { name: "other.npy", data: other });
    expect((await read(path, { tensor: "other" })).values).toEqual([7]);
    const { code, message } = await refusal(read(path));
    expect(code).toBe("RangeError");
    expect(message).toContain("'--tensor' is missing: 2 tensors could be a matrix of floats");
    expect(message).toContain('"weight" <f4 [2, 3], "bias" <f4 [2], "names" <U3 [1], "other" <f8 [1, 1]');
    expect((await refusal(read(path, { tensor: "none" }))).message).toContain('no tensor "none"');
  });

  test("has its bias in the same file", async () => {
    const path = writeZip({ name: "weight.npy", data: matrix }, { name: "bias.npy", data: bias });
    const input = await openInput(path, { bias: "bias" });
    expect(await input.bias()).toEqual(Float32Array.of(0.5, -4));
    expect(await input.bias()).toEqual(Float32Array.of(0.5, -4));
    expect(input.unusedBiases).toEqual([]);
    await input.close();
    const unnamed = await openInput(path);
    expect(unnamed.unusedBiases).toEqual(["bias"]);
    await unnamed.close();
  });

  test("writes no file, whatever the members are called", async () => {
    const names = ["../../weight", "/etc/weight", "..\\weight", "C:/weight"];
    const path = writeZip(...names.map((name) => ({ name: `${name}.npy`, data: matrix })));
    for (const tensor of names) expect(await read(path, { tensor })).toEqual(SIX);
    expect(readdirSync(dirname(path))).toEqual(["w.npz"]);
    expect(readdirSync(dirname(dirname(path)))).not.toContain("weight.npy");
  });

  test("is refused before anything is inflated where so few bytes can't become so many", async () => {
    const header = npyBytes(npyLiteral("<f4", "(1000000000, 3)"), new Uint8Array(0));
    const byteLength = header.byteLength + 12_000_000_000;
    const path = writeInput(
      "w.npz",
      zipBytes([{ name: "w.npy", data: header, declared: { byteLength: 2 ** 32 - 2 } }]),
    );
    expect(byteLength).toBeGreaterThan(2 ** 32);
    const before = process.memoryUsage().rss;
    expect((await refusal(read(path, { tensor: "w" }))).code).toBe("zip-size");
    expect((await refusal(read(path))).message).toContain("expected a matrix of floats, but there is none");
    expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 24);
  });

  test("is refused where the shape is not the declared size, whatever is inside", async () => {
    const zeros = new Uint8Array(2 ** 20);
    for (const [shape, code] of [
      ["(2, 3)", "file-extended"],
      ["(1000000, 3)", "file-truncated"],
      ["(9007199254740991, 3)", "npy-shape"],
    ] as const) {
      const path = writeZip({ name: "w.npy", data: npyBytes(npyLiteral("<f4", shape), zeros) });
      expect((await refusal(read(path))).code).toBe(code);
    }
  });

  test("is refused where the member is longer, shorter or another than the archive says", async () => {
    const long = npyBytes(npyLiteral("<f4", "(3, 3)"), new Uint8Array(36));
    for (const [data, declared] of [
      [long, { byteLength: long.byteLength - 12 }],
      [npyBytes(npyLiteral("<f4", "(2, 3)"), new Uint8Array(24 + 12)), { byteLength: matrix.byteLength }],
      [matrix.subarray(0, -12), { byteLength: matrix.byteLength }],
      [matrix, { crc: 1 }],
    ] as const) {
      const { code, message } = await refusal(read(writeZip({ name: "w.npy", data, declared }), { tensor: "w" }));
      expect(["zip-member", "file-truncated"]).toContain(code);
      expect(message).toContain("w.npz");
    }
  });

  test.each([1, 2 ** 14, 2 ** 20])(
    "is refused where %i bytes follow what it declares, in a piece of their own",
    async (more) => {
      // zlib inflates 16 KiB at a time, so the declared bytes end together with a piece.
      const declared = npyBytes(npyLiteral("<f4", "(4088, 4)"), new Uint8Array(4 * 4 * 4088), 2);
      expect(declared.byteLength).toBe(2 ** 16);
      const data = Buffer.concat([declared, new Uint8Array(more)]);
      const member = { name: "w.npy", data, declared: { byteLength: declared.byteLength, crc: zlib.crc32(declared) } };
      expect(await refusal(read(writeZip(member)))).toMatchObject({ code: "zip-member" });
      expect(await read(writeZip({ name: "w.npy", data: declared }))).toMatchObject({ shape: [4088, 4] });
    },
  );

  test("is refused at every length shorter than its own, and where it holds no zip", async () => {
    const bytes = zipBytes([{ name: "weight.npy", data: matrix }]);
    for (let length = 0; length < bytes.byteLength; length++) {
      expect((await refusal(read(writeInput("w.npz", bytes.subarray(0, length))))).code).toBe("zip-member");
    }
    expect((await refusal(read(writeInput("w.npz", matrix)))).code).toBe("zip-member");
    expect((await refusal(read(writeZip()))).message).toContain("the file has no tensors");
  });

  test("survives every byte of it being another", async () => {
    const bytes = zipBytes([{ name: "weight.npy", data: matrix }]);
    let refused = 0;
    for (let at = 0; at < bytes.byteLength; at++) {
      const damaged = Uint8Array.from(bytes);
      damaged[at] = (damaged[at] as number) ^ 0xff;
      const { code } = await refusal(read(writeInput("w.npz", damaged)));
      expect(["none", "RangeError"].includes(code) || /^(zip|npy|npz|file)-/.test(code), `${at}: ${code}`).toBe(true);
      if (code !== "none") refused++;
    }
    expect(refused).toBeGreaterThan(bytes.byteLength / 2);
  });

  test.each([
    ["npy-header", "{'descr': '<f4', 'fortran_order': False, 'shape': __import__('os').getcwd(), }"],
    ["npy-order", "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }"],
    ["npy-dtype", "{'descr': '|O', 'fortran_order': False, 'shape': (2, 3), }"],
  ])("is refused as its member would be, with %s", async (code, literal) => {
    const path = writeZip({ name: "w.npy", data: npyBytes(literal, new Uint8Array(24)) });
    expect((await refusal(read(path, { tensor: "w" }))).code).toBe(code);
  });

  test("is refused with two members of one name, and where a member is encrypted or packed in another way", async () => {
    const twice = writeZip({ name: "w.npy", data: matrix }, { name: "w.npy", data: matrix });
    expect(await refusal(read(twice))).toMatchObject({
      code: "npz-members",
      message: expect.stringContaining("twice"),
    });
    const bytes = zipBytes([{ name: "weight.npy", data: matrix }]);
    const central = Buffer.from(bytes).indexOf("PK\x01\x02", 0, "latin1");
    for (const [at, value] of [
      [central + 8, 1], // encrypted
      [central + 10, 12], // bzip2
    ] as const) {
      const changed = Uint8Array.from(bytes);
      changed[at] = value;
      expect((await refusal(read(writeInput("w.npz", changed), { tensor: "weight" }))).code).toBe("zip-member");
    }
  });

  test("names row and column of a value that is not finite", async () => {
    const data = npyBytes(npyLiteral("<f4", "(2, 2)"), floats(1, 2, 3, Number.NaN));
    const { code, message } = await refusal(read(writeZip({ name: "w.npy", data })));
    expect(code).toBe("value-not-finite");
    expect(message).toContain("row 1, column 1: NaN");
  });

  test("leaves no file open", async () => {
    const open = () => readdirSync("/proc/self/fd").length;
    const path = writeZip({ name: "w.npy", data: matrix });
    const before = open();
    for (let i = 0; i < 20; i++) {
      await read(path);
      await refusal(read(path, { tensor: "none" }));
    }
    expect(open()).toBeLessThanOrEqual(before + 2);
  });
});
