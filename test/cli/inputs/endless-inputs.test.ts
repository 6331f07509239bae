import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { serialiseHeader } from "../../../src/bytes/safetensors.ts";
import { EVERY } from "../../run/size.ts";
import { bundleCli } from "../bundle.ts";
import { midx, writeTable } from "../run.ts";

// Real processes with devices and pipes that never end or never begin. The first bytes bound how much is read.

const INDEX = new URL("../../golden/index.midx", import.meta.url);
const folder = mkdtempSync(join(tmpdir(), "midx-endless-"));
afterAll(() => rmSync(folder, { recursive: true }));

const index = join(folder, "good.midx");
writeFileSync(index, readFileSync(INDEX));
const dim = 20;
const vector = JSON.stringify(new Array(dim).fill(0.5));
const fifo = async (name: string): Promise<string> => {
  const path = join(folder, name);
  await once(spawn("mkfifo", [path]), "exit");
  return path;
};

const COMMANDS: readonly (readonly [name: string, argv: (path: string) => string[]])[] = [
  ["verify", (path) => ["verify", path]],
  ["inspect", (path) => ["inspect", path]],
  ["predict", (path) => ["predict", path, "--vector", vector]],
  ["sample", (path) => ["sample", path, "--vector", vector]],
  ["eval", (path) => ["eval", path, "--queries", path]],
  ["serve", (path) => ["serve", path, "--port", "0"]],
  ["publish", (path) => ["publish", path, "--folder", join(folder, "published")]],
  ["build --warm-from", (path) => ["build", writeTable(9, 4), "-o", join(folder, "w.midx"), "--warm-from", path]],
];

describe.runIf(existsSync("/dev/zero"))("a device that never ends", () => {
  test.each(COMMANDS)("is no index file for %s", async (_, argv) => {
    expect(await midx(argv("/dev/zero"))).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("/dev/zero: a header of 0 bytes"),
    });
  });

  test("is no checkpoint, no file of labels and no table", async () => {
    writeFileSync(join(folder, "text.txt"), "a b\nb a\n");
    const table = writeTable(9, 4);
    const built = join(folder, "x.midx");
    const refused = async (...argv: string[]): Promise<string> => (await midx(argv)).stderr;
    expect(await refused("predict", index, "--vector", vector, "--labels", "/dev/zero")).toContain("text-line");
    expect(await refused("build", table, "-o", built, "--labels", "/dev/zero")).toContain("text-line");
    for (const option of ["--counts", "--bias", "--queries"]) {
      expect(await refused("build", table, "-o", built, option, "/dev/zero")).toMatch(/no reader|expected a file, got/);
    }
    expect(await refused("build", "/dev/zero", "--format", "npy", "-o", built)).toContain(
      "expected a file, got a device",
    );
    expect(await refused("train", "/dev/zero", "--task", "lm", "-o", built)).toContain("expected a file, got a device");
  });
});

test("a folder, a socket and an empty file are named as what they are", async () => {
  const empty = join(folder, "empty.midx");
  writeFileSync(empty, "");
  const socket = join(folder, "socket");
  const server = createServer().listen(socket);
  await once(server, "listening");
  for (const [, argv] of COMMANDS) {
    expect((await midx(argv(folder))).stderr).toContain(`${folder}: expected a file, got a folder`);
    expect((await midx(argv(socket))).stderr).toContain(`${socket}: expected a file, got a socket`);
    expect((await midx(argv(empty))).stderr).toMatch(/empty\.midx: .* empty.*file-truncated at byte 0/);
  }
  server.close();
});

test("standard input that never ends is refused once its beginning is not what was said, or its length", async () => {
  const build = (format: string, begin: Uint8Array): ReturnType<typeof midx> => {
    const endless = function* () {
      yield begin;
      for (let pieces = 0; pieces < 1000; pieces++) yield Buffer.from("y\n".repeat(2 ** 15));
      throw new Error("read on and on");
    };
    return midx(["build", "-", "--format", format, "-o", join(folder, "x.midx")], { stdin: Readable.from(endless()) });
  };
  expect((await build("npy", new Uint8Array(0))).stderr).toContain("npy-magic");
  expect((await build("safetensors", new Uint8Array(0))).stderr).toContain("header-length");
  expect((await build("npy", readFileSync(writeTable(100, 4)))).stderr).toContain("file-extended");
  expect((await build("npy", readFileSync(writeTable(50_000, 4)))).stderr).toContain("file-extended");
  expect((await build("npy", readFileSync(writeTable(50_000, 4)).subarray(0, 1000))).stderr).toContain("file-extended");
});

describe.runIf(process.platform === "linux")("a process", () => {
  let cli: Awaited<ReturnType<typeof bundleCli>>;
  beforeAll(async () => {
    cli = await bundleCli();
  });
  afterAll(() => cli.remove());

  /** The exit code as in a shell, the output, and the peak of the resident memory in MiB. */
  async function run(argv: readonly string[], act?: (kill: (signal: NodeJS.Signals) => void) => Promise<void>) {
    const child = spawn(process.execPath, [cli.cli, ...argv], { stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (text += data));
    const memory = watchMemory(child.pid as number);
    const ended = once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>;
    await act?.((signal) => child.kill(signal));
    const [code, signal] = await ended;
    return { status: code ?? signal, text, mebibytes: memory() };
  }

  test("takes little memory for a device that never ends", async () => {
    const { status, text, mebibytes } = await run(["verify", "/dev/zero"]);
    expect({ status, text }).toMatchObject({ status: 3, text: expect.stringContaining("header-length") });
    expect(mebibytes).toBeLessThan(400);
  });

  test("reads a good index from a pipe, and one that goes on behind it no further", async () => {
    const path = await fifo("good");
    const good = await run(["verify", path], async () => void createWriteStream(path).end(readFileSync(index)));
    expect(good).toMatchObject({ status: 0, text: expect.stringMatching(/^ok [0-9a-f]{64}\n$/) });
    const more = await run(["verify", path], async () => {
      const writer = createWriteStream(path).on("error", () => {});
      writer.write(readFileSync(index));
      writer.write(new Uint8Array(2 ** 20));
    });
    expect(more).toMatchObject({ status: 3, text: expect.stringContaining("file-extended") });
  });

  test("takes no memory for a pipe that states more than fits", async () => {
    const path = await fifo("large");
    const header = serialiseHeader([{ name: "w", dtype: "F32", shape: [2 ** 30] }]);
    const { status, text, mebibytes } = await run(["verify", path], async () => {
      createWriteStream(path)
        .on("error", () => {})
        .write(header);
    });
    expect({ status, text }).toMatchObject({ status: 2, text: expect.stringContaining("its header states") });
    expect(mebibytes).toBeLessThan(400);
  });

  test.each(EVERY ? (["SIGTERM", "SIGINT"] as const) : (["SIGTERM"] as const))(
    "ends by %s while it waits for a pipe that nobody writes to",
    async (signal) => {
      const path = await fifo(`silent-${signal}`);
      for (const argv of [
        ["verify", path],
        ["predict", index, "--vector", vector, "--labels", path],
      ]) {
        const { status } = await run(argv, async (kill) => {
          await new Promise((resolve) => setTimeout(resolve, 1000));
          kill(signal);
        });
        expect(status).toBe(signal);
      }
    },
  );
});

/** Follows the peak of the resident memory of a process until it ends. */
function watchMemory(pid: number): () => number {
  let most = 0;
  const timer = setInterval(() => {
    try {
      most = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? most);
    } catch {
      // The process has ended.
    }
  }, 20);
  return () => {
    clearInterval(timer);
    return most / 1024;
  };
}
