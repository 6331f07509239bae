import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { folderSegments } from "../../../src/cli/segments/folder-segments.ts";
import { openLog, readAll, setOf } from "./open-log.ts";

const PROGRAM = fileURLToPath(new URL("append-until-killed.ts", import.meta.url));

/** Appends in a process that is killed once it has printed so many lines, which are returned. */
async function killedAfter(lines: number, folder: string, name: string): Promise<string[]> {
  const writer = spawn(process.execPath, [PROGRAM, folder, name], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(writer, "exit");
  const printed: string[] = [];
  for await (const line of createInterface(writer.stdout)) {
    printed.push(line);
    if (printed.length === lines) writer.kill("SIGKILL");
  }
  await ended;
  return printed;
}

test("of writers that are killed while they append at once, nothing acknowledged is missing and nothing is there twice", async () => {
  const folder = mkdtempSync(join(tmpdir(), "midx-killed-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const lines: string[] = [];
  for (const [round, count] of [7, 90].entries()) {
    const writers = [count, count + 3].map((most, i) => killedAfter(most, folder, `writer ${round}-${i}`));
    for (const printed of await Promise.all(writers)) lines.push(...printed);
  }
  expect(lines.length).toBeGreaterThanOrEqual(200);
  const { log } = openLog(folderSegments(folder));
  const { first } = await log.read(0);
  expect(first).toBe(11);
  const names = await readAll(log, 10);
  for (const [, sequence, name] of lines.map((line) => /^(\d+) (.+)$/.exec(line) as string[])) {
    if (Number(sequence) > 10) expect(names[Number(sequence) - first]).toBe(name);
  }
  expect(new Set(names).size).toBe(names.length);
  expect((await log.append(setOf("last"))).sequence).toBe(first + names.length);
});
