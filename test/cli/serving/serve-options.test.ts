import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { bytesOf, npyBytes, npyLiteral } from "../files.ts";
import { midx, noise } from "../run.ts";

const folder = mkdtempSync(join(tmpdir(), "midx-serve-options-"));
const at = (name: string): string => join(folder, name);
const [index, manifest, log, token] = [at("index.midx"), at("parts/manifest.json"), at("log"), at("token.txt")];

beforeAll(async () => {
  mkdirSync(at("parts"));
  writeFileSync(token, "secret\n");
  writeFileSync(at("labels.txt"), Array.from({ length: 300 }, (_, id) => `item-${id}\n`).join(""));
  writeFileSync(at("table.npy"), npyBytes(npyLiteral("<f4", "(300, 4)"), bytesOf(noise(1200, 1))));
  const argv = ["build", at("table.npy"), "--labels", at("labels.txt"), "--calibrate", "off", "-o"];
  expect(await midx([...argv, index])).toMatchObject({ code: 0 });
  expect(await midx([...argv, at("parts"), "--parts", "2"])).toMatchObject({ code: 0 });
});
afterAll(() => rmSync(folder, { recursive: true }));

const AUDITS = "'--audit-queries' expected '--audit-rate' beside it, above 0";
const HOSTS = "expected '--part-at' beside it";

test.each([
  [[index, "--audit-queries"], AUDITS],
  [[index, "--audit-queries", "--audit-rate", "0"], AUDITS],
  [[index, "--log", log, "--audit-queries"], AUDITS],
  [[manifest, "--audit-queries"], AUDITS],
  [[manifest, "--part-token-file", token], `'--part-token-file' ${HOSTS}`],
  [[manifest, "--part", "0", "--part-token-file", token], `'--part-token-file' ${HOSTS}`],
  [[manifest, "--log", log, "--part-token-file", token], `'--part-token-file' ${HOSTS}`],
  [[manifest, "--log", log, "--part-groups", "2"], `'--part-groups' ${HOSTS}`],
  [
    [index, "--log", log, "--refresh-seconds", "5"],
    "'--refresh-seconds' expected a manifest, which midx build --parts writes, or a pointer of midx publish, got an index",
  ],
])("midx serve refuses options that would do nothing: %#", async (argv, message) => {
  const { code, stdout, stderr } = await midx(["serve", ...argv, "--port", "0"], { signal: AbortSignal.timeout(2000) });
  expect(stderr).toContain(`error: ${message}`);
  expect(stdout).toBe("");
  expect(code).toBe(2);
});

test("midx serve says of a path that is not there what it is, not that it is no manifest", async () => {
  for (const argv of [["--part-at", "http://127.0.0.1:1"], ["--refresh-seconds", "5"], []]) {
    const { stderr } = await midx(["serve", at("nothing.midx"), "--log", log, ...argv, "--port", "0"]);
    expect(stderr).toBe(`error: ${at("nothing.midx")}: there is no such file or folder (ENOENT)\n`);
    const pointer = await midx(["serve", at("nothing.json"), "--log", log, ...argv, "--port", "0"]);
    expect(pointer.stderr).toBe(
      `error: ${at("nothing.json")} is not there: "midx publish --folder" puts an index there\n`,
    );
  }
});

test("midx serve --part says in plain words, and of one path, why it cannot load its part", async () => {
  const serve = () => midx(["serve", manifest, "--part", "1", "--port", "0"], { signal: AbortSignal.timeout(5000) });
  const [other, file] = JSON.parse(readFileSync(manifest, "utf8")).parts.map(({ file }: { file: string }) =>
    at(join("parts", file)),
  );
  const bytes = readFileSync(file);
  onTestFinished(() => writeFileSync(file, bytes));
  rmSync(file);
  expect((await serve()).stderr).toBe(`error: ${manifest}: ${file}: there is no such file or folder (ENOENT)\n`);
  writeFileSync(file, readFileSync(other));
  const { stderr } = await serve();
  expect(stderr).toContain('"parts[1].sha256" states');
  expect(stderr.split(manifest)).toHaveLength(2);
});
