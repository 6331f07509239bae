import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort, hasProgram } from "./programs.ts";

/** Slurm is installed, and this user may start it. */
export const CAN_SLURM = ["sbatch", "slurmctld", "slurmd"].every(hasProgram) && process.getuid?.() === 0;

/**
 * Starts Slurm for this machine alone, without the users and keys of a real cluster. Returns the variables by which its
 * commands find it.
 */
export async function startSlurm(
  folder: string,
): Promise<{ readonly env: { SLURM_CONF: string }; stop(): Promise<void> }> {
  const env = { SLURM_CONF: await writeSettings(folder) };
  const daemons = [start("slurmctld", ["-D", "-c"], env), start("slurmd", ["-D"], env)];
  const stop = async (): Promise<void> => {
    await Promise.all(daemons.map((end) => end()));
  };
  for (let tenth = 0; !isIdle(env); tenth++) {
    if (tenth > 1200) {
      await stop();
      throw new Error("Slurm has no idle node after two minutes");
    }
    await sleep(100);
  }
  return { env, stop };
}

async function writeSettings(folder: string): Promise<string> {
  const at = (name: string): string => join(folder, name);
  const settings = {
    ClusterName: "one",
    SlurmctldHost: `${hostname()}(127.0.0.1)`,
    SlurmUser: "root",
    SlurmdUser: "root",
    AuthType: "auth/none",
    CredType: "cred/none",
    ProctrackType: "proctrack/linuxproc",
    TaskPlugin: "task/none",
    StateSaveLocation: at("state"),
    SlurmdSpoolDir: at("spool"),
    SlurmctldPidFile: at("control.pid"),
    SlurmdPidFile: at("node.pid"),
    SlurmctldPort: await freePort(),
    SlurmdPort: await freePort(),
    ReturnToService: 2,
    MpiDefault: "none",
    SwitchType: "switch/none",
    SelectType: "select/cons_tres",
    SelectTypeParameters: "CR_Core",
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  lines.push(`NodeName=${hostname()} NodeAddr=127.0.0.1 CPUs=2 RealMemory=2000 State=UNKNOWN`);
  writeFileSync(at("slurm.conf"), `${lines.join("\n")}\nPartitionName=all Nodes=ALL Default=YES State=UP\n`);
  for (const name of ["state", "spool"]) mkdirSync(at(name));
  return at("slurm.conf");
}

/** Starts a daemon, and returns a function that ends it. */
function start(program: string, argv: readonly string[], env: { SLURM_CONF: string }): () => Promise<void> {
  const daemon = spawn(program, argv, { env: { ...process.env, ...env }, stdio: "ignore" });
  const ended = new Promise<void>((resolve) => daemon.once("close", () => resolve()));
  return () => {
    daemon.kill("SIGKILL");
    return ended;
  };
}

function isIdle(env: { SLURM_CONF: string }): boolean {
  try {
    const options = { env: { ...process.env, ...env }, encoding: "utf8", stdio: "pipe" } as const;
    return execFileSync("sinfo", ["-h", "-o", "%T"], options).includes("idle");
  } catch {
    return false;
  }
}
