import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bytesOf, npyBytes, npyLiteral, safetensorsBytes } from "./files.ts";
import { midx, noise } from "./run.ts";
import { zipBytes } from "./zip.ts";

/*
 * Typical mistakes of a new user. Each message says what was expected, what came instead, and what to do.
 */

const [N, D] = [40, 4];
const LIST = '"emb" F32 [40, 4], "bias" F32 [40], "times" F32 [40], "short" F32 [39]';
let folder: string;

const lines = (count: number, name: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => `${name(i)}\n`).join("");
const matrix = (rows: number, dim: number, values = noise(rows * dim, 7)): Uint8Array =>
  npyBytes(npyLiteral("<f4", `(${rows}, ${dim})`), bytesOf(values));
const vector = (name: string, length: number) =>
  ({ name, dtype: "F32", shape: [length], data: noise(length, 3).map(Math.abs) }) as const;

const FILES: Readonly<Record<string, () => Uint8Array | string>> = {
  "table.npy": () => matrix(N, D),
  "wide.npy": () => matrix(3, 5),
  "nan.npy": () => matrix(1, 4, Float32Array.of(1, 2, Number.NaN, 3)),
  "q.npy": () => matrix(8, D),
  "none.npy": () => matrix(0, D),
  "large.npy": () => matrix(N, D, noise(N * D, 7).fill(2 ** 33, -1)),
  "larger.npy": () => matrix(8, D, noise(8 * D, 7).fill(-(2 ** 41), 9, 10)),
  "negative.npy": () => npyBytes(npyLiteral("<f4", "(40,)"), bytesOf(noise(N, 2).fill(0).fill(-2, 30, 31))),
  "steep.npy": () => npyBytes(npyLiteral("<f4", "(40,)"), bytesOf(noise(N, 2).fill(2 ** 41, 39))),
  "keys.jsonl": () => '{"id":"a","v":[1,2],"w":[3,4]}\n',
  "short.npy": () => npyBytes(npyLiteral("<f4", "(39,)"), bytesOf(noise(39, 2))),
  "model.safetensors": () =>
    safetensorsBytes([
      { name: "emb", dtype: "F32", shape: [N, D], data: noise(N * D, 5) },
      ...[vector("bias", N), vector("times", N), vector("short", N - 1)],
    ]),
  "two.safetensors": () =>
    safetensorsBytes(["a", "b"].map((name) => ({ name, dtype: "F32", shape: [N, D], data: noise(N * D, 5) }) as const)),
  "labels.txt": () => lines(N, (i) => `n${i}`),
  "eight.txt": () => lines(8, (i) => `n${i}`),
  "few.txt": () => lines(N - 1, (i) => `n${i}`),
  "twice.txt": () => lines(N, (i) => `n${i % (N - 1)}`),
  "words.txt": () => lines(30, () => "the cat sat on the mat"),
  "page.html": () => "<!DOCTYPE html><html><body>404</body></html>",
  "table.csv": () => "<!DOCTYPE html><html><body>404</body></html>",
  "model.pt": () => zipBytes([{ name: "archive/data.pkl", data: Buffer.from("x") }]),
  "tensor.pt": () => zipBytes([{ name: "data/0", data: Buffer.from("x") }]),
  "pytorch_model.bin": () => zipBytes([{ name: "archive/data.pkl", data: Buffer.from("x") }]),
  "arrays.dat": () => zipBytes([{ name: "a.npy", data: matrix(N, D) }]),
  "items.xlsx": () =>
    zipBytes(["[Content_Types].xml", "xl/workbook.xml"].map((name) => ({ name, data: Buffer.from("<x/>") }))),
  "items.ods": () =>
    zipBytes([
      { name: "mimetype", data: Buffer.from("application/vnd.oasis.opendocument.spreadsheet"), method: "stored" },
    ]),
  "model.gguf": () => "GGUF\u0003\u0000\u0000\u0000\u0000\u0000",
  "table.npy.gz": () => gzipSync(matrix(N, D)),
  "table.zst": () => Buffer.from("28b52ffd0000000000", "hex"),
  "table.pkl": () => Buffer.from("80049500000000000000", "hex"),
  "table.parquet": () => Buffer.from("GGUF plus text, no parquet"),
  "rows.dat": () => matrix(N, D),
  "pointer.json": () => JSON.stringify({ version: "1", parts: [{ sha256: "0" }] }),
  "plan.json": () => JSON.stringify({ kind: "build-plan", parts: [], fingerprints: [{ sha256: "0" }] }),
  "lfs.safetensors": () => "version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
  "photo.png": () => Buffer.from("89504e470d0a1a0a00", "hex"),
  "photo.jpg": () => Buffer.from("ffd8ffe000104a4649", "hex"),
  "empty.npy": () => "",
  "table.tsv": () => lines(N, (i) => `${i}\t2\t3`),
  "words.vec": () => `${N} 2\n${lines(N, (i) => `w${i} 1 2`)}`,
  "spaces.txt": () => lines(N, (i) => `${i} 2 3`),
  "commas.txt": () => lines(N, (i) => `${i}, 2, 3`),
  "notes.txt": () => "these are only notes\n",
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "midx-messages-"));
  for (const [name, content] of Object.entries(FILES)) writeFileSync(join(folder, name), content());
  mkdirSync(join(folder, "models"));
  await midx(["build", join(folder, "table.npy"), "--calibrate", "off", "-o", join(folder, "index.midx")]);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Words that begin with "@" are files of the folder. */
async function answerOf(command: string): Promise<string> {
  const argv = (command.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replaceAll("'", ""));
  const { code, stdout, stderr } = await midx(argv.map((word) => word.replace(/^@/, `${folder}/`)));
  if (code !== 0) expect(stdout).toBe("");
  return `${code} ${stderr}`.trimEnd().replaceAll(`${folder}/`, "@");
}

const LARGE =
  "3 error: @large.npy: row 39, column 3: expected a magnitude of at most 4294967296, got 8589934592: --drop-invalid leaves such rows out (value-range at byte 750)";
const LARGER =
  "3 error: @larger.npy: row 2, column 1: expected a magnitude of at most 1099511627776, got -2199023255552 (value-range at byte 158)";
const OTHER_DIM = "expected rows of 4 values, as in the table of embeddings, got rows of 5";
const NO_STANDARD_INPUT =
  "there is no such file, and standard input may only be the embeddings of midx build and the table of midx changes (ENOENT)";
const BUILD = "build @model.safetensors --tensor emb -o @out.midx";
const QUERY = "predict @index.midx --vector [1,2,3,4]";

describe("a file that is no index", () => {
  const notIndex = (name: string, look: string, remedy: string, code = "header-length"): [string, string] => [
    name,
    `3 error: @${name}: it ${look === "" ? "is empty" : `looks like ${look}`}, not an index: ${remedy} (${code} at byte 0)`,
  ];
  const fromIt = (name: string): string => `build an index from it: midx build @${name} -o <index>`;
  const convert = "save its rows as .safetensors or .npy first";
  const give = "pass a file that midx build wrote";
  test.each([
    notIndex(
      "page.html",
      "a web page (HTML)",
      "it may be the error page of a failed download: download the file again",
    ),
    notIndex("model.pt", "a PyTorch checkpoint", convert),
    notIndex("arrays.dat", "NumPy arrays (.npz)", fromIt("arrays.dat")),
    notIndex("items.xlsx", "a spreadsheet (.xlsx or .ods)", give),
    notIndex("model.gguf", "a GGUF model", convert),
    notIndex("table.npy", "a NumPy array (.npy)", fromIt("table.npy")),
    notIndex("table.npy.gz", "a gzip archive", "unpack it first: gunzip @table.npy.gz"),
    notIndex("table.zst", "a Zstandard archive", "unpack it first: zstd -d @table.zst"),
    notIndex("table.pkl", "a Python pickle", convert),
    notIndex("photo.png", "a PNG image", give),
    notIndex("photo.jpg", "a JPEG image", give),
    notIndex("notes.txt", "plain text", give),
    notIndex("lfs.safetensors", "a Git LFS pointer", "download the actual file: git lfs pull"),
    notIndex(
      "pointer.json",
      "a pointer that midx publish wrote",
      "a pointer names a published index: pass the file that was published, or serve the pointer with midx serve",
    ),
    notIndex(
      "plan.json",
      "a plan of a build in parts",
      "a plan names the tasks of a build in parts: pass the manifest.json that the build writes beside it",
    ),
    notIndex("model.safetensors", "a safetensors file", fromIt("model.safetensors"), "foreign-file"),
    notIndex("empty.npy", "", "the program that wrote it may have been interrupted: create it again", "file-truncated"),
    ["models", "2 error: @models: expected a file, got a folder"],
    ["missing", "1 error: @missing: there is no such file or folder (ENOENT)"],
  ])("is recognised: %s", async (name, expected) => {
    expect(await answerOf(`inspect @${name}`)).toBe(expected);
    expect(await answerOf(`predict @${name} --vector [1]`)).toBe(expected);
  });

  test("is recognised by --warm-from", async () => {
    expect(await answerOf("build @table.npy -o @out.midx --warm-from @q.npy")).toContain("it looks like a NumPy array");
  });
});

describe("a file that has no rows, or says so wrongly", () => {
  test.each([
    [
      "@page.html",
      '2 error: @page.html: the extension ".html" is not supported, and it looks like a web page (HTML): it may be the error page of a failed download: download the file again',
    ],
    [
      "@table.csv",
      "3 error: @table.csv: expected .csv, but it looks like a web page (HTML): it may be the error page of a failed download: download the file again (csv-columns at byte 0)",
    ],
    [
      "@model.pt",
      '2 error: @model.pt: the extension ".pt" is not supported, and it looks like a PyTorch checkpoint: save the tensor with safetensors.torch.save_file first',
    ],
    [
      "@tensor.pt",
      '2 error: @tensor.pt: the extension ".pt" is not supported, and it looks like a zip archive: save the tensor with safetensors.torch.save_file first',
    ],
    [
      "@pytorch_model.bin",
      "2 error: @pytorch_model.bin: expected .f32, but it looks like a PyTorch checkpoint: save the tensor with safetensors.torch.save_file first",
    ],
    [
      "@pytorch_model.bin --dim 1",
      "2 error: @pytorch_model.bin: expected .f32, but it looks like a PyTorch checkpoint: save the tensor with safetensors.torch.save_file first",
    ],
    [
      "@model.gguf",
      '2 error: @model.gguf: the extension ".gguf" is not supported, and it looks like a GGUF model: use the model\'s .safetensors files instead',
    ],
    [
      "@rows.dat",
      '2 error: @rows.dat: the extension ".dat" is not supported, and it looks like a NumPy array (.npy): rename it to .npy, or read the embeddings with --format npy',
    ],
    [
      "@table.npy.gz",
      '2 error: @table.npy.gz: the extension ".gz" is not supported, and it looks like a gzip archive: unpack it first: gunzip @table.npy.gz',
    ],
    [
      "@items.xlsx",
      '2 error: @items.xlsx: the extension ".xlsx" is not supported, and it looks like a spreadsheet (.xlsx or .ods): save the sheet as .csv, .jsonl or .parquet first',
    ],
    [
      "@items.ods",
      '2 error: @items.ods: the extension ".ods" is not supported, and it looks like a spreadsheet (.xlsx or .ods): save the sheet as .csv, .jsonl or .parquet first',
    ],
    [
      "@lfs.safetensors",
      "3 error: @lfs.safetensors: expected .safetensors, but it looks like a Git LFS pointer: download the actual file: git lfs pull (header-length at byte 0)",
    ],
    [
      "@index.midx",
      '2 error: @index.midx: the extension ".midx" is not supported, and it looks like an index that midx build wrote: an index is built from embeddings, not from an index: pass the file it was built from',
    ],
    [
      "@index.midx --format safetensors",
      "2 error: @index.midx: expected .safetensors, but it looks like an index that midx build wrote: an index is built from embeddings, not from an index: pass the file it was built from",
    ],
    [
      "@empty.npy",
      "3 error: @empty.npy: expected .npy, but it is empty: the program that wrote it may have been interrupted: create it again (file-truncated at byte 0)",
    ],
    ...["table.tsv", "words.vec", "spaces.txt"].map((name) => [
      `@${name}`,
      `2 error: @${name}: the extension ".${name.split(".")[1]}" is not supported, and it looks like plain text: save it with commas between the numbers, as .csv`,
    ]),
    [
      "@commas.txt",
      '2 error: @commas.txt: the extension ".txt" is not supported, and it looks like plain text: rename it to .csv, or read the embeddings with --format csv',
    ],
    ["@models", "2 error: @models: expected a file, got a folder"],
    ["@missing.npy", "1 error: @missing.npy: there is no such file or folder (ENOENT)"],
    ["-", "2 error: '--format' is missing: standard input has no extension, so name its format, as in --format npy"],
    [
      "@two.safetensors",
      `2 error: @two.safetensors: '--tensor' is missing: 2 tensors could be a matrix of floats; the file has "a" F32 [40, 4], "b" F32 [40, 4]`,
    ],
    ["@table.npy --dim 7", "2 error: @table.npy: '--dim' is 7, but the file has rows of 4 values: leave '--dim' out"],
    [
      "@keys.jsonl",
      '3 error: @keys.jsonl: line 1 expected "values" or "vector" or "embedding", got "id", "v", "w": --tensor names the key of embeddings (jsonl-row at byte 0)',
    ],
    ["@large.npy", LARGE],
    ["@large.npy --max-memory 300", LARGE],
    [
      "@nan.npy",
      "3 error: @nan.npy: row 0, column 2: NaN is not a finite number: --drop-invalid leaves such rows out (value-not-finite at byte 126)",
    ],
  ])("midx build %s", async (argv, expected) => {
    expect(await answerOf(`build ${argv} -o @out.midx`)).toBe(expected);
  });
});

describe("what stands beside the rows", () => {
  const neither = (option: string): string =>
    `2 error: '--${option}': there is neither a tensor "nope" in @model.safetensors nor a file of this name; the file has ${LIST}`;
  test.each([
    ["--bias nope", neither("bias")],
    ["--counts nope", neither("counts")],
    ["--features nope", neither("features")],
    ["--features emb --positions nope", neither("positions")],
    ["--bias emb", `2 error: @model.safetensors: '--bias' expected a vector of numbers, got "emb" F32 [40, 4]`],
    ["--counts short", "2 error: @model.safetensors: '--counts' expected 40 values, one for each row, got 39"],
    ["--bias @short.npy", "2 error: @short.npy: '--bias' expected 40 values, one for each row, got 39"],
    [
      "--counts @model.safetensors",
      `2 error: @model.safetensors: '--counts' expected one tensor: 3 tensors could be a vector of numbers; the file has ${LIST}: save the right one to a separate file`,
    ],
    [
      "--counts @negative.npy",
      "3 error: @negative.npy: row 30, column 0: expected 0 or more, got -2 (value-range at byte 246)",
    ],
    [
      "--bias @steep.npy",
      "3 error: @steep.npy: row 39, column 0: expected a magnitude of at most 1099511627776, got 2199023255552 (value-range at byte 282)",
    ],
    ["--queries @none.npy", "2 error: @none.npy: expected at least one query, got none"],
    ["--max-memory 300 --queries @none.npy", "2 error: @none.npy: expected at least one query, got none"],
    ["--queries @larger.npy", LARGER],
    ["--labels @few.txt", "2 error: @few.txt: '--labels' expected 40 lines, one for each class, got 39"],
    ["--labels @twice.txt", '2 error: @twice.txt: labels must be unique, but rows 0 and 39 are both "n0"'],
    [
      "--labels @model.pt",
      "3 error: @model.pt: expected text, but it looks like a PyTorch checkpoint (text-utf8 at byte 0)",
    ],
    [
      "--queries @wide.npy",
      "2 error: @wide.npy: expected rows of 4 values, as in the table of embeddings, got rows of 5",
    ],
    [
      "--queries @rows.dat",
      '2 error: @rows.dat: the extension ".dat" is not supported, and it looks like a NumPy array (.npy): rename it to .npy',
    ],
    ["--features @wide.npy", `2 error: @wide.npy: '--features' ${OTHER_DIM}`],
    ["--features @q.npy --positions @wide.npy", `2 error: @wide.npy: '--positions' ${OTHER_DIM}`],
    ["--features @none.npy", "2 error: @none.npy: '--features' expected at least one row, got none"],
    ...["queries", "labels"].map((option) => [`--${option} -`, `1 error: -: ${NO_STANDARD_INPUT}`]),
    ["--labels ''", "2 error: option '--labels <file>' expected the name of a file, got an empty text"],
    ["--bias ''", "2 error: option '--bias <name>' expected the name of a file, got an empty text"],
    ["-o ''", "2 error: option '-o, --output <file>' expected the name of a file, got an empty text"],
    ["--fit", "2 error: '--fit' needs '--queries'"],
    ["--bias --labels @labels.txt", "2 error: option '--bias <name>' expected a value, got the option '--labels'"],
    ["--bist 3", "2 error: unknown option '--bist'\n  (Did you mean --bits?)"],
    [
      "--bits 1e9",
      "2 error: option '--bits <B>' argument '1e9' is invalid. Expected an integer in 0..10. Write it with digits only.",
    ],
  ])(`${BUILD} %s`, async (argv, expected) => {
    expect(await answerOf(`${BUILD} ${argv}`)).toBe(expected);
  });

  test("is empty in no command that reads a file", async () => {
    const empty = "2 error: argument '<file>' expected the name of a file, got an empty text";
    expect(await answerOf("eval '' --queries @q.npy")).toBe(empty);
    expect(await answerOf("eval - --queries @q.npy")).toBe(`1 error: -: ${NO_STANDARD_INPUT}`);
  });

  test("may be tensors of the same file or files of their own, counts as well as biases", async () => {
    for (const argv of ["--bias bias --counts times", "--bias @bias.npy --counts @bias.npy"]) {
      writeFileSync(join(folder, "bias.npy"), npyBytes(npyLiteral("<f4", "(40,)"), bytesOf(new Float32Array(40))));
      expect(await answerOf(`${BUILD} ${argv}`)).toBe("0");
    }
  });
});

describe("a build in parts refuses before it trains", () => {
  test.each([
    ["@large.npy", LARGE],
    [
      "@table.npy --counts @negative.npy",
      "3 error: @negative.npy: row 30, column 0: expected 0 or more, got -2 (value-range at byte 246)",
    ],
    [
      "@table.npy --bias @steep.npy",
      "3 error: @steep.npy: row 39, column 0: expected a magnitude of at most 1099511627776, got 2199023255552 (value-range at byte 282)",
    ],
    [
      "@table.npy --queries @wide.npy",
      "2 error: @wide.npy: expected rows of 4 values, as in the table of embeddings, got rows of 5",
    ],
    ["@table.npy --queries @none.npy", "2 error: @none.npy: expected at least one query, got none"],
    ["@table.npy --pooling mean", "2 error: '--pooling' builds one index, and this makes parts: leave it out"],
    [
      "@table.npy --feature-labels @labels.txt",
      "2 error: '--feature-labels' builds one index, and this makes parts: leave it out",
    ],
    ["@table.npy --fit-scan 9", "2 error: '--fit-scan' builds one index, and this makes parts: leave it out"],
    ["@table.npy --header present", "2 error: @table.npy: '--header' needs .csv: leave it out for other formats"],
  ])("midx build %s --parts 2", async (argv, expected) => {
    expect(await answerOf(`build ${argv} --parts 2 -o @in-parts`)).toBe(expected);
  });
});

test("a folder that a build in parts wrote is not its manifest", async () => {
  await midx(["build", join(folder, "table.npy"), "--parts", "2", "--calibrate", "off", "-o", join(folder, "parts")]);
  const [command, expected] = [
    "inspect @parts",
    "2 error: @parts: expected a file, got a folder: pass @parts/manifest.json",
  ];
  expect(await answerOf(command)).toBe(expected);
});

test("changes name the file of a value that no index takes", async () => {
  const command = "changes @labelled.midx @larger.npy --labels @eight.txt -o @out.midxd";
  await midx([
    "build",
    join(folder, "table.npy"),
    "--labels",
    join(folder, "labels.txt"),
    "--calibrate",
    "off",
    "-o",
    join(folder, "labelled.midx"),
  ]);
  expect(await answerOf(command)).toBe(LARGER);
});

describe("outputs", () => {
  test.each([
    ["build @table.npy -o @table.npy", "2 error: '--output' and '<embeddings>' are the same file: @table.npy"],
    [
      "build @table.npy --labels @labels.txt -o @labels.txt",
      "2 error: '--output' and '--labels' are the same file: @labels.txt",
    ],
    ["build @table.npy -o -", `2 error: '--output' expected a file, got "-": give it a name`],
    ["build @table.npy --bias @b.npy -o @b.npy", "2 error: '--output' and '--bias' are the same file: @b.npy"],
    ["build @table.npy --metadata @m -o @m", "2 error: '--output' and '--metadata' are the same file: @m"],
    ["build @table.npy -o @models", "2 error: '--output' expected a file, but @models is a folder or a device"],
    [
      "build @table.npy -o @none/out.midx",
      "1 error: '--output' expected a file in an existing folder: create @none first",
    ],
    [
      "eval @index.midx --queries @q.npy --html @index.midx",
      "2 error: '--html' and '<file>' are the same file: @index.midx",
    ],
    [
      "train @words.txt --task lm -o @m.safetensors --labels-out @m.safetensors",
      "2 error: '--labels-out' and '--output' are the same file: @m.safetensors",
    ],
  ])("midx %s", async (command, expected) => {
    expect(await answerOf(command)).toBe(expected);
  });
});

describe("queries", () => {
  test.each([
    [`${QUERY} -k -1`, "2 error: option '-k <count>' argument '-1' is invalid. Expected an integer in 0..2147483647."],
    [`${QUERY} --row 2`, "2 error: '--row' needs '--queries'"],
    [`${QUERY} --labels @few.txt`, "2 error: @few.txt: '--labels' expected 40 lines, one for each class, got 39"],
    ["predict @index.midx --queries @q.npy --row 8", "2 error: @q.npy: '--row' expected 0..7, got 8"],
    [
      "predict @index.midx --queries @wide.npy --row 0",
      "2 error: @wide.npy: expected rows of 4 values, as in the index, got rows of 5",
    ],
    ["predict @index.midx --queries @none.npy --row 0", "2 error: @none.npy: expected at least one query, got none"],
    ["eval @index.midx --queries @none.npy", "2 error: @none.npy: expected at least one query, got none"],
    ["calibrate @index.midx --queries @none.npy", "2 error: @none.npy: expected at least one query, got none"],
    ["drift @index.midx --queries @none.npy", "2 error: @none.npy: expected at least one query, got none"],
    ["calibrate @index.midx --queries @larger.npy", LARGER],
    [
      "eval @index.midx --queries @wide.npy",
      "2 error: @wide.npy: expected rows of 4 values, as in the index, got rows of 5",
    ],
    [
      "eval @index.midx --queries @q.npy --counts @short.npy",
      "2 error: @short.npy: '--counts' expected 40 values, one for each class, got 39",
    ],
    [
      "train @model.pt --task lm -o @m.safetensors",
      "3 error: @model.pt: expected text, but it looks like a PyTorch checkpoint (text-utf8 at byte 0)",
    ],
    [
      "train @empty.npy --task lm -o @m.safetensors",
      "2 error: @empty.npy: expected at least two classes, got 0: use more data or a smaller '--min-count'",
    ],
  ])("midx %s", async (command, expected) => {
    expect(await answerOf(command)).toBe(expected);
  });

  test("train suggests a build that works, with labels, and words are features of it", async () => {
    const argv = ["--task", "lm", "--dim", "4", "--epochs", "1", "-o", join(folder, "m.safetensors")];
    const { stdout } = await midx(["train", join(folder, "words.txt"), ...argv]);
    const suggested = stdout.trimEnd().split("\n").at(-1) ?? "";
    expect(suggested).toContain("--features features --positions positions --pooling sum");
    const index = join(folder, "words.midx");
    expect(await midx(suggested.replace("<index>", index).split(" ").slice(1))).toMatchObject({ code: 0, stderr: "" });
    const asked = ["the cat", "the,cat", "the, cat", '["the", "cat"]'].map((features) =>
      midx(["predict", index, "--features", features, "--exact", "--seed", "1"]),
    );
    const [first, ...others] = await Promise.all(asked);
    expect(first).toMatchObject({ code: 0, stdout: expect.stringContaining("<eos>") });
    for (const other of others) expect(other).toEqual(first);
    const wrong = await midx(["predict", index, "--features", "the dog"]);
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('or the name of a feature, got "dog"') });
  });

  test("no divergence is below zero, in text or as JSON", async () => {
    for (const command of [
      ["build", "table.npy", "-o", "out.midx"],
      ["eval", "index.midx", "--queries", "q.npy"],
    ]) {
      const argv = command.map((word) => (/\./.test(word) ? join(folder, word) : word));
      expect((await midx(argv)).stdout).not.toMatch(/[-−]0\.0*\b(?!\d*[1-9])/);
      expect((await midx([...argv, "--json"])).stdout).not.toMatch(/"klDivergence":-/);
    }
  });
});
