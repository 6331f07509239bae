import { execFile } from "node:child_process";
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { EVERY } from "../../run/size.ts";
import { bundlesOfSuite } from "../bundles-of-suite.ts";
import { makeFolder } from "../files.ts";
import { sayPeakMemory } from "../peak-memory.ts";
import { midx, writeTable } from "../run.ts";

const bundles = bundlesOfSuite();

describe("midx build --threads", () => {
  interface Ended {
    readonly code: number;
    readonly stdout: string;
    readonly stderr: string;
  }

  /** Runs the bundle in `folder` in a separate process, which has to end by itself. */
  const spawned = (argv: readonly string[], folder = bundles(), nodeArgv: readonly string[] = []): Promise<Ended> =>
    new Promise((resolve) => {
      const whole = [...nodeArgv, join(folder, "cli.js"), ...argv];
      execFile(process.execPath, whole, { encoding: "utf8", timeout: 600_000 }, (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr });
      });
    });

  test("writes the same file, and says the same of it", async () => {
    const output = join(makeFolder(), "out.midx");
    const input = writeTable(EVERY ? 5000 : 1000, 6);
    const extras = [
      ["--fine-codes", "--max-memory", "1000"],
      ["--quantizer", "pq"],
      ["--quantizer", "pq", "--max-memory", "1000"],
      ["--fine-codes"],
    ];
    for (const extra of EVERY ? extras : extras.slice(0, 1)) {
      const argv = ["build", input, "-o", output, ...extra];
      const timeless = ({ stdout, ...ended }: Ended) => ({
        ...ended,
        stdout: stdout.replace(/in [\d.]+ s$/m, "in time"),
      });
      const one = await spawned(argv);
      expect(one.code, one.stderr).toBe(0);
      const file = readFileSync(output);
      expect(timeless(await spawned([...argv, "--threads", "2"]))).toEqual(timeless(one));
      expect(readFileSync(output).equals(file)).toBe(true);
    }
  });

  test.each([{ extra: [] }, { extra: ["--max-memory", "1000"] }])(
    "leaves the old file and no other when a thread fails: $extra",
    async ({ extra }) => {
      const folder = makeFolder();
      const output = join(folder, "out.midx");
      writeFileSync(output, "old");
      const damaged = makeFolder();
      cpSync(bundles(), damaged, { recursive: true });
      writeFileSync(join(damaged, "cli-worker.js"), 'throw new Error("out of luck")');
      const argv = ["build", writeTable(100, 4), "-o", output, "--threads", "2", ...extra];
      const { code, stderr } = await spawned(argv, damaged);
      expect(stderr).toMatch(/^error: thread \d of 2 failed: out of luck$/m);
      expect(code).toBe(1);
      expect(readdirSync(folder)).toEqual(["out.midx"]);
      expect(readFileSync(output, "utf8")).toBe("old");
    },
  );

  test("stays within --max-memory, the least that measures recall", async () => {
    const argv = [
      "build",
      writeTable(EVERY ? 150_000 : 2000, 32),
      "-o",
      join(makeFolder(), "out.midx"),
      "--fine-codes",
    ];
    argv.push(...["--bits", "5", "--threads", "2", "--max-memory"]);
    const least = /at least (\d+)/.exec((await midx([...argv, "1"])).stderr)?.[1] as string;
    const { stderr: unmeasured } = await spawned([...argv, least]);
    const enough = Number(/--max-memory (\d+)/.exec(unmeasured)?.[1]);
    const preload = join(makeFolder(), "preload.mjs");
    writeFileSync(preload, `import { isMainThread } from "node:worker_threads";\nif (isMainThread) ${sayPeakMemory}`);
    const { code, stderr } = await spawned([...argv, String(enough)], bundles(), [
      "--import",
      pathToFileURL(preload).href,
    ]);
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/^\d+$/);
    expect(Number(stderr) / 1024).toBeLessThanOrEqual(enough);
  });

  test.each(["0", "65", "1.5", "two", ""])("refuses %j threads", async (threads) => {
    const argv = ["build", writeTable(10, 2), "-o", join(makeFolder(), "out.midx"), "--threads", threads];
    const { code, stderr } = await midx(argv);
    expect(code).toBe(2);
    expect(stderr).toContain(`'--threads <N>' argument '${threads}' is invalid. Expected an integer in 1..64.`);
  });

  test("counts the threads' memory, and is in the help", async () => {
    const argv = ["build", writeTable(10, 2), "-o", join(makeFolder(), "out.midx"), "--max-memory", "1", "--threads"];
    const least = async (threads: number): Promise<number> =>
      Number(/at least (\d+) MiB/.exec((await midx([...argv, `${threads}`])).stderr)?.[1]);
    expect((await midx([...argv, "2"])).stderr).toContain("for 10 rows of 2 values and 2 threads, got 1");
    expect(await least(2)).toBeGreaterThan(await least(1));
    expect(await least(3)).toBeGreaterThan(await least(2));
    expect((await midx(["build", "--help"])).stdout).toContain("--threads <N>");
  });
});
