import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { exitCodeOf } from "../../src/cli/exit.ts";
import { makeFolder, writeInput } from "./files.ts";
import { jsonLines, midx, writeTable } from "./run.ts";

const COMMANDS = [
  "build",
  "inspect",
  "verify",
  "eval",
  "encode",
  "predict",
  "sample",
  "decode",
  "serve",
  "publish",
  "rollback",
];

async function builtIndex(): Promise<string> {
  const output = join(makeFolder(), "index.midx");
  await midx(["build", writeTable(50, 4), "-o", output]);
  return output;
}

describe("midx", () => {
  test("has help with an example for each command, on stdout and with exit code 0", async () => {
    const { code, stdout } = await midx(["--help"]);
    expect(code).toBe(0);
    for (const command of COMMANDS) {
      expect(stdout).toMatch(new RegExp(`\\n {2}${command}(\\|query)? \\[options\\]`));
      const help = await midx([command, "--help"]);
      expect(help).toMatchObject({ code: 0, stderr: "" });
      expect(help.stdout).toContain(`  $ midx ${command} `);
    }
  });

  test("prints its version", async () => {
    expect(await midx(["--version"])).toEqual({ code: 0, stdout: `${packageJson.version}\n`, stderr: "" });
  });

  test.each(["--version", "-V"])("%s of a command is refused, and nothing else happens", async (option) => {
    const { code, stdout, stderr } = await midx(["publish", "words.midx", option, "two"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(`unknown option '${option}'`);
  });

  test("exits with 2 for no command, a command it does not have and an option that is missing", async () => {
    expect(await midx([])).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("Usage: midx") });
    expect(await midx(["bild"])).toMatchObject({ code: 2, stderr: expect.stringContaining("'bild'") });
    expect(await midx(["build", "x.npy"])).toMatchObject({ code: 2, stderr: expect.stringContaining("'-o, --output") });
    expect(await midx(["verify"])).toMatchObject({ code: 2, stderr: expect.stringContaining("'file'") });
  });
});

test("a failed allocation has exit code 1, unlike a value that is refused, so that a queue tries the task again", () => {
  const codeOfThrown = (action: () => unknown): number => {
    try {
      action();
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError);
      return exitCodeOf(error);
    }
    throw new Error("nothing was thrown");
  };
  expect(codeOfThrown(() => new ArrayBuffer(2 ** 52))).toBe(1);
  for (const [code, message] of [
    [1, "rows.npy: WebAssembly.Memory(): could not allocate memory"],
    [1, "WebAssembly.Instance(): Out of memory: Cannot allocate Wasm memory for new instance"],
    [1, "index needs 3000000000 bytes of memory; the runtime refused to grow by 40000 pages"],
    [1, "2.5 GiB of memory or more are needed, and the runtime gives no more: fewer classes need less"],
    [2, "5.0 GiB of memory or more are needed, and the runtime gives no more: fewer classes need less"],
    [2, "'--max-memory' expected at least 200 MiB, got 1"],
  ] as const) {
    expect(exitCodeOf(new RangeError(message)), message).toBe(code);
  }
});

describe("midx verify", () => {
  test("prints the content id of a good file", async () => {
    const file = await builtIndex();
    const { code, stdout } = await midx(["verify", file]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ok [0-9a-f]{64}\n$/);
    expect(jsonLines((await midx(["verify", file, "--json"])).stdout)).toEqual([
      { ok: true, contentId: stdout.slice(3, -1) },
    ]);
  });

  test("exits with 3 and the reason for a damaged, a truncated and a foreign file", async () => {
    const bytes = readFileSync(await builtIndex());
    const damaged = Buffer.from(bytes);
    damaged[bytes.byteLength - 1] = (bytes[bytes.byteLength - 1] ?? 0) ^ 1;
    for (const [content, reason] of [
      [damaged, "tensor-"],
      [bytes.subarray(0, -1), "file-truncated"],
      [Buffer.from("[package]\nname = 'x'\n"), "header-length"],
      [Buffer.alloc(0), "file-truncated"],
    ] as const) {
      const path = writeInput("bad.midx", content);
      const { code, stdout, stderr } = await midx(["verify", path]);
      expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
      expect(stderr).toContain(`error: ${path}: `);
      expect(stderr).toContain(reason);
    }
  });

  test("exits with 1 for a file that is not there", async () => {
    expect(await midx(["verify", "missing.midx"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("missing.midx"),
    });
  });
});

describe("midx inspect", () => {
  test("prints facts, metadata and the table of tensors", async () => {
    const file = await builtIndex();
    const { code, stdout } = await midx(["inspect", file]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^itemCount +50$/m);
    expect(stdout.match(/^fileBytes /gm)).toHaveLength(1);
    expect(stdout).toMatch(/^format +midx$/m);
    expect(stdout.match(/^fileBytes +\d+$/gm)).toHaveLength(1);
    expect(stdout).toMatch(/^recallCurves +none$/m);
    expect(stdout).toMatch(/^codebook1 +F32 +\[4, 4\] +\d+ +64$/m);
  });

  test("prints the same as JSON, with every byte of the file in the header or a tensor", async () => {
    const file = await builtIndex();
    const [facts] = jsonLines((await midx(["inspect", file, "--json"])).stdout);
    expect(facts).toMatchObject({
      fileBytes: readFileSync(file).byteLength,
      info: { itemCount: 50, dim: 4 },
      metadata: { format: "midx", quantizer: "rq" },
    });
    const tensors = facts?.tensors as { name: string; end: number }[];
    expect(tensors.map(({ name }) => name)).toContain("rows");
    expect(Number(facts?.headerBytes) + (tensors.at(-1)?.end ?? 0)).toBe(facts?.fileBytes);
  });

  test("exits with 3 for a safetensors file that is not an index", async () => {
    const path = join(makeFolder(), "foreign.midx");
    const head = readFileSync(new URL("../../examples/next-word/head.safetensors", import.meta.url));
    writeFileSync(path, head);
    expect(await midx(["inspect", path])).toMatchObject({ code: 3, stderr: expect.stringContaining("foreign-file") });
  });
});
