import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FormatError } from "../../src/bytes/format-error.ts";
import { type Dtype, dtypeBytes, headerByteLength, parseHeader, serialiseHeader } from "../../src/bytes/safetensors.ts";
import { container } from "../fixtures/container.ts";

function faultOf(action: () => unknown): { code: string; offset: number } {
  try {
    action();
  } catch (error) {
    if (error instanceof FormatError) return { code: error.code, offset: error.offset };
    throw error;
  }
  return { code: "none", offset: -1 };
}

const faultOfJson = (json: string | Uint8Array, dataBytes?: number) => {
  const bytes = container(json);
  return faultOf(() => parseHeader(bytes, dataBytes === undefined ? undefined : bytes.byteLength + dataBytes));
};

describe("headerByteLength", () => {
  const lengthField = (value: bigint) => {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, value, true);
    return bytes;
  };

  test("counts the length field itself", () => {
    expect(headerByteLength(lengthField(56n), 64, 64)).toBe(64);
    expect(headerByteLength(lengthField(56n), undefined, 64)).toBe(64);
  });

  test("refuses every length field that is too small or above the bound", () => {
    for (const value of [0n, 1n, 57n, 2n ** 31n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n]) {
      expect(
        faultOf(() => headerByteLength(lengthField(value), undefined, 64)),
        `${value}`,
      ).toEqual({
        code: "header-length",
        offset: 0,
      });
    }
  });

  test("refuses a header that is longer than the file, and a file that ends inside the length field", () => {
    expect(faultOf(() => headerByteLength(lengthField(56n), 63, 1024))).toEqual({ code: "file-truncated", offset: 63 });
    for (let length = 0; length < 8; length++) {
      const fault = faultOf(() => headerByteLength(new Uint8Array(length), undefined, 1024));
      expect(fault).toEqual({ code: "file-truncated", offset: length });
    }
  });

  test("reads the field of a view that does not start at 0 of its buffer", () => {
    const larger = new Uint8Array(24).fill(0xff);
    larger.set(lengthField(8n), 3);
    expect(headerByteLength(larger.subarray(3), undefined, 1024)).toBe(16);
  });
});

describe("parseHeader", () => {
  test("gives the tensors in the order of their bytes, whatever the order of the JSON", () => {
    const bytes = container(
      '{"b":{"dtype":"U8","shape":[3],"data_offsets":[8,11]},"__metadata__":{"k":"v"},' +
        '"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}}  ',
    );
    expect(parseHeader(bytes, bytes.byteLength + 11)).toEqual({
      tensors: [
        { name: "a", dtype: "F32", shape: [2, 1], begin: 0, end: 8 },
        { name: "b", dtype: "U8", shape: [3], begin: 8, end: 11 },
      ],
      metadata: { k: "v" },
      byteLength: bytes.byteLength,
    });
  });

  test("accepts scalars, empty tensors and a file without tensors", () => {
    const json =
      '{"scalar":{"dtype":"F64","shape":[],"data_offsets":[0,8]},' +
      '"none":{"dtype":"F16","shape":[0,7],"data_offsets":[8,8]}}';
    expect(faultOfJson(json, 8).code).toBe("none");
    expect(faultOfJson("{}", 0).code).toBe("none");
  });

  test("accepts types of elements that nothing here reads, also of parts of a byte, beside others", () => {
    const json =
      '{"scale":{"dtype":"F8_E8M0","shape":[4],"data_offsets":[0,4]},"four":{"dtype":"F4","shape":[2,3],"data_offsets":[4,7]},' +
      '"six":{"dtype":"F6_E2M3","shape":[4],"data_offsets":[7,10]},"complex":{"dtype":"C64","shape":[1],"data_offsets":[10,18]}}';
    expect(faultOfJson(json, 18).code).toBe("none");
  });

  test("has no metadata but the file's own", () => {
    const { metadata } = parseHeader(container("{}"));
    expect(metadata.toString).toBeUndefined();
    expect(metadata.constructor).toBeUndefined();
  });

  test.each([
    ["header-utf8", new Uint8Array([0x7b, 0xc3, 0x28, 0x7d])],
    ["header-json", " {}"],
    ["header-json", "\ufeff{}"],
    ["header-json", "[]"],
    ["header-json", "{} {}"],
    ["header-json", '{"a":}'],
    ["header-json", "{\0}"],
    ["header-duplicate", '{"a":1,"a":2}'],
    ["header-duplicate", '{"a":{"dtype":"U8","dtype":"I8","shape":[0],"data_offsets":[0,0]}}'],
    ["header-duplicate", '{"a":1,"\\u0061":2}'],
    ["header-duplicate", '{"__metadata__":{"x":"{","x":"}"}}'],
    ["metadata", '{"__metadata__":[]}'],
    ["metadata", '{"__metadata__":null}'],
    ["metadata", '{"__metadata__":{"a":1}}'],
    ["metadata", '{"__metadata__":{"__proto__":"x"}}'],
    ["tensor-name", '{"__proto__":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}'],
    ["tensor-fields", '{"a":null}'],
    ["tensor-fields", '{"a":[1]}'],
    ["tensor-fields", '{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"extra":1}}'],
    ["tensor-dtype", '{"a":{"shape":[0],"data_offsets":[0,0]}}'],
    ["tensor-dtype", '{"a":{"dtype":"toString","shape":[0],"data_offsets":[0,0]}}'],
    ["tensor-dtype", '{"a":{"dtype":"F5","shape":[0],"data_offsets":[0,0]}}'],
    ["tensor-shape", '{"a":{"dtype":"F4","shape":[3],"data_offsets":[0,2]}}'],
    ["tensor-shape", '{"a":{"dtype":"U8","data_offsets":[0,0]}}'],
    ["tensor-shape", '{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,0]}}'],
    ["tensor-shape", '{"a":{"dtype":"U8","shape":[-0],"data_offsets":[0,0]}}'],
    ["tensor-shape", '{"a":{"dtype":"U8","shape":[0.5],"data_offsets":[0,0]}}'],
    ["tensor-shape", '{"a":{"dtype":"U8","shape":["1"],"data_offsets":[0,1]}}'],
    ["tensor-shape", '{"a":{"dtype":"U8","shape":[9007199254740992],"data_offsets":[0,0]}}'],
    ["tensor-shape", '{"a":{"dtype":"U8","shape":[4294967296,4294967296,0],"data_offsets":[0,0]}}'],
    ["tensor-shape", '{"a":{"dtype":"F64","shape":[2251799813685248],"data_offsets":[0,0]}}'],
    ["tensor-offsets", '{"a":{"dtype":"U8","shape":[0]}}'],
    ["tensor-offsets", '{"a":{"dtype":"U8","shape":[0],"data_offsets":[0]}}'],
    ["tensor-offsets", '{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0,0]}}'],
    ["tensor-offsets", '{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}}'],
    ["tensor-offsets", '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1e300]}}'],
    ["tensor-size", '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,7]}}'],
    ["tensor-gap", '{"a":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}'],
  ])("refuses with %s: %s", (code, json) => {
    expect(faultOfJson(json).code).toBe(code);
  });

  const twoTensors = (begin: number) =>
    `{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[${begin},${begin + 4}]}}`;

  test("refuses a gap or an overlap at the first byte that has no owner or two", () => {
    const byteLength = 8 + twoTensors(5).length;
    expect(faultOfJson(twoTensors(4)).code).toBe("none");
    expect(faultOfJson(twoTensors(5))).toEqual({ code: "tensor-gap", offset: byteLength + 4 });
    expect(faultOfJson(twoTensors(3))).toEqual({ code: "tensor-overlap", offset: byteLength + 3 });
    expect(faultOfJson(twoTensors(0))).toEqual({ code: "tensor-overlap", offset: byteLength });
  });

  test("refuses a file that ends before or after its last tensor", () => {
    const byteLength = 8 + twoTensors(4).length;
    expect(faultOfJson(twoTensors(4), 8).code).toBe("none");
    expect(faultOfJson(twoTensors(4), 7)).toEqual({ code: "file-truncated", offset: byteLength + 7 });
    expect(faultOfJson(twoTensors(4), 9)).toEqual({ code: "file-extended", offset: byteLength + 8 });
  });

  test("points at the entry that is wrong, in bytes also behind characters of several bytes", () => {
    const before = '{"ä€😀":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},';
    const fault = faultOfJson(`${before}"bad":{"dtype":"U8","shape":[2],"data_offsets":[0,1]}}`);
    expect(fault).toEqual({ code: "tensor-size", offset: 8 + new TextEncoder().encode(before).byteLength });
    expect(faultOfJson('{"a":1, "b":2, "a":3}')).toEqual({ code: "header-duplicate", offset: 8 + 15 });
  });

  test("cuts the names it repeats in a message", () => {
    const name = "x".repeat(100_000);
    expect(() => parseHeader(container(`{"${name}":1}`))).toThrow(/^.{0,200}$/s);
  });

  test("tells a short buffer of the caller from a short file", () => {
    const bytes = container('{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}');
    const part = bytes.subarray(0, 20);
    expect(faultOf(() => parseHeader(part)).code).toBe("file-truncated");
    expect(() => parseHeader(part, bytes.byteLength + 4)).toThrow(RangeError);
  });

  test("answers every damaged bit of a header with a header or a FormatError", () => {
    const header = serialiseHeader([{ name: "a", dtype: "F32", shape: [2, 3] }], { k: "v" });
    const file = new Uint8Array(header.byteLength + 24);
    file.set(header);
    const codes = new Set<string>();
    for (let bit = 0; bit < 8 * header.byteLength; bit++) {
      const damaged = file.slice();
      damaged[bit >> 3] = (file[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      codes.add(faultOf(() => parseHeader(damaged, damaged.byteLength)).code);
    }
    expect(codes).toContain("none");
    expect(codes).toContain("header-json");
    expect(codes).toContain("header-length");
  });

  test("survives deep nesting and long strings", () => {
    const deep = `{"a":${"[".repeat(200_000)}${"]".repeat(200_000)}}`;
    expect(faultOfJson(deep).code).toMatch(/^(header-json|tensor-fields)$/);
    expect(faultOfJson(`{"a":${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}}`).code).toMatch(/^(header|tensor)-/);
    expect(faultOfJson(`{"${"\\\\".repeat(2_000_000)}":1}`).code).toBe("tensor-fields");
  });
});

describe("serialiseHeader", () => {
  test("writes canonical JSON, padded so that the data starts at a multiple of 16", () => {
    const bytes = serialiseHeader(
      [
        { name: "weight", dtype: "F16", shape: [10, 3] },
        { name: "7", dtype: "I32", shape: [2] },
      ],
      { format: "x" },
    );
    const json =
      '{"__metadata__":{"format":"x"},"weight":{"dtype":"F16","shape":[10,3],"data_offsets":[0,60]},' +
      '"7":{"dtype":"I32","shape":[2],"data_offsets":[60,68]}}';
    const text = new TextDecoder().decode(bytes.subarray(8));
    expect(text.trimEnd()).toBe(json);
    expect(text).toMatch(/\} *$/);
    expect(bytes.byteLength % 16).toBe(0);
    expect(bytes.byteLength).toBeLessThan(8 + json.length + 16);
  });

  test("round-trips with parseHeader", () => {
    const dtypes: Dtype[] = ["BOOL", "U8", "F16", "BF16", "I32", "F64"];
    const name = fc.string({ unit: "binary" }).filter((text) => text !== "__proto__" && text !== "__metadata__");
    const spec = fc.record({
      name,
      dtype: fc.constantFrom(...dtypes),
      shape: fc.array(fc.nat(2000), { maxLength: 3 }),
    });
    const specs = fc.uniqueArray(spec, { selector: (tensor) => tensor.name, maxLength: 6 });
    fc.assert(
      fc.property(specs, fc.dictionary(name, fc.string()), (tensors, metadata) => {
        const bytes = serialiseHeader(tensors, metadata);
        const dataBytes = tensors.reduce((sum, t) => sum + t.shape.reduce((a, b) => a * b, dtypeBytes(t.dtype)), 0);
        const parsed = parseHeader(bytes, bytes.byteLength + dataBytes);
        expect(parsed.byteLength).toBe(bytes.byteLength);
        expect(parsed.metadata).toEqual(metadata);
        expect(new Set(parsed.tensors.map((t) => t.name))).toEqual(new Set(tensors.map((t) => t.name)));
        const solid = tensors.filter((t) => !t.shape.includes(0));
        const back = parsed.tensors.filter((t) => t.end > t.begin);
        expect(back.map(({ begin, end, ...rest }) => rest)).toEqual(solid);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  test("refuses names that are reserved or taken and shapes that can't be addressed", () => {
    const tensor = (name: string, shape: number[]) => ({ name, dtype: "F64" as const, shape });
    expect(() => serialiseHeader([tensor("__metadata__", [1])])).toThrow(RangeError);
    expect(() => serialiseHeader([tensor("__proto__", [1])])).toThrow(RangeError);
    expect(() => serialiseHeader([tensor("a", [1]), tensor("a", [2])])).toThrow('tensor name "a"');
    expect(() => serialiseHeader([tensor("a", [-1])])).toThrow(RangeError);
    expect(() => serialiseHeader([tensor("a", [1.5])])).toThrow(RangeError);
    expect(() => serialiseHeader([tensor("a", [2 ** 50, 0])])).toThrow(RangeError);
    expect(() => serialiseHeader([tensor("a", [2 ** 49]), tensor("b", [2 ** 49]), tensor("c", [2 ** 49])])).toThrow(
      RangeError,
    );
    expect(() => serialiseHeader([], JSON.parse('{"__proto__":"x"}'))).toThrow(RangeError);
  });
});
