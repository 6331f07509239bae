import { join, normalize } from "node:path";
import { stripVTControlCharacters } from "node:util";
import asc from "assemblyscript/asc";
import { withIdentity } from "./identity.ts";
import { replaceFile } from "./replace-file.ts";
import { readIfThere, type Stamp, sha256, stampOf } from "./stamp.ts";
import type { Target } from "./targets.ts";

/**
 * Compiles a target and writes its files and then its stamp. Throws an Error with the output of the compiler if that fails.
 */
export async function compile(root: string, target: Target, compiler: string): Promise<Stamp> {
  const inputs: Record<string, string | null> = {};
  const contents = new Map<string, string | Uint8Array>();
  const { error, stderr } = await asc.main([...target.entries, "--target", target.name], {
    readFile(name, folder) {
      const path = normalize(join(folder, name));
      const text = readIfThere(join(root, path))?.toString() ?? null;
      inputs[path] = text === null ? null : sha256(text);
      return text;
    },
    writeFile(name, content, folder) {
      const path = normalize(join(folder, name));
      contents.set(path, typeof content === "string" ? content : withIdentity(content, target.outFile));
    },
  });
  // The compiler colours its output if it assumes a terminal, for example with CI=true.
  const messages = stripVTControlCharacters(stderr.toString());
  if (error) throw new Error(`The kernel target "${target.name}" does not compile.\n${messages}`);
  const outputs: Record<string, string> = {};
  for (const [path, content] of contents) {
    replaceFile(join(root, path), content);
    outputs[path] = sha256(content);
  }
  const stamp: Stamp = { compiler, inputs, outputs, warnings: messages };
  replaceFile(join(root, stampOf(target.outFile)), `${JSON.stringify(stamp, undefined, 2)}\n`);
  return stamp;
}
