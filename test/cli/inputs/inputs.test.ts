import { utimesSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { floatsToHalves } from "../../../src/bytes/float16.ts";
import { readAll } from "../../../src/cli/inputs/input.ts";
import { openInput, readVector } from "../../../src/cli/inputs/open.ts";
import { bytesOf, floats, npyBytes, npyLiteral, safetensorsBytes, writeInput } from "../files.ts";
import { read, refusal } from "./read-input.ts";

const SIX = { values: [1, -2, 3.5, 0, 0.25, 1024], shape: [2, 3] };
const six = Float32Array.from(SIX.values);

test("a file that changes while its rows are read, which a build does several times, is refused", async () => {
  const path = writeInput("w.f32", bytesOf(six));
  const input = await openInput(path, { dim: 3 });
  const pass = async (): Promise<number> => {
    let count = 0;
    for await (const chunk of input.rows(1)) count += chunk.length;
    return count;
  };
  expect(input.readsAgain).toBe(true);
  expect(await pass()).toBe(6);
  writeFileSync(path, bytesOf(six.map((value) => value + 1)));
  utimesSync(path, 1, 1);
  await expect(pass()).rejects.toThrow(`${path}: the file has changed since it was first read`);
  await input.close();
});

test("rows that must be parsed, or of which some are left out, are not to be read again", async () => {
  const csv = await openInput(writeInput("w.csv", "5,2\n3,4\n"));
  const kept = await openInput(writeInput("w.f32", bytesOf(six)), { dim: 3, dropAbove: 2000 });
  expect([csv.readsAgain, kept.readsAgain]).toEqual([false, false]);
  await csv.close();
  await kept.close();
});

describe("every reader", () => {
  const matrix = (dtype: "F32" | "F16" | "BF16" | "F64", data: ArrayBufferView) =>
    safetensorsBytes([{ name: "w", dtype, shape: [2, 3], data }]);
  const bfloat16 = Uint16Array.from(six, (value) => new DataView(Float32Array.of(value).buffer).getUint16(2, true));

  test.each([
    ["w.safetensors", matrix("F32", six)],
    ["w.safetensors", matrix("F16", floatsToHalves(six))],
    ["w.safetensors", matrix("BF16", bfloat16)],
    ["w.safetensors", matrix("F64", Float64Array.from(six))],
    ["W.NPY", npyBytes(npyLiteral("<f4", "(2, 3)"), bytesOf(six))],
    ["w.npy", npyBytes(npyLiteral("<f4", "(2, 3)"), bytesOf(six), 2)],
    ["w.npy", npyBytes(npyLiteral("<f4", "(2, 3)"), bytesOf(six), 3)],
    ["w.npy", npyBytes(npyLiteral("<f2", "(2, 3)"), bytesOf(floatsToHalves(six)))],
    ["w.npy", npyBytes(npyLiteral("<f8", "(2, 3)"), bytesOf(Float64Array.from(six)))],
    ["w.npy", npyBytes('{"shape":(2,3),"descr":"<f4","fortran_order":False}', bytesOf(six))],
  ])("gives the same six numbers: %s", async (name, bytes) => {
    expect(await read(writeInput(name, bytes))).toEqual(SIX);
  });

  test("gives the same six numbers: fvecs and raw f32", async () => {
    const dim = bytesOf(Int32Array.of(3));
    expect(await read(writeInput("w.fvecs", dim, floats(1, -2, 3.5), dim, floats(0, 0.25, 1024)))).toEqual(SIX);
    expect(await read(writeInput("w.f32", bytesOf(six)), { dim: 3 })).toEqual(SIX);
    expect(await read(writeInput("w.bin", bytesOf(six)), { dim: 3 })).toEqual(SIX);
  });

  test("gives the same rows in chunks of any size", async () => {
    const dim = bytesOf(Int32Array.of(1));
    const rows = [5, 6, 7, 8, 9].flatMap((value) => [dim, floats(value)]);
    for (const path of [writeInput("w.fvecs", ...rows), writeInput("w.f32", floats(5, 6, 7, 8, 9))]) {
      for (const chunkRows of [1, 2, 4, 5, 6]) {
        const input = await openInput(path, { dim: 1 });
        const chunks: number[][] = [];
        for await (const chunk of input.rows(chunkRows)) chunks.push(Array.from(chunk));
        const behind: number[] = [];
        for await (const chunk of input.rows(chunkRows, 3)) behind.push(...chunk);
        await input.close();
        expect(chunks.flat()).toEqual([5, 6, 7, 8, 9]);
        expect(behind).toEqual([8, 9]);
        expect(Math.max(...chunks.map((chunk) => chunk.length))).toBe(Math.min(chunkRows, 5));
      }
    }
  });

  test("reads no rows from a file without rows", async () => {
    expect(await read(writeInput("w.npy", npyBytes(npyLiteral("<f4", "(0, 7)"), floats())))).toEqual({
      values: [],
      shape: [0, 7],
    });
    expect(await read(writeInput("w.f32"), { dim: 4 })).toEqual({ values: [], shape: [0, 4] });
  });

  test("names file, row and column of a value that is not finite", async () => {
    const dim = bytesOf(Int32Array.of(2));
    const bad = [1, 2, 3, Number.NaN, 5, Number.NEGATIVE_INFINITY];
    for (const [path, options] of [
      [writeInput("w.f32", floats(...bad)), { dim: 2 }],
      [writeInput("w.fvecs", dim, floats(1, 2), dim, floats(3, Number.NaN)), {}],
      [writeInput("w.npy", npyBytes(npyLiteral("<f4", "(3, 2)"), floats(...bad))), {}],
    ] as const) {
      const { code, message } = await refusal(read(path, options));
      expect(code).toBe("value-not-finite");
      expect(message).toContain(`${path}: row 1, column 1: NaN`);
    }
  });

  test("counts rows across chunks in that message", async () => {
    const input = await openInput(writeInput("w.f32", floats(1, 2, 3, 4, 5, 6, 7, Number.POSITIVE_INFINITY)), {
      dim: 2,
    });
    const drain = async () => {
      for await (const _ of input.rows(2));
    };
    expect((await refusal(drain())).message).toContain("row 3, column 1: Infinity");
    await input.close();
  });

  test("refuses an f64 that overflows an f32", async () => {
    const path = writeInput("w.npy", npyBytes(npyLiteral("<f8", "(2, 1)"), bytesOf(Float64Array.of(1, 1e39))));
    expect(await refusal(read(path))).toEqual({
      code: "value-not-finite",
      message: expect.stringContaining("row 1, column 0: 1e+39 does not fit into f32"),
    });
  });

  test("refuses a dim that is not the file's, or no dim at all", async () => {
    const dim = bytesOf(Int32Array.of(2));
    for (const path of [
      writeInput("w.fvecs", dim, floats(1, 2)),
      writeInput("w.npy", npyBytes(npyLiteral("<f4", "(1, 2)"), floats(1, 2))),
      writeInput("w.safetensors", safetensorsBytes([{ name: "w", dtype: "F32", shape: [1, 2], data: floats(1, 2) }])),
    ]) {
      const { code, message } = await refusal(read(path, { dim: 3 }));
      expect(code).toBe("RangeError");
      expect(message).toBe(`${path}: '--dim' is 3, but the file has rows of 2 values: leave '--dim' out`);
    }
    const raw = writeInput("w.f32", floats(1, 2));
    expect((await refusal(read(raw))).message).toContain("'--dim' is missing");
    for (const wrong of [0, -1, 1.5, Number.NaN]) {
      expect((await refusal(read(raw, { dim: wrong }))).message).toContain("'--dim' expected an integer ≥ 1");
    }
  });

  test("refuses an extension it has no reader for, a folder and a file that is not there", async () => {
    expect((await refusal(read(writeInput("w.txt", "1,2")))).message).toMatch(
      /the extension ".txt" is not supported, .* plain text: .*csv/,
    );
    expect((await refusal(read(writeInput("w.raw", "\x00")))).message).toMatch(
      /the extension ".raw" is not supported, expected .*\.npy/,
    );
    expect((await refusal(read(writeInput("w")))).code).toBe("RangeError");
    expect((await refusal(read("/nonexistent/w.npy"))).message).toContain("/nonexistent/w.npy");
    expect((await refusal(read(writeInput("w.constructor", "\x00")))).code).toBe("RangeError");
  });
});

describe("a .safetensors input", () => {
  const tensors = safetensorsBytes([
    { name: "bias", dtype: "F16", shape: [2], data: floatsToHalves(Float32Array.of(0.5, -4)) },
    { name: "weight", dtype: "F32", shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
    { name: "mask", dtype: "BOOL", shape: [2, 2], data: Uint8Array.of(1, 0, 1, 0) },
    { name: "short", dtype: "F32", shape: [1], data: Float32Array.of(7) },
  ]);
  const two = safetensorsBytes([
    { name: "a", dtype: "F32", shape: [1, 2], data: Float32Array.of(1, 2) },
    { name: "b", dtype: "F16", shape: [1, 1], data: floatsToHalves(Float32Array.of(3)) },
  ]);

  test("needs no name if only one tensor is a matrix of floats, and finds its bias by name", async () => {
    const input = await openInput(writeInput("w.safetensors", tensors), { bias: "bias" });
    expect(Array.from((await readAll(input)).data)).toEqual([1, 2, 3, 4]);
    expect(await input.bias()).toEqual(Float32Array.of(0.5, -4));
    await input.close();
    const without = await openInput(writeInput("w.safetensors", tensors));
    expect(await without.bias()).toBeUndefined();
    await without.close();
  });

  test("takes the tensor that is named, and lists those there are if it can't", async () => {
    const path = writeInput("w.safetensors", two);
    expect((await read(path, { tensor: "b" })).values).toEqual([3]);
    const list = '"a" F32 [1, 2], "b" F16 [1, 1]';
    const unnamed = await refusal(read(path));
    expect(unnamed).toEqual({
      code: "RangeError",
      message: expect.stringContaining("'--tensor' is missing: 2 tensors"),
    });
    expect(unnamed.message).toContain(list);
    expect((await refusal(read(path, { tensor: "c" }))).message).toContain(`no tensor "c"`);
    expect((await refusal(read(path, { tensor: "c" }))).message).toContain(list);
  });

  test("refuses a tensor of another rank or type and a bias of another length", async () => {
    const path = writeInput("w.safetensors", tensors);
    expect((await refusal(read(path, { tensor: "bias" }))).message).toContain('got "bias" F16 [2]');
    expect((await refusal(read(path, { tensor: "mask" }))).message).toContain('got "mask" BOOL [2, 2]');
    const input = await openInput(path, { bias: "short" });
    expect((await refusal(input.bias())).message).toContain("'--bias' expected 2 values, one for each row, got 1");
    await input.close();
  });

  test("refuses every shorter and some longer files", async () => {
    const codes = new Set<string>();
    for (let length = 0; length < two.byteLength; length++) {
      codes.add((await refusal(read(writeInput("w.safetensors", two.subarray(0, length)), { tensor: "a" }))).code);
    }
    expect(codes).toEqual(new Set(["file-truncated"]));
    expect((await refusal(read(writeInput("w.safetensors", two, "\0"), { tensor: "a" }))).code).toBe("file-extended");
  });

  test("refuses a header length above the cap before it reads the header", async () => {
    const length = bytesOf(BigUint64Array.of(2n ** 40n));
    expect((await refusal(read(writeInput("w.safetensors", length)))).code).toBe("header-length");
  });
});

describe("a .npy input", () => {
  const readLiteral = (literal: string, data = bytesOf(six)) =>
    refusal(read(writeInput("w.npy", npyBytes(literal, data))));

  test.each([
    ["npy-header", "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1+2), }"],
    ["npy-header", "{'descr': '<f4', 'fortran_order': False, 'shape': __import__('os').getcwd(), }"],
    ["npy-header", "dict(descr='<f4', fortran_order=False, shape=(2, 3))"],
    ["npy-header", "{'descr': '<f4', 'fortran_order': 0, 'shape': (2, 3), }"],
    ["npy-header", "{'descr': '<f4', 'fortran_order': False, 'shape': [2, 3], }"],
    ["npy-header", "{'descr': '<f4', 'fortran_order': False, 'shape': (2, -3), }"],
    ["npy-header", "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 03), }"],
    ["npy-header", "{'descr': '<f4', 'fortran_order': False, 'shape': (6), }"],
    ["npy-header", "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3"],
    ["npy-header", "{'descr': '<f4', 'fortran_order': False, }"],
    ["npy-header", "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), 'x': 'y', }"],
    ["npy-header", "{'descr': '<f4', 'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }"],
    ["npy-header", "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), } + {}"],
    ["npy-header", "{'descr': '\\x3cf4', 'fortran_order': False, 'shape': (2, 3), }"],
    ["npy-header", ""],
    ["npy-dtype", "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (6,), }"],
    ["npy-order", "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }"],
    ["npy-shape", "{'descr': '<f4', 'fortran_order': False, 'shape': (6,), }"],
    ["npy-shape", "{'descr': '<f4', 'fortran_order': False, 'shape': (), }"],
    ["npy-shape", "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 3), }"],
    ["npy-shape", "{'descr': '<f4', 'fortran_order': False, 'shape': (9007199254740991, 9007199254740991), }"],
    ["npy-header", "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999, 1), }"],
  ])("refuses with %s: %s", async (code, literal) => {
    expect((await readLiteral(literal)).code).toBe(code);
  });

  test.each([
    ["(6,)", "shape expected [N, D], got [6]: save a single row as array.reshape(1, -1)"],
    ["(2, 1, 3)", "got [2, 1, 3]: save it as array.reshape(-1, 3)"],
  ])("says how to make a matrix of the shape %s", async (shape, remedy) => {
    expect((await readLiteral(npyLiteral("<f4", shape))).message).toContain(remedy);
  });

  test.each([
    ["|O", "Python objects"],
    [">f4", "big-endian"],
    ["<U3", "text"],
    ["|S8", "text"],
    ["<c8", "complex"],
    ["<f16", "not supported"],
    ["constructor", "not supported"],
    ["<i4", "embeddings expected"],
    ["|i1", "expected f2, f4 or f8: convert the array with astype('<f4')"],
  ])("refuses the type %s by name", async (descr, named) => {
    const { code, message } = await readLiteral(npyLiteral(descr, "(2, 3)"));
    expect(code).toBe("npy-dtype");
    expect(message).toContain(named);
    expect(message).toContain(descr);
  });

  test("points at the byte of the header that is wrong", async () => {
    const literal = "{'descr': '<f4', 'fortran_order': Maybe, 'shape': (2, 3), }";
    expect((await readLiteral(literal)).message).toContain(`at byte ${10 + literal.indexOf("Maybe")}`);
  });

  test("refuses every shorter and some longer files, foreign bytes and later versions", async () => {
    const bytes = npyBytes(npyLiteral("<f4", "(2, 3)"), bytesOf(six));
    const codes = new Set<string>();
    for (let length = 0; length < bytes.byteLength; length++) {
      codes.add((await refusal(read(writeInput("w.npy", bytes.subarray(0, length))))).code);
    }
    expect(codes).toEqual(new Set(["file-truncated"]));
    expect((await refusal(read(writeInput("w.npy", bytes, "\0")))).code).toBe("file-extended");
    expect((await refusal(read(writeInput("w.npy", "PK\x03\x04 an npz archive")))).code).toBe("npy-magic");
    expect((await refusal(read(writeInput("w.npy", "\x93NUMPY\x04\x00\x10\x00", "x".repeat(99))))).code).toBe(
      "npy-version",
    );
    expect((await refusal(read(writeInput("w.npy", "\x93NUMPY\x02\x00\xff\xff\xff\xff", "x")))).code).toBe(
      "npy-header",
    );
  });
});

describe("an .fvecs or raw input", () => {
  const dim = (value: number) => bytesOf(Int32Array.of(value));

  test("refuses rows that change their dim, naming the row", async () => {
    // Rows of 2, 1 and 3 values have as many bytes as three rows of 2.
    const path = writeInput("w.fvecs", dim(2), floats(1, 2), dim(1), floats(3), dim(3), floats(4, 5, 6));
    expect(await refusal(read(path))).toEqual({
      code: "fvecs-dim",
      message: expect.stringContaining(`${path}: row 1 has 1 values, expected 2`),
    });
  });

  test("refuses a first dim that can't be one, and a file that ends inside a row", async () => {
    for (const value of [0, -1, -(2 ** 31)]) {
      expect((await refusal(read(writeInput("w.fvecs", dim(value), floats(1))))).code).toBe("fvecs-dim");
    }
    for (const bytes of [[], [dim(2).subarray(0, 3)], [dim(2), floats(1)], [dim(2 ** 31 - 1), floats(1)]]) {
      expect((await refusal(read(writeInput("w.fvecs", ...bytes)))).code).toBe("file-truncated");
    }
    expect((await refusal(read(writeInput("w.f32", floats(1, 2, 3)), { dim: 2 }))).code).toBe("file-truncated");
  });
});

describe("a vector of counts", () => {
  test.each([
    ["<i4", Int32Array.of(1, 0, 7)],
    ["<u4", Uint32Array.of(1, 0, 7)],
    ["<i8", BigInt64Array.of(1n, 0n, 7n)],
    ["<f4", Float32Array.of(1, 0, 7)],
  ])("is read from .npy of %s", async (descr, values) => {
    const path = writeInput("c.npy", npyBytes(npyLiteral(descr, "(3,)"), bytesOf(values)));
    expect(Array.from(await readVector(path))).toEqual([1, 0, 7]);
  });

  test("is read from a tensor, raw f32, and a file of none", async () => {
    const tensor = { name: "counts", dtype: "I64", shape: [2], data: BigInt64Array.of(3n, 4n) } as const;
    expect(Array.from(await readVector(writeInput("c.safetensors", safetensorsBytes([tensor]))))).toEqual([3, 4]);
    expect(Array.from(await readVector(writeInput("c.f32", floats(3, 4))))).toEqual([3, 4]);
    expect(Array.from(await readVector(writeInput("c.f32")))).toEqual([]);
  });

  test("is refused if it is a matrix or holds NaN", async () => {
    const matrix = writeInput("c.npy", npyBytes(npyLiteral("<f4", "(2, 3)"), bytesOf(six)));
    const { code, message } = await refusal(readVector(matrix));
    expect(code).toBe("npy-shape");
    expect(message).toContain("shape expected [N], got [2, 3]: save it as array.reshape(-1)");
    expect((await refusal(readVector(writeInput("c.fvecs", bytesOf(Int32Array.of(1)), floats(1))))).code).toBe(
      "RangeError",
    );
    expect((await refusal(readVector(writeInput("c.f32", floats(1, Number.NaN))))).message).toContain("row 1");
  });

  test("can be the bias of an input whose tensors have no names", async () => {
    const bias = writeInput("b.npy", npyBytes(npyLiteral("<f4", "(2,)"), floats(0.5, 1)));
    const input = await openInput(writeInput("w.npy", npyBytes(npyLiteral("<f4", "(2, 3)"), bytesOf(six))), { bias });
    expect(Array.from((await input.bias()) ?? [])).toEqual([0.5, 1]);
    await input.close();
  });
});
