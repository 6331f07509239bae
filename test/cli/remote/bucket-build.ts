// Builds in a bucket, as bucket-builds.test.ts and bucket-leftovers.test.ts run them.

import { createHash } from "node:crypto";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished } from "vitest";
import { type Manifest, manifestIn } from "../../../src/publication/manifest.ts";
import { makeFolder } from "../files.ts";
import { type S3Server, startS3 } from "../publishing/s3-server.ts";
import { midx, type Outcome, type Setting } from "../run.ts";
import { hashesOf } from "../tasks/words.ts";
import { inputFiles } from "./inputs.ts";

export const FILES = inputFiles();
const [ID, SECRET] = ["0123456789abcdef", "fedcba9876543210/+="];
export const ROWS = ["s3://words/in/rows.npy", "--labels", "s3://words/in/labels.txt"];
export const SETTINGS = ["--bits", "3", "--calibrate", "off", "--parts", "2"];

/** The bucket of the running test. */
export let server: S3Server;
/** Starts a bucket with the input files for each test of the suite. */
export const withBucket = (): void =>
  beforeEach(async () => {
    server = await startS3("words", ID, SECRET);
    onTestFinished(() => server.close());
    for (const [name, bytes] of Object.entries(FILES)) server.objects.set(`in/${name}`, Buffer.from(bytes));
  });

export const envOf = (url: string) => ({ AWS_ENDPOINT_URL: url, AWS_ACCESS_KEY_ID: ID, AWS_SECRET_ACCESS_KEY: SECRET });

/** Runs a command that has to end with this code, and checks that its output does not contain the secret. */
export async function run(code: number, argv: readonly string[], setting: Setting = {}): Promise<Outcome> {
  const outcome = await midx(argv, { env: envOf(server.url), ...setting });
  expect(outcome.code, outcome.stderr).toBe(code);
  expect(outcome.stdout + outcome.stderr).not.toContain(SECRET);
  return outcome;
}

let hashesOfFolder: Record<string, string> | undefined;

/** The hashes of what a build in a folder leaves, without its plan. One build serves all tests. */
export async function expectedHashes(): Promise<Record<string, string>> {
  if (hashesOfFolder) return hashesOfFolder;
  const folder = join(makeFolder(), "words");
  await run(0, ["build", ...ROWS, ...SETTINGS, "-o", folder]);
  const { "plan.json": _, ...hashes } = hashesOf(folder);
  hashesOfFolder = hashes;
  return hashes;
}

/** The hashes of the objects of a build, without its plan. */
export function hashesInBucket(prefix: string): Record<string, string> {
  const own = [...server.objects].filter(([key]) => key.startsWith(prefix) && !key.endsWith("plan.json"));
  const hashed = own.map(([key, bytes]) => [
    key.slice(prefix.length),
    createHash("sha256").update(bytes).digest("hex"),
  ]);
  return Object.fromEntries(hashed.sort());
}

export const task = (name: string): string[] => ["build-task", "s3://words/out/plan.json", "--index", name];
export const plan = (...extra: string[]): string[] => [
  ...["build-plan", ...ROWS, ...SETTINGS, ...extra, "-o", "s3://words/out/plan.json"],
];
export const manifest = (): Promise<Manifest> => manifestIn(server.objects.get("out/manifest.json") as Buffer);
