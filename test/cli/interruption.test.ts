import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EVERY } from "../run/size.ts";
import { bundleCli } from "./bundle.ts";
import { ended } from "./ended.ts";
import { writeTable } from "./run.ts";

const PROGRAM = fileURLToPath(new URL("held-program.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "midx-interrupted-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, "temporary");

async function start(what: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [PROGRAM, what, file], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  return child;
}

const SIGNALS = [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const;

test.each(SIGNALS)("%s ends a computation that nothing interrupts, if there is nothing to undo", async (signal) => {
  const child = await start("computes");
  child.kill(signal);
  expect(await ended(child)).toBe(signal);
});

test("a second signal ends what does not end by itself, and what is held is undone", async () => {
  const child = await start("waits");
  child.kill("SIGINT");
  await once(child.stdout as Readable, "data");
  child.kill("SIGTERM");
  expect(await ended(child)).toBe("SIGTERM");
  expect(existsSync(file)).toBe(false);
});

test.each(EVERY ? SIGNALS : SIGNALS.slice(0, 1))("so does time after the first %s", async (signal) => {
  const child = await start("waits");
  child.kill(signal);
  expect(await ended(child)).toBe(signal);
  expect(existsSync(file)).toBe(false);
});

test.each(SIGNALS)("a command that ends when %s asks it to has the exit code %i", async (signal, code) => {
  const child = await start("ends");
  child.kill(signal);
  expect(await ended(child)).toBe(code);
});

test("nothing is undone after its release", async () => {
  const child = await start("released");
  child.kill("SIGTERM");
  expect(await ended(child)).toBe("SIGTERM");
  expect(existsSync(file)).toBe(true);
});

let cli: Awaited<ReturnType<typeof bundleCli>>;
beforeAll(async () => {
  cli = await bundleCli();
});
afterAll(() => cli.remove());

test.each(EVERY ? SIGNALS : SIGNALS.slice(0, 1))(
  "a build on the disk that %s ends has the exit code %i and leaves no file",
  async (signal, code) => {
    const out = mkdtempSync(join(folder, "out-"));
    const argv = ["build", writeTable(20_000, 32), "--max-memory", "256", "--json", "-o", join(out, "x.midx")];
    const child = spawn(process.execPath, [cli.cli, ...argv], { stdio: ["ignore", "pipe", "pipe"] });
    await once(child.stdout, "data");
    child.kill(signal);
    expect(await ended(child)).toBe(code);
    expect(readdirSync(out)).toEqual([]);
  },
);
