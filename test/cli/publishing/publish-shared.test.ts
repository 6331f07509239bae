import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sealManifest, serialiseManifest } from "../../../src/publication/manifest.ts";
import { bytesOf, npyBytes, npyLiteral } from "../files.ts";
import { midx, noise } from "../run.ts";
import { readManifest, succeed } from "../tasks/words.ts";
import { type S3Server, startS3 } from "./s3-server.ts";
import { makeWorkerFolder, R2, varsOf } from "./worker-folder.ts";

// Parts that could share an isolate which is too small for them.

const OBJECTS = ["[[durable_objects.bindings]]", 'name = "PARTS"', 'class_name = "Part"'];
const LARGE = 40 * 2 ** 20 + 1;
const [ID, SECRET] = ["0123456789abcdef", "fedcba9876543210"];
const temporary = mkdtempSync(join(tmpdir(), "midx-test-"));
let server: S3Server;
let path: string;

beforeAll(async () => {
  server = await startS3("words-bucket", ID, SECRET);
  const folder = join(temporary, "words");
  const rows = join(temporary, "rows.npy");
  writeFileSync(rows, npyBytes(npyLiteral("<f4", "(60, 6)"), bytesOf(noise(60 * 6, 1))));
  await succeed("build", rows, "--bits", "2", "--calibrate", "off", "--parts", "2", "-o", folder);
  path = join(folder, "manifest.json");
});
afterAll(() => {
  server.close();
  rmSync(temporary, { recursive: true, force: true });
});

const publish = (objects: readonly string[], file: string, ...extra: string[]) => {
  const config = makeWorkerFolder(...varsOf("r2"), ...R2, ...objects);
  const env = { R2_ENDPOINT: `${server.url}/`, R2_ACCESS_KEY_ID: ID, R2_SECRET_ACCESS_KEY: SECRET };
  return midx(["publish", file, "--config", config, "--remote", ...extra], { env });
};

/** A manifest that states so much memory for its second part, which the file contradicts once it is read. */
async function stating(memoryBytes: number): Promise<string> {
  const manifest = await readManifest(dirname(path));
  const [first, second] = manifest.parts as [(typeof manifest.parts)[number], (typeof manifest.parts)[number]];
  const large = await sealManifest({ ...manifest, parts: [first, { ...second, memoryBytes }] });
  const file = join(dirname(path), `large-${memoryBytes}.json`);
  writeFileSync(file, serialiseManifest(large));
  return file;
}

test("parts above 40 MiB are refused for Durable Objects, by name and with the remedy, before anything is written", async () => {
  const { code, stderr } = await publish(OBJECTS, await stating(LARGE));
  expect(code).toBe(1);
  expect(stderr).toBe(
    `error: part 1 needs ${LARGE} bytes of memory, and Durable Objects of PARTS (class Part) may share an isolate, which has ` +
      `${120 * 2 ** 20} for all of them: build parts of at most ${40 * 2 ** 20} (--parts), serve them from Workers of their ` +
      "own behind service bindings or from processes, or pass --force to publish them nevertheless\n",
  );
  expect(server.objects.size).toBe(0);
});

test.each([
  ["it is asked for", OBJECTS, LARGE, ["--force"]],
  ["there are no Durable Objects", [], LARGE, []],
  ["they have 40 MiB", OBJECTS, LARGE - 1, []],
])("they are read where %s", async (_, objects, memoryBytes, extra) => {
  const { stderr } = await publish(objects, await stating(memoryBytes), ...extra);
  expect(stderr).toContain(`"parts[1].memoryBytes" states ${memoryBytes}, but`);
});

test("small parts are published for Durable Objects", async () => {
  expect(await publish(OBJECTS, path)).toMatchObject({ code: 0, stderr: "" });
});
