import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Fault } from "./fault.ts";
import { runCommand } from "./run-command.ts";
import { root, type Sources } from "./source-files.ts";

/** A copy of the sources into which faults are injected, one at a time. */
export class Copy {
  readonly folder = mkdtempSync(join(tmpdir(), "midx-fault-"));
  readonly #kernels = mkdtempSync(join(tmpdir(), "midx-kernels-"));

  /** The original content of the file with a fault. */
  #before = "";

  /** Copies the sources and the built kernels. Kernels that do not match the sources are compiled again. */
  constructor({ paths }: Sources) {
    for (const path of paths) {
      mkdirSync(dirname(join(this.folder, path)), { recursive: true });
      cpSync(join(root, path), join(this.folder, path));
    }
    cpSync(join(root, "build"), join(this.folder, "build"), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(this.folder, "node_modules"));
  }

  /** Compiles the kernels whose sources have changed. Returns the errors of the compiler, if there are any. */
  async compileKernels(): Promise<string | undefined> {
    const { status, output } = await runCommand(this.folder, ["scripts/build-kernels.ts"]);
    return status === 0 ? undefined : output.trim().split("\n").slice(-3).join(" ");
  }

  /** Keeps the current kernels as those without a fault. */
  keepKernels(): void {
    cpSync(join(this.folder, "build"), this.#kernels, { recursive: true });
  }

  /**
   * Injects a fault. The rest of the copy keeps the sources of its creation, even if they change in the meantime. Returns a
   * message if the fault can't be injected.
   */
  make({ file, find, replace }: Fault): string | undefined {
    const source = readFileSync(join(this.folder, file), "utf8");
    const count = source.split(find).length - 1;
    if (count !== 1) return `${file} expected to contain this once, but contains it ${count} times: ${find}`;
    this.#before = source;
    writeFileSync(
      join(this.folder, file),
      source.replace(find, () => replace),
    );
    return undefined;
  }

  undo({ file }: Fault): void {
    writeFileSync(join(this.folder, file), this.#before);
    if (file.startsWith("assembly/")) cpSync(this.#kernels, join(this.folder, "build"), { recursive: true });
  }

  remove(): void {
    for (const folder of [this.folder, this.#kernels]) rmSync(folder, { recursive: true, force: true });
  }
}
