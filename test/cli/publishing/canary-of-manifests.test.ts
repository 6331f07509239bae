import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { liveApp } from "../../../src/cli/hosting/live-app.ts";
import { routerApp } from "../../../src/cli/hosting/manifest-apps.ts";
import { folderStore } from "../../../src/cli/publishing/folder-store.ts";
import { prune } from "../../../src/cli/publishing/prune.ts";
import { type Manifest, manifestIn } from "../../../src/publication/manifest.ts";
import { liveSettingsOf } from "../../../worker/live/live-settings.ts";
import { MemoryLog } from "../../live/log/memory-log.ts";
import { bytesOf, npyBytes, npyLiteral } from "../files.ts";
import { jsonLines, midx, noise } from "../run.ts";
import { fail, succeed } from "../tasks/words.ts";

// A canary of an index in parts: another manifest, with other parts, beside the current one.

const [ROWS, DIM] = [60, 6];
const KEYS = Array.from({ length: 40 }, (_, i) => `caller ${i}`);
let built: Readonly<Record<"one" | "two" | "three" | "wide" | "single", string>>;
let folder: string;
const home = mkdtempSync(join(tmpdir(), "midx-canary-"));
afterAll(() => rmSync(home, { recursive: true }));
const makeFolder = (): string => mkdtempSync(join(home, "published-"));
const at = (name: string): string => join(folder, name);
const current = (): Promise<Manifest> => manifestIn(readFileSync(at("current.json")));
const publish = (name: keyof typeof built, ...options: string[]): Promise<string> =>
  succeed("publish", built[name], "--folder", folder, "--as", name, ...options);
const refused = (name: keyof typeof built, ...options: string[]): Promise<string> =>
  fail(1, "publish", built[name], "--folder", folder, "--as", name, ...options);

beforeAll(async () => {
  const labels = join(home, "labels.txt");
  writeFileSync(labels, Array.from({ length: ROWS }, (_, i) => `item ${i}\n`).join(""));
  const build = async (name: string, seed: number, dim: number, ...options: string[]): Promise<string> => {
    const rows = join(home, `${name}.npy`);
    writeFileSync(rows, npyBytes(npyLiteral("<f4", `(${ROWS}, ${dim})`), bytesOf(noise(ROWS * dim, seed))));
    const [isParts, output] = [options.length > 0, join(home, options.length > 0 ? name : `${name}.midx`)];
    await succeed("build", rows, "--labels", labels, "--bits", "2", "--calibrate", "off", ...options, "-o", output);
    return isParts ? join(output, "manifest.json") : output;
  };
  built = {
    one: await build("one", 1, DIM, "--parts", "2"),
    two: await build("two", 2, DIM, "--parts", "3"),
    three: await build("three", 3, DIM, "--parts", "2"),
    wide: await build("wide", 4, DIM + 2, "--parts", "2"),
    single: await build("single", 5, DIM),
  };
});
beforeEach(async () => {
  folder = makeFolder();
  await publish("one");
});

describe("midx publish --canary of a manifest", () => {
  test("names it beside the current one, whose parts and generation stay", async () => {
    const before = await current();
    const [event] = jsonLines(await publish("two", "--canary", "0.25", "--json")).slice(-1);
    expect(event).toMatchObject({ event: "canary", version: "one", canary: { version: "two", share: 0.25 } });
    expect(await current()).toEqual({ ...before, canary: { version: "two", share: 0.25 } });
    const own = await manifestIn(readFileSync(at("versions/two.json")));
    expect(own).toMatchObject({ version: "two", previous: "one", parts: { length: 3 } });
    expect(own).not.toHaveProperty("canary");
    expect(await publish("two", "--canary", "0.5")).toMatch(/^canary +two\nfor +50 % of the callers\ncurrent +one\n/);
    const bytes = readFileSync(at("current.json"));
    expect(await publish("two", "--canary", "0.5")).toMatch(/^already canary +two\n/);
    expect(readFileSync(at("current.json"))).toEqual(bytes);
  });

  test("is followed by a promotion, which changes no generation, and a rollback", async () => {
    await publish("two", "--canary", "0.25");
    const { generation } = await manifestIn(readFileSync(at("versions/two.json")));
    expect(await succeed("promote", "--folder", folder)).toMatch(/^current +two\nwas +one\n/);
    expect(await current()).toMatchObject({ version: "two", previous: "one", generation });
    await succeed("rollback", "--folder", folder);
    expect(await current()).toMatchObject({ version: "one" });
  });

  test("ends by a rollback, after which the manifest is what it was", async () => {
    const bytes = readFileSync(at("current.json"));
    await publish("two", "--canary", "0.25");
    expect(await succeed("rollback", "--folder", folder)).toMatch(/^current +one\nended +two\n/);
    expect(readFileSync(at("current.json"))).toEqual(bytes);
    expect(await fail(1, "promote", "--folder", folder)).toContain("current.json is one, which has no canary");
  });

  test("keeps other publications and compactions out, and the manifest that was published is published as it is", async () => {
    await publish("two", "--canary", "0.25");
    const message = "version two is tried as a canary beside one: end that first, with midx promote or midx rollback";
    expect(await refused("three")).toContain(message);
    expect(await refused("three", "--canary", "0.1")).toContain(message);
    const rows = join(folder, "rows.jsonl");
    writeFileSync(rows, `${JSON.stringify({ id: "new", vector: Array.from(noise(DIM, 9)) })}\n`);
    const [changes, log] = [join(folder, "new.midxd"), join(folder, "log")];
    await succeed("changes", at("current.json"), rows, "-o", changes);
    await succeed("push", changes, "--log", log, "--index", at("current.json"));
    expect(await fail(1, "compact", "--folder", folder, "--log", log)).toContain(message);
    const other = makeFolder();
    await succeed("publish", at("current.json"), "--folder", other);
    expect(await manifestIn(readFileSync(join(other, "current.json")))).not.toHaveProperty("canary");
  });

  test("is refused where the two do not fit together, and nothing is written", async () => {
    const bytes = readFileSync(at("current.json"));
    expect(await refused("wide", "--canary", "0.1")).toContain("version wide would break the clients of one");
    expect(await refused("one", "--canary", "0.1")).toContain("one is already current");
    expect(await refused("single", "--canary", "0.1")).toContain(
      "current.json is a manifest, beside which no index file can be tried: build it in parts (--parts), or leave out --canary",
    );
    expect(readFileSync(at("current.json"))).toEqual(bytes);
    const other = makeFolder();
    await succeed("publish", built.single, "--folder", other, "--as", "single");
    const beside = await midx(["publish", built.two, "--folder", other, "--as", "two", "--canary", "0.1"]);
    expect(beside.stderr).toContain(
      "current.json is the pointer of an index file, beside which no parts can be tried: build one file",
    );
    const empty = ["publish", built.two, "--folder", makeFolder(), "--as", "two", "--canary", "0.1"];
    expect(await fail(1, ...empty)).toContain("a canary needs a current version beside it");
  });

  test("keeps its parts from midx prune", async () => {
    await publish("two", "--canary", "0.25");
    const store = folderStore(folder);
    for (const hours of [0, 3]) {
      await prune(store, "current.json", { keep: 1, graceSeconds: 3600, now: () => Date.now() + hours * 3_600_000 });
    }
    const { parts } = await manifestIn(readFileSync(at("versions/two.json")));
    for (const { pointer } of parts) expect(existsSync(at(pointer as string))).toBe(true);
    await succeed("promote", "--folder", folder);
  });
});

/** What Node's server gives with a request. */
const CONNECTION = { incoming: { socket: { remoteAddress: "127.0.0.1" } } };

/** Processes that serve the published manifest. */
const SERVICES = {
  "a service": () =>
    routerApp(
      { path: at("current.json"), digest: undefined, refreshSeconds: 0.001 },
      { origins: undefined, groups: undefined, token: undefined },
    ),
  "a service with a log of changes": () => {
    const log = new MemoryLog();
    const live = liveSettingsOf({ deltaSeconds: 0.05 });
    return liveApp({
      ...{ path: at("current.json"), isManifest: true, log, live },
      ...{ digest: undefined, refreshSeconds: 0.001 },
    });
  },
};

describe.each(Object.entries(SERVICES))("%s", (_, start) => {
  const versionsOf = async (app: ReturnType<typeof start>): Promise<string[]> => {
    const asked = KEYS.map((key) => app.request("/v1/info", { headers: { "x-client-key": key } }, CONNECTION));
    return Promise.all((await Promise.all(asked)).map(async (answer) => (await answer.json()).version));
  };

  test("answers a share of the callers by the canary, always the same ones, until it is promoted", async () => {
    await publish("two", "--canary", "0.25");
    const app = start();
    const first = await versionsOf(app);
    expect(new Set(first)).toEqual(new Set(["one", "two"]));
    expect(await versionsOf(app)).toEqual(first);
    expect(await (await app.request("/readyz")).json()).toMatchObject({
      ...{ status: "ready", version: "one", canary: { version: "two", share: 0.25 } },
    });
    await publish("two", "--canary", "0.75");
    await expect
      .poll(async () => (await versionsOf(app)).filter((version) => version === "two").length)
      .toBeGreaterThan(20);
    const larger = await versionsOf(app);
    for (const [i, version] of first.entries()) if (version === "two") expect(larger[i]).toBe("two");
    await succeed("promote", "--folder", folder);
    await expect.poll(async () => new Set(await versionsOf(app))).toEqual(new Set(["two"]));
  });

  test("that meets a canary while it runs loads it, and drops it when it ends", async () => {
    const app = start();
    expect(new Set(await versionsOf(app))).toEqual(new Set(["one"]));
    await publish("two", "--canary", "0.5");
    await expect.poll(async () => new Set(await versionsOf(app)).size).toBe(2);
    await succeed("rollback", "--folder", folder);
    await expect.poll(async () => new Set(await versionsOf(app))).toEqual(new Set(["one"]));
  });

  test("answers all callers by the current version if a part of the canary is gone", async () => {
    await publish("two", "--canary", "0.5");
    const { parts } = await manifestIn(readFileSync(at("versions/two.json")));
    writeFileSync(at(parts[1]?.pointer as string), "{}");
    const app = start();
    await versionsOf(app);
    await expect.poll(async () => (await (await app.request("/readyz")).json()).status).toBe("degraded");
    expect(new Set(await versionsOf(app))).toEqual(new Set(["one"]));
  });
});
