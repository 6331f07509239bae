// The sets that an interrupted run has measured, in build/peers-sets. A set is kept for its commit, machine and options.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import type { PeerSet } from "./result.ts";

const folder = new URL("../../build/peers-sets/", import.meta.url);

/** The origin of a measurement. */
export interface Origin {
  readonly commit: string;
  readonly machine: string;
  readonly node: string;
  /** The options that change what is measured. */
  readonly options: string;
}

/** Returns the commit that is checked out, and a mark if files that are measured differ from it. */
export function commit(): string {
  const git = (...given: string[]): string => execFileSync("git", given, { encoding: "utf8" }).trim();
  const changed = git("status", "--porcelain", "--", "src", "assembly", "bench", ":!bench/results");
  return git("rev-parse", "HEAD") + (changed === "" ? "" : " with changes");
}

/**
 * Returns the set as an earlier run with this origin measured it. Changed files may have changed again, so they have no such
 * set.
 */
export function keptSet(key: string, origin: Origin): PeerSet | undefined {
  const path = new URL(`${key}.json`, folder);
  if (!existsSync(path) || origin.commit.endsWith("with changes")) return undefined;
  const { set, ...its } = JSON.parse(readFileSync(path, "utf8")) as Origin & { readonly set: PeerSet };
  return JSON.stringify(sorted(its)) === JSON.stringify(sorted(origin)) ? set : undefined;
}

export function keepSet(key: string, origin: Origin, set: PeerSet): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(new URL(`${key}.json`, folder), JSON.stringify({ ...origin, set }));
}

const sorted = ({ commit, machine, node, options }: Origin): Origin => ({ commit, machine, node, options });
