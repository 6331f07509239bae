import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { SERVER } from "../../../scripts/engines/valkey.ts";
import { bytesOf, makeFolder, npyBytes, npyLiteral } from "../files.ts";
import { type S3Server, startS3 } from "../publishing/s3-server.ts";
import { startFiles } from "../remote/file-server.ts";
import { noise } from "../run.ts";
import { hashesOf } from "../tasks/words.ts";
import { childrenOf, installedCommands, isRunning, until } from "./commands.ts";
import { valkeyForTest } from "./valkey.ts";

const [ID, SECRET, ROWS] = ["0123456789abcdef", "fedcba9876543210", 2000];
let server: S3Server;
const start = installedCommands(() => ({
  ...{ AWS_ENDPOINT_URL: server.url, AWS_ACCESS_KEY_ID: ID, AWS_SECRET_ACCESS_KEY: SECRET },
}));

beforeEach(async () => {
  server = await startS3("words", ID, SECRET);
  onTestFinished(() => server.close());
});

describe.skipIf(SERVER === undefined)("workers that share nothing but a bucket and a queue", () => {
  test("write the files of one process, although one of them is killed while it writes a part", async () => {
    const queue = await valkeyForTest();
    const rows = npyBytes(npyLiteral("<f4", `(${ROWS}, 8)`), bytesOf(noise(ROWS * 8, 3)));
    const files = await startFiles({ "rows.npy": rows });
    const one = makeFolder();
    writeFileSync(join(one, "rows.npy"), rows);
    const settings = ["--bits", "4", "--calibrate", "off", "--parts", "2"];
    const alone = start(one, "build", "rows.npy", ...settings, "-o", "words");
    expect(await alone.ended, alone.text()).toBe(0);
    const { "plan.json": _, ...expected } = hashesOf(join(one, "words"));

    let writing = 0;
    let stopped: (() => void) | undefined;
    server.before = async (method, key) => {
      if (method !== "PUT" || !key.startsWith("out/part-") || writing++ > 0) return undefined;
      await new Promise<void>((resolve) => (stopped = resolve));
      return 400; // the worker is dead by now, and the object store has taken nothing
    };
    const host = new URL(files.url).host;
    const options = ["--queue", queue, "--folder", "s3://words/out", "--allow-host", host];
    const victim = start(makeFolder(), "worker", ...options);
    const planner = start(
      ...([
        makeFolder(),
        "build",
        `${files.url}/rows.npy`,
        ...settings,
        "-o",
        "s3://words/out",
        "--queue",
        queue,
      ] as const),
    );
    await until(
      () => stopped !== undefined,
      () => planner.text() + victim.text(),
    );
    const tasks = process.platform === "linux" ? childrenOf(victim.process.pid as number) : [];
    victim.process.kill("SIGKILL");
    stopped?.();
    expect(await victim.ended).toBe(null);
    start(makeFolder(), "worker", ...options);
    expect(await planner.ended, planner.text()).toBe(0);
    expect(planner.text(), "another worker has taken it").toMatch(/^part-\d+ +\S+ +[\d.]+ +[1-9]\d*$/m);
    expect(tasks.filter(isRunning), "the task of a killed worker ends with it").toEqual([]);
    const built = [...server.objects].filter(([key]) => key !== "out/plan.json");
    const hash = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
    expect(Object.fromEntries(built.map(([key, bytes]) => [key.slice("out/".length), hash(bytes)]))).toEqual(expected);
  });
});
