import { spawn } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { noise } from "../noise.ts";

const [ITEM_COUNT, DIM] = [5000, 16];

/** The outcome of killed builds that should have replaced one index by another. */
export interface KilledBuilds {
  /** The number of builds that ended before they were killed. */
  readonly finished: number;
  /** The numbers of killed builds that left the old file, and the new file. */
  readonly old: number;
  readonly new: number;
  /** The number of temporary files that they left. A last build, which is not killed, runs beside them. */
  readonly leftBehind: number;
}

/**
 * Starts `count` builds of `cli` in `folder`, each of which should replace an index, and kills them: every other one at a
 * random moment of the time that a build takes, and the others at a random moment after they announce the write.
 *
 * @throws Error if the file is then neither the old index nor a new one that `midx verify` accepts
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

/** The maximum time between the announcement of the write and the kill. It is longer than a write takes. */
const WRITE_MILLISECONDS = 60;

interface Started {
  readonly kill: () => void;
  /** Called when the build announces the write. */
  readonly writing: Promise<void>;
}

/**
 * Runs a command line, which `arrange` may kill. Returns whether it was killed, and throws an Error for any other failure.
 */
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
