import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { writeInput } from "../cli/files.ts";
import { midx } from "../cli/run.ts";
import { container } from "../fixtures/container.ts";
import { bytesOf, float32Of, int32Of, type RawFile, readRaw, writeRaw } from "../fixtures/index-file.ts";
import { SMALL_FILES } from "./files.ts";

// Every code of FORMAT.md, as a user sees it who runs `midx verify` on a file from somebody else.

const file = SMALL_FILES["RQ, i8 rows, bias, fine codes"];
const raw = (): RawFile => readRaw(file);

const withMetadata = (changes: Record<string, string>): Uint8Array => {
  const { metadata, ...rest } = raw();
  return writeRaw({ ...rest, metadata: { ...metadata, ...changes } });
};

function withTensor(name: string, fields: object): Uint8Array {
  const { tensors, ...rest } = raw();
  return writeRaw({
    ...rest,
    tensors: { ...tensors, [name]: { ...tensors[name], ...fields } as RawFile["tensors"][string] },
  });
}

function withBytes(damage: (from: RawFile) => void): Uint8Array {
  const from = raw();
  damage(from);
  return writeRaw(from);
}

const ids = raw().tensors.ids as RawFile["tensors"][string];
const moved = (by: number): object => ({ data_offsets: ids.data_offsets.map((at) => at + by) });

const CASES: Record<string, Uint8Array> = {
  "file-truncated": file.subarray(0, -1),
  "file-extended": Buffer.concat([file, Buffer.alloc(1)]),
  "header-length": Buffer.from("id,score\n1,2\n"),
  "header-utf8": container(Uint8Array.of(0x7b, 0xc3, 0x28, 0x7d)),
  "header-json": container("{ }}"),
  "header-duplicate": container('{"a":1,"a":1}'),
  "header-checksum": writeRaw(raw(), { headerChecksum: "0".repeat(16) }),
  "header-canonical": longerHeader(),
  metadata: container('{"__metadata__":[]}'),
  "foreign-file": container('{"__metadata__":{"format":"pt"}}'),
  "format-version": withMetadata({ formatVersion: "3.0" }),
  section: withMetadata({ sections: "columns/1/refuse" }),
  "metadata-missing": withoutBuilder(),
  "metadata-value": withMetadata({ dim: "4097" }),
  "tensor-name": container('{"__proto__":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}'),
  "tensor-fields": withTensor("ids", { order: "C" }),
  "tensor-dtype": withTensor("ids", { dtype: "I7" }),
  "tensor-shape": withTensor("ids", { shape: [-1] }),
  "tensor-offsets": withTensor("ids", { data_offsets: [0] }),
  "tensor-size": withTensor("ids", { shape: [8] }),
  "tensor-gap": withTensor("ids", moved(16)),
  "tensor-overlap": withTensor("ids", moved(-16)),
  "tensor-table": withMetadata({ hasBias: "false" }),
  "tensor-checksum": Uint8Array.from(file, (byte, i) => (i === file.length - 1 ? byte ^ 1 : byte)),
  "tensor-padding": withBytes((from) => int32Of(from, "ids").fill(1, 50)),
  "tensor-value": withBytes((from) => float32Of(from, "codebook1").fill(Number.NaN, 0, 1)),
  "bucket-codes": withBytes((from) => int32Of(from, "bucketCodes").fill(-1, 0, 1)),
  "bucket-offsets": withBytes((from) => int32Of(from, "bucketOffsets").fill(1, 0, 1)),
  "largest-bucket": withMetadata({ largestBucket: "50" }),
  ids: withBytes((from) => bytesOf(from, "ids").copyWithin(0, 4, 8)),
  "label-offsets": withBytes((from) => int32Of(from, "labelOffsets").fill(-1, 0, 1)),
  "label-text": withBytes((from) => bytesOf(from, "labelText").fill(0xff, 0, 1)),
  "label-order": withBytes((from) => int32Of(from, "labelOrder").copyWithin(0, 1, 2)),
};

function withoutBuilder(): Uint8Array {
  const { metadata, ...rest } = raw();
  const { builder: _, ...others } = metadata;
  return writeRaw({ ...rest, metadata: others });
}

/**
 * The correct header with 16 more spaces. It is compared before the tensors, whose checksums then no longer fit their
 * place.
 */
function longerHeader(): Uint8Array {
  const { headerBytes, data } = raw();
  const longer = new Uint8Array(headerBytes + 16 + data.length).fill(0x20);
  longer.set(file.subarray(0, headerBytes));
  new DataView(longer.buffer).setBigUint64(0, BigInt(headerBytes + 16 - 8), true);
  longer.set(data, headerBytes + 16);
  return longer;
}

describe("midx verify", () => {
  test.each(Object.entries(CASES))("exits with 3 for %s, with the reason on one line", async (code, bytes) => {
    const path = writeInput("bad.midx", bytes);
    const outcome = await midx(["verify", path]);
    expect(outcome).toMatchObject({ code: 3, stdout: "" });
    expect(outcome.stderr.startsWith(`error: ${path}: `)).toBe(true);
    expect(outcome.stderr).toMatch(new RegExp(`^[^\\n]+ \\(${code} at byte \\d+\\)\\n$`));
    expect(outcome.stderr.length).toBeLessThan(path.length + 300);
  });

  test("has a case here for every code of FORMAT.md", () => {
    const document = readFileSync(new URL("../../FORMAT.md", import.meta.url), "utf8");
    const [section = ""] = document.slice(document.indexOf("## Validation") + 1).split("\n## ");
    const codes = Array.from(section.matchAll(/^\| `([a-z0-9-]+)` \|/gm), ([, code]) => code as string);
    expect(Object.keys(CASES).sort()).toEqual(codes.sort());
  });

  test("exits with 3 with --json and for inspect, query and sample too", async () => {
    const path = writeInput("bad.midx", CASES.ids as Uint8Array);
    for (const argv of [
      ["verify", path, "--json"],
      ["inspect", path],
      ["inspect", path, "--json"],
    ]) {
      const outcome = await midx(argv);
      expect(outcome, argv.join(" ")).toMatchObject({ code: 3, stdout: "" });
      expect(outcome.stderr).toContain("(ids at byte ");
    }
  });

  test("exits with 3 for no bytes, 2 MiB of zeros, and text", async () => {
    for (const bytes of [new Uint8Array(0), new Uint8Array(2 ** 21), Buffer.from("<!doctype html>".repeat(1000))]) {
      expect(await midx(["verify", writeInput("bad.midx", bytes)])).toMatchObject({ code: 3, stdout: "" });
    }
  });
});
