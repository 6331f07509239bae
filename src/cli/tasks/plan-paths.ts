import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import { MANIFEST_NAME } from "../files/file-kind.ts";
import { addressOf, isInBucket, isRemote } from "../remote/address.ts";
import { type BuildPlan, FILE_INPUTS } from "./plan.ts";

/**
 * Returns the name of a file in a plan in `folder`: a path that leads there from the folder, or the name that holds everywhere.
 */
export function pathInPlan(path: string, folder: string): string {
  if (isRemote(path) || isAbsolute(path)) return path;
  if (isInBucket(folder)) return resolve(path);
  return relative(folder, resolve(path)).replaceAll("\\", "/");
}

/** Returns the path or URL of a file that a plan in `folder` names. */
export function pathOfPlan(path: string, folder: string): string {
  return isRemote(path) || isAbsolute(path) || isInBucket(folder) ? path : resolve(folder, path);
}

/** Returns the path of a file in a folder, or its URL in a bucket. */
export const pathIn = (folder: string, file: string): string =>
  isInBucket(folder) ? `${folder.replace(/\/$/, "")}/${file}` : join(folder, file);

/** Divides the path or URL of a plan into its folder and its name. */
export function placeOfPlan(path: string): { readonly folder: string; readonly name: string } {
  if (!isInBucket(path)) return { folder: dirname(path), name: basename(path) };
  const { shown } = addressOf(path);
  const slash = shown.lastIndexOf("/");
  return { folder: shown.slice(0, slash), name: shown.slice(slash + 1) };
}

/** Returns the folder for parts from --output, which may also name the manifest in it, or the file that one index would be. */
export function folderOfParts(output: string): string {
  const { folder, name } = placeOfPlan(output);
  return name === MANIFEST_NAME ? folder : output.replace(/\.midx$/, "") || ".";
}

/** Inputs that are read from files of the machine alone. */
const READ_HERE = ["metadata", "encoder", "encoderNames", "warmFrom"] as const;

/**
 * Checks a plan that other machines get from a bucket. It names URLs only: they have no files of this machine, and a plan
 * from elsewhere must not make a machine read files of its own.
 *
 * @throws RangeError that names the input
 */
export function checkPortable({ input }: Pick<BuildPlan, "input">, folder: string): void {
  if (!isInBucket(folder)) return;
  for (const name of ["embeddings", ...FILE_INPUTS] as const) {
    const path = input[name];
    const isTensor = (name === "bias" || name === "counts") && !/[\\/]/.test(path ?? "");
    if (path === undefined || isTensor || isRemote(path)) continue;
    if (READ_HERE.some((own) => own === name)) {
      throw new RangeError(
        `"${name}" expected nothing, since other machines lack the file ${path} and the plan is in a bucket: run midx build in one process, without '--queue'`,
      );
    }
    throw new RangeError(
      `"${name}" expected a URL, since the plan is in a bucket, got the file ${path}: put it there too`,
    );
  }
}
