// The sets that an interrupted run has measured, in build/peers-sets. A set is kept for its commit, machine and options.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import type { Origin } from "../origin.ts";
import type { PeerSet } from "./result.ts";

const folder = new URL("../../build/peers-sets/", import.meta.url);

export interface SetOrigin extends Required<Origin> {
  /** The options that change what is measured. */
  readonly options: string;
}

/**
 * Returns the set as an earlier run with this origin measured it. Changed files may have changed again, so they have no such
 * set.
 */
export function keptSet(key: string, origin: SetOrigin): PeerSet | undefined {
  const path = new URL(`${key}.json`, folder);
  if (!existsSync(path) || origin.commit.endsWith("with changes")) return undefined;
  const { set, ...its } = JSON.parse(readFileSync(path, "utf8")) as SetOrigin & { readonly set: PeerSet };
  return JSON.stringify(sorted(its)) === JSON.stringify(sorted(origin)) ? set : undefined;
}

export function keepSet(key: string, origin: SetOrigin, set: PeerSet): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(new URL(`${key}.json`, folder), JSON.stringify({ ...origin, set }));
}

const sorted = ({ commit, machine, node, options }: SetOrigin): SetOrigin => ({ commit, machine, node, options });
