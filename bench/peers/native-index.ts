// An index in a C++ program of bench/peers/native, behind pipes. native/contender.hpp describes how they talk.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { closeSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { scratchPath } from "./folder.ts";
import type { OwnProgram } from "./peer.ts";

/** An effort as a program takes it: ef or nprobe, and the number of rows scored again as multiples of k. */
export interface NativeEffort {
  readonly label: string;
  readonly effort: number;
  readonly rescored: number;
}

/** An index that a program saved or has opened. An effort is an index into `efforts`. */
export class NativeIndex implements OwnProgram {
  readonly path: string;
  readonly bytes: number;
  readonly seconds: number;
  readonly memoryBytes: number;
  readonly #efforts: readonly NativeEffort[];
  readonly #process: ChildProcess | undefined;

  private constructor(
    path: string,
    efforts: readonly NativeEffort[],
    { seconds, memoryBytes }: { readonly seconds: number; readonly memoryBytes: number },
    process?: ChildProcess,
  ) {
    this.path = path;
    this.bytes = statSync(path).size;
    this.seconds = seconds;
    this.memoryBytes = memoryBytes;
    this.#efforts = efforts;
    this.#process = process;
  }

  /** Has a program build an index of rows, f32 (count, dim), and save it. */
  static build(
    program: string,
    kind: string,
    efforts: readonly NativeEffort[],
    rows: Float32Array,
    bias: Float32Array,
  ): NativeIndex {
    const [rowsPath, path] = [scratchPath(), scratchPath()];
    const file = openSync(rowsPath, "w");
    for (const values of [rows, bias])
      writeAll(file, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    closeSync(file);
    try {
      const shape = [bias.length, rows.length / bias.length].map(String);
      const printed = execFileSync(program, ["build", rowsPath, ...shape, path, kind], { env: environment() });
      return new NativeIndex(path, efforts, { seconds: Number(printed), memoryBytes: 0 });
    } finally {
      rmSync(rowsPath);
    }
  }

  /** Has a program load a saved index and wait for queries. */
  static async open(
    program: string,
    efforts: readonly NativeEffort[],
    path: string,
    dim: number,
  ): Promise<NativeIndex> {
    const child = spawn(program, ["open", path, String(dim)], {
      stdio: ["pipe", "pipe", "inherit"],
      env: environment(),
    });
    const opened = await readBytes(child, child.stdout, 16);
    const [seconds = Number.NaN, memoryBytes = Number.NaN] = new Float64Array(opened);
    return new NativeIndex(path, efforts, { seconds, memoryBytes }, child);
  }

  effortsFor(): number[] {
    return Array.from(this.#efforts.keys());
  }

  describe(_k: number, effort: number): string {
    return this.#efforts[effort]?.label ?? "";
  }

  async burst(
    queries: Parameters<OwnProgram["burst"]>[0],
    { k, effort: at, warmUp, batch }: Parameters<OwnProgram["burst"]>[1],
  ): ReturnType<OwnProgram["burst"]> {
    const child = this.#process as ChildProcess;
    const { stdin, stdout } = child as { readonly stdin: Writable; readonly stdout: Readable };
    const { effort, rescored } = this.#efforts[at] as NativeEffort;
    const order = Int32Array.of(k, effort, rescored, queries.length, warmUp, batch);
    stdin.write(
      Buffer.concat(
        [order, ...queries].map(({ buffer, byteOffset, byteLength }) => {
          return new Uint8Array(buffer, byteOffset, byteLength);
        }),
      ),
    );
    const idBytes = 4 * k * queries.length;
    const answer = await readBytes(child, stdout, idBytes + 8 * Math.ceil(queries.length / batch));
    const ids = new Int32Array(answer, 0, k * queries.length);
    return {
      answers: queries.map((_, q) => ids.subarray(q * k, (q + 1) * k).filter((id) => id >= 0)),
      micros: Array.from(new Float64Array(answer.slice(idBytes))),
    };
  }

  dispose(): void {
    this.#process?.kill();
    rmSync(this.path);
  }
}

/** Returns the environment for one thread: faiss and its BLAS would otherwise take all cores. */
const environment = (): NodeJS.ProcessEnv => ({ ...process.env, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" });

/** Writes all bytes. One call writes at most 2 GB. */
function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

/** Resolves to the next so many bytes. Rejects if the program ends before it has written them. */
function readBytes(child: ChildProcess, stream: Readable, length: number): Promise<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let at = 0;
  return new Promise((resolve, reject) => {
    const ended = (): void => reject(new Error("the program ended without an answer"));
    // The program writes nothing more until it gets another order, so no part belongs to a later call.
    const take = (part: Buffer): void => {
      bytes.set(part, at);
      at += part.length;
      if (at < length) return;
      stream.off("data", take);
      child.off("exit", ended);
      resolve(bytes.buffer);
    };
    child.once("exit", ended);
    stream.on("data", take);
  });
}
