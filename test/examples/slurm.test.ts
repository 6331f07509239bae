import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { CAN_SLURM, startSlurm } from "../../scripts/engines/slurm.ts";
import { bundleCli } from "../cli/bundle.ts";
import { makeFolder } from "../cli/files.ts";
import { built, environment, planned } from "./planned-build.ts";

let cli: Awaited<ReturnType<typeof bundleCli>>;
beforeAll(async () => {
  cli = await bundleCli();
});
afterAll(() => cli.remove());

describe.skipIf(!CAN_SLURM)(
  `Slurm${CAN_SLURM ? "" : ", which is not installed or can't be started by this user"}`,
  () => {
    test("runs an array job that writes the files of one process", async () => {
      const { words, plan, expected } = await planned();
      const slurm = await startSlurm(makeFolder());
      onTestFinished(slurm.stop);
      const env = { ...environment(makeFolder(), cli.cli), ...slurm.env };
      const script = resolve("examples/scale-out/slurm.sh");
      const argv = ["--array=0-7", `--output=${words}/log-%a.txt`, script, plan];
      execFileSync("sbatch", ["--test-only", ...argv], { env, stdio: "pipe" });
      execFileSync("sbatch", ["--wait", ...argv], { env, stdio: "pipe", timeout: 800_000 });
      const { files, logs } = separated(built(words));
      expect(files).toEqual(await expected());
      expect(logs).toHaveLength(8);
      expect(existsSync(join(words, "manifest.json"))).toBe(true);
    });
  },
);

function separated(all: Record<string, string>): { files: Record<string, string>; logs: string[] } {
  const logs = Object.keys(all).filter((name) => name.startsWith("log-"));
  return { files: Object.fromEntries(Object.entries(all).filter(([name]) => !logs.includes(name))), logs };
}
