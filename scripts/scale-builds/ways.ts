import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { hasProgram } from "../engines/programs.ts";
import { CAN_SLURM, startSlurm } from "../engines/slurm.ts";
import { SERVER, startValkey } from "../engines/valkey.ts";

/** One build of the same rows and options, in the folder `output` below the folder of the rows. */
export interface WayCall {
  /** The folder with the rows and a folder "bin" with midx. */
  readonly folder: string;
  readonly options: readonly string[];
  readonly output: string;
  readonly partCount: number;
  readonly env: NodeJS.ProcessEnv;
}

/** A way to build, and why it is left out here, if it is. */
export interface Way {
  readonly missing?: string;
  run(call: WayCall): Promise<void>;
}

/** One process; three workers of a queue, one of them killed; GNU parallel; an array job of Slurm. */
export const WAYS: Readonly<Record<string, Way>> = {
  one: { run: (call) => ended(midx(call, "build", ...call.options, "-o", call.output)) },
  queue: {
    ...(SERVER === undefined && { missing: "valkey-server is not installed" }),
    run: byQueue,
  },
  parallel: {
    ...(!hasProgram("parallel") && { missing: "parallel is not installed" }),
    run: byParallel,
  },
  slurm: {
    ...(!CAN_SLURM && { missing: "slurm-wlm is not installed, or this user can't start it" }),
    run: bySlurm,
  },
};

const midx = ({ folder, env }: WayCall, ...argv: string[]): ChildProcess =>
  spawn(join(folder, "bin", "midx"), argv, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });

function ended(child: ChildProcess): Promise<void> {
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (piece: Buffer) => (text += piece.toString()));
  return new Promise((resolve, reject) => {
    child.once("close", (code) => (code === 0 ? resolve() : reject(new Error(`exit code ${code}: ${text}`))));
  });
}

/** Builds by three workers. The first that takes a part is killed with it. */
async function byQueue(call: WayCall): Promise<void> {
  const state = join(call.folder, "valkey");
  mkdirSync(state, { recursive: true });
  const { url, stop } = await startValkey(state);
  let victim: ChildProcess | undefined;
  const workers = [0, 1, 2].map(() => {
    const worker = midx(call, "worker", "--queue", url);
    worker.stderr?.on("data", (piece: Buffer) => {
      if (victim !== undefined || !/^part-\d+: taken$/m.test(piece.toString())) return;
      victim = worker;
      void sleep(1000).then(() => worker.kill("SIGKILL"));
    });
    return { process: worker, closed: new Promise((resolve) => worker.once("close", resolve)) };
  });
  try {
    await ended(midx(call, "build", ...call.options, "-o", call.output, "--queue", url));
    if (victim === undefined) throw new Error("no worker took a part");
  } finally {
    for (const { process } of workers) process.kill("SIGINT");
    await Promise.all(workers.map(({ closed }) => closed));
    await stop();
  }
}

async function plan(call: WayCall): Promise<string> {
  const path = join(call.output, "plan.json");
  await ended(midx(call, "build-plan", ...call.options, "-o", path));
  return path;
}

const run = (call: WayCall, program: string, argv: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<void> =>
  ended(spawn(program, argv, { cwd: call.folder, env: { ...call.env, ...more }, stdio: ["ignore", "pipe", "pipe"] }));

async function byParallel(call: WayCall): Promise<void> {
  await run(call, resolve("examples/scale-out/parallel.sh"), [await plan(call), "--jobs", "2"]);
}

async function bySlurm(call: WayCall): Promise<void> {
  const state = join(call.folder, "slurm");
  mkdirSync(state, { recursive: true });
  const { env, stop } = await startSlurm(state);
  try {
    const last = call.partCount + 3; // sample, training, parts, measurement, manifest
    const script = resolve("examples/scale-out/slurm.sh");
    await run(call, "sbatch", ["--wait", `--array=0-${last}`, "--output=/dev/null", script, await plan(call)], env);
  } finally {
    await stop();
  }
}
