import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { type Manifest, manifestIn } from "../../../src/publication/manifest.ts";
import { bytesOf, npyBytes, npyLiteral, writeInput } from "../files.ts";
import { midx, noise } from "../run.ts";

/** A table of made-up rows, and files of numbers and names for them. */
export const [ROWS, DIM] = [700, 6];
export const DATA = noise(ROWS * DIM, 5);
export const BIAS = noise(ROWS, 6);
export const COUNTS = noise(ROWS, 7).map((value) => Math.abs(value) * 100);
export const LABELS = Array.from({ length: ROWS }, (_, i) => `word ${(i * 7919) % 100003}`);

export const npy = (name: string, values: Float32Array, shape: string): string =>
  writeInput(name, npyBytes(npyLiteral("<f4", shape), bytesOf(values)));

export const rowsFile = (): string => npy("rows.npy", DATA, `(${ROWS}, ${DIM})`);

/** Runs a command that has to succeed, and returns its output. */
export async function succeed(...argv: string[]): Promise<string> {
  const { code, stdout, stderr } = await midx(argv);
  expect(code, stderr).toBe(0);
  return stdout;
}

/** Runs a command that has to fail, and returns its message. */
export async function fail(code: number, ...argv: string[]): Promise<string> {
  const outcome = await midx(argv);
  expect(outcome.code, outcome.stderr).toBe(code);
  return outcome.stderr;
}

export const readManifest = (folder: string): Promise<Manifest> =>
  manifestIn(readFileSync(join(folder, "manifest.json")));

/** The SHA-256 of every file that a build leaves, by name. */
export function hashesOf(folder: string): Record<string, string> {
  const files = readdirSync(folder).filter((name) => statSync(join(folder, name)).isFile());
  return Object.fromEntries(
    files.sort().map((name) => [
      name,
      createHash("sha256")
        .update(readFileSync(join(folder, name)))
        .digest("hex"),
    ]),
  );
}
