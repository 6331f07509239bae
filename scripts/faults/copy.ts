import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Fault } from "./fault.ts";
import { runCommand } from "./run-command.ts";
import { root, type Sources } from "./source-files.ts";

/** A copy of the sources in which one fault at a time is made. */
export class Copy {
  readonly folder = mkdtempSync(join(tmpdir(), "midx-fault-"));
  readonly #kernels = mkdtempSync(join(tmpdir(), "midx-kernels-"));

  /** The file that has a fault, as it was. */
  #before = "";

  /** With the kernels that are built: what is not compiled from these sources will be compiled anew. */
  constructor({ paths }: Sources) {
    for (const path of paths) {
      mkdirSync(dirname(join(this.folder, path)), { recursive: true });
      cpSync(join(root, path), join(this.folder, path));
    }
    cpSync(join(root, "build"), join(this.folder, "build"), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(this.folder, "node_modules"));
  }

  /** Compiles the kernels whose sources have changed. Returns what the compiler says where it refuses them. */
  async compileKernels(): Promise<string | undefined> {
    const { status, output } = await runCommand(this.folder, ["scripts/build-kernels.ts"]);
    return status === 0 ? undefined : output.trim().split("\n").slice(-3).join(" ");
  }

  /** Takes the kernels as they are for those without a fault. */
  keepKernels(): void {
    cpSync(join(this.folder, "build"), this.#kernels, { recursive: true });
  }

  /**
   * The rest of the copy is as the sources were when it was made, whatever becomes of them in the meantime. Returns why the
   * fault can't be made, where it can't.
   */
  make({ file, find, replace }: Fault): string | undefined {
    const source = readFileSync(join(this.folder, file), "utf8");
    const count = source.split(find).length - 1;
    if (count !== 1) return `${file} was expected to have this once, and has it ${count} times: ${find}`;
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
