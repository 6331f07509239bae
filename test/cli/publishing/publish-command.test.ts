import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { load } from "../../../src/index.ts";
import { makeFolder, writeInput } from "../files.ts";
import { jsonLines, midx } from "../run.ts";
import { writeIndexes } from "./index-files.ts";
import { readPublished } from "./reader.ts";
import { KV, makeWorkerFolder, R2, varsOf, writeConfig } from "./worker-folder.ts";

const readFolder = (folder: string, key = "current.json") =>
  readPublished(async (name) => readFileSync(join(folder, name)), key);
const versionOf = async (path: string): Promise<string> => (await load(readFileSync(path))).info.contentId.slice(0, 12);

describe("midx publish --folder", () => {
  test("publishes to a folder by content, says what it did, and goes back", async () => {
    const [first = "", second = ""] = await writeIndexes(2);
    const [one, two] = [await versionOf(first), await versionOf(second)];
    const folder = join(makeFolder(), "public");
    const published = await midx(["publish", first, "--folder", folder]);
    expect(published).toMatchObject({ code: 0, stderr: "" });
    expect(published.stdout).toMatch(new RegExp(`^published +${one}$`, "m"));
    expect(published.stdout).toMatch(/^previous +none$/m);
    expect(await readFolder(folder)).toEqual({ version: one, bytes: readFileSync(first) });
    await midx(["publish", second, "--folder", folder]);
    expect(await readFolder(folder)).toEqual({ version: two, bytes: readFileSync(second) });
    expect(await midx(["publish", second, "--folder", folder])).toEqual({
      code: 0,
      stdout: `${two} is already current: folder ${folder}: current.json\n`,
      stderr: "",
    });
    const back = await midx(["rollback", "--folder", folder]);
    expect(back.stdout).toMatch(new RegExp(`^current +${one}\nwas +${two}$`, "m"));
    expect(await readFolder(folder)).toMatchObject({ version: one });
    expect(await midx(["rollback", "--folder", folder])).toMatchObject({
      code: 1,
      stderr: `error: folder ${folder}: current.json is ${one}, which has no previous version\n`,
    });
  });

  test("takes a name and a key, and prints JSON", async () => {
    const [first = "", second = ""] = await writeIndexes(2);
    const folder = makeFolder();
    const options = ["--folder", folder, "--key", "words/now.json", "--json"];
    const events = jsonLines((await midx(["publish", first, "--as", "v1", ...options])).stdout);
    expect(events.slice(0, -1).map(({ event, phase }) => `${event} ${phase}`)).toEqual(
      ["read", "parts", "version", "current"].map((phase) => `progress ${phase}`),
    );
    expect(events.at(-1)).toMatchObject({ event: "published", version: "v1", key: "words/now.json", newParts: 1 });
    expect(await readFolder(folder, "words/now.json")).toMatchObject({ version: "v1" });
    expect(jsonLines((await midx(["publish", first, "--as", "v1", ...options])).stdout).at(-1)).toMatchObject({
      event: "current",
    });
    expect(await midx(["publish", second, "--as", "v1", ...options])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("words/versions/v1.json is another file"),
    });
    await midx(["publish", second, "--as", "v2", ...options]);
    const back = ["rollback", "--to", "v1", "--folder", folder, "--key", "words/now.json", "--json"];
    expect(jsonLines((await midx(back)).stdout).at(-1)).toMatchObject({
      event: "rolled-back",
      from: "v2",
      version: "v1",
    });
    expect(jsonLines((await midx(back)).stdout).at(-1)).toMatchObject({ event: "current", version: "v1" });
  });

  test("refuses what is no index, before anything is written", async () => {
    const folder = makeFolder();
    const bytes = Buffer.from(readFileSync((await writeIndexes(1))[0] as string));
    bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
    const path = writeInput("bad.midx", bytes);
    expect(await midx(["publish", path, "--folder", folder])).toMatchObject({
      code: 3,
      stdout: "",
      stderr: expect.stringContaining(path),
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  test("refuses a pointer that is damaged as a bad file", async () => {
    const folder = makeFolder();
    writeFileSync(join(folder, "current.json"), "{}");
    const [path = ""] = await writeIndexes(1);
    const stderr = expect.stringContaining(`folder ${folder}: current.json: the pointer: "version"`);
    expect(await midx(["publish", path, "--folder", folder])).toMatchObject({ code: 3, stderr });
    expect(await midx(["rollback", "--folder", folder])).toMatchObject({ code: 3, stderr });
  });

  test.each([
    [["--key", "words.midx"], `'--key' expected the key of a pointer, which ends in ".json"`],
    [["--key", "../current.json"], "'--key' expected"],
    [["--key", "/current.json"], "'--key' expected"],
    [["--key", "a\\..\\..\\current.json"], "'--key' expected"],
    [["--as", "a b"], '"version" expected 1 to 64 letters'],
    [["--remote"], "'--remote' cannot be used with option '--folder <folder>'"],
    [["--config", "wrangler.toml"], "'--config <file>' cannot be used with option '--folder <folder>'"],
  ])("exits with 2 for %j", async (options, message) => {
    const folder = makeFolder();
    const [path = ""] = await writeIndexes(1);
    const outcome = await midx(["publish", path, "--folder", folder, ...options]);
    expect(outcome.stderr).toContain(message);
    expect(outcome.code).toBe(2);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("ends at a step when it is interrupted, with nothing changed", async () => {
    const [first = "", second = ""] = await writeIndexes(2);
    const folder = makeFolder();
    await midx(["publish", first, "--folder", folder, "--as", "v1"]);
    for (const phase of ["read", "parts", "version"]) {
      const controller = new AbortController();
      const onStdout = (text: string) => text.includes(`"${phase}"`) && controller.abort(new Error("interrupted"));
      const outcome = await midx(["publish", second, "--folder", folder, "--json"], {
        signal: controller.signal,
        onStdout,
      });
      expect(outcome).toMatchObject({ code: 1, stderr: "error: interrupted\n" });
      expect(await readFolder(folder)).toMatchObject({ version: "v1" });
    }
  });
});

describe("midx publish in a Worker's folder", () => {
  test("of assets publishes to their folder", async () => {
    const config = makeWorkerFolder(...varsOf("assets"), "[assets]", 'directory = "./public"');
    const [path = ""] = await writeIndexes(1);
    expect(await midx(["publish", path, "--config", config])).toMatchObject({ code: 0, stderr: "" });
    expect(await readFolder(join(dirname(config), "public"), "words/current.json")).toBeDefined();
    expect(await midx(["publish", path, "--config", config, "--remote"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("wrangler deploy"),
    });
  });

  test("takes the variables of an environment", async () => {
    const config = makeWorkerFolder(
      ...varsOf("r2", "index.midx"),
      "[env.next.vars]",
      'INDEX_SOURCE = "assets"',
      'INDEX_KEY = "next/current.json"',
      "[env.next.assets]",
      'directory = "./next"',
    );
    const [path = ""] = await writeIndexes(1);
    expect(await midx(["publish", path, "--config", config, "--env", "next"])).toMatchObject({ code: 0, stderr: "" });
    expect(await readFolder(join(dirname(config), "next"), "next/current.json")).toBeDefined();
  });

  test.each([
    [[], '"INDEX_KEY" expected the key of a pointer, which ends in ".json", such as "words/current.json", got none'],
    [varsOf("r2", "index.midx"), '"words/current.json", got "index.midx": set it'],
    [varsOf("r2"), '"INDEX_SOURCE" is "r2", which needs an [[r2_buckets]] with binding "INDEX"'],
    [varsOf("kv"), '"INDEX_SOURCE" is "kv", which needs a [[kv_namespaces]] with binding "INDEX_KV"'],
    [varsOf("assets"), '"INDEX_SOURCE" is "assets", which needs a "directory" in [assets]'],
    [varsOf("d1"), '"INDEX_SOURCE" expected "assets", "r2" or "kv", got "d1"'],
    [[...varsOf("r2"), ...R2, "remote = true"], '"remote = true"'],
    [[...varsOf("kv"), ...KV, "remote = true"], '"remote = true"'],
  ])("says what is missing: %j", async (lines, message) => {
    const config = makeWorkerFolder(...lines);
    const [path = ""] = await writeIndexes(1);
    const outcome = await midx(["publish", path, "--config", config]);
    expect(outcome.stderr).toContain(message);
    expect(outcome).toMatchObject({ code: 2, stderr: expect.stringContaining(config) });
  });

  test("says that wrangler is not installed there, or does not run, or refuses the file", async () => {
    const [path = ""] = await writeIndexes(1);
    const folder = makeFolder();
    const argv = ["publish", path, "--config", writeConfig(folder, ...varsOf("r2"), ...R2)];
    expect(await midx(argv)).toMatchObject({
      code: 1,
      stderr: `error: wrangler is not installed in ${folder}: install it with npm install --save-dev wrangler\n`,
    });
    mkdirSync(join(folder, "node_modules/wrangler"), { recursive: true });
    writeFileSync(join(folder, "node_modules/wrangler/index.js"), 'throw new Error("too old a Node");');
    expect(await midx(argv)).toMatchObject({ code: 1, stderr: `error: wrangler in ${folder}: too old a Node\n` });
    const broken = makeWorkerFolder("[vars");
    expect(await midx(["publish", path, "--config", broken])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`wrangler in ${dirname(broken)}: `),
    });
    expect(await midx(["publish", path, "--config", join(folder, "none.toml")])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("none.toml"),
    });
  });
});
