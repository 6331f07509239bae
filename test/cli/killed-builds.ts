import { spawn } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { noise } from "./noise.ts";

const [ITEM_COUNT, DIM] = [5000, 16];

/** What became of builds that were to replace one index by another, and were killed. */
export interface KilledBuilds {
  /** Builds that ended before they could be killed. */
  readonly finished: number;
  /** Killed ones after which the file was the old one, or the new one. */
  readonly old: number;
  readonly new: number;
  /** Temporary files that they left, beside which the last build, which nobody kills, does its work. */
  readonly leftBehind: number;
}

/**
 * Starts `count` builds of `cli` in `folder`, each of which is to replace an index, and kills each: every other one at a
 * random moment of the time a build takes, the rest as random a while after it says that it writes.
 *
 * @throws Error where the file is then neither the old index nor the new one, which `midx verify` takes.
 */
export async function killBuilds(
  cli: string,
  folder: string,
  count: number,
  extra: readonly string[],
): Promise<KilledBuilds> {
  const random = noise(count, 11);
  const indexes = [1, 2].map((start) => join(folder, `table-${start}.f32`));
  for (const [i, path] of indexes.entries()) {
    writeFileSync(path, noise(ITEM_COUNT * DIM, i + 1));
  }
  const target = join(folder, "out.midx");
  const build = (table: string, arrange?: (started: Started) => void) =>
    run([cli, "build", table, "--dim", `${DIM}`, "-o", target, "--json", ...extra], arrange);
  const wholes: Buffer[] = [];
  let takes = 0;
  for (const table of indexes) {
    const start = performance.now();
    await build(table);
    takes = performance.now() - start;
    await run([cli, "verify", target]);
    wholes.push(readFileSync(target));
  }

  const outcomes = { finished: 0, old: 0, new: 0 };
  let current = 1;
  for (let i = 0; i < count; i++) {
    const next = 1 - current;
    const share = ((random[i] as number) + 1) / 2;
    const killed = await build(indexes[next] as string, ({ kill, writing }) => {
      if (i % 2 === 0) setTimeout(kill, share * takes);
      else writing.then(() => setTimeout(kill, share * WRITE_MILLISECONDS));
    });
    const found = readFileSync(target);
    const which = wholes.findIndex((whole) => whole.equals(found));
    if (which < 0)
      throw new Error(`kill ${i + 1} of ${count} left a file that is neither index, of ${found.byteLength} bytes`);
    if (!killed) outcomes.finished++;
    else outcomes[which === current ? "old" : "new"]++;
    current = which;
  }
  const leftBehind = readdirSync(folder).filter((name) => name.endsWith(".tmp")).length;
  await build(indexes[1 - current] as string);
  if (!readFileSync(target).equals(wholes[1 - current] as Buffer)) throw new Error("the last build made another file");
  return { ...outcomes, leftBehind };
}

/** How long after the announcement of the write builds are killed, at most: longer than it takes. */
const WRITE_MILLISECONDS = 60;

interface Started {
  readonly kill: () => void;
  /** Once the build says that it writes. */
  readonly writing: Promise<void>;
}

/** Runs a command line, which `arrange` may have killed; true if it was. Error where it fails otherwise. */
function run(argv: readonly string[], arrange?: (started: Started) => void): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "pipe"] });
    let errors = "";
    child.stderr.on("data", (text) => {
      errors += text;
    });
    const writing = new Promise<void>((announce) => {
      child.stdout.on("data", (text: Buffer) => text.includes('"phase":"write"') && announce());
    });
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (signal === "SIGKILL") resolve(true);
      else if (code === 0) resolve(false);
      else reject(new Error(`a command ended with ${code ?? signal}: ${errors}`));
    });
    arrange?.({ kill: () => child.kill("SIGKILL"), writing });
  });
}
