import { execFileSync } from "node:child_process";
import { cpus } from "node:os";

/** Where figures come from. Results that are older than the field have no commit. */
export interface Origin {
  readonly machine: string;
  readonly node: string;
  readonly commit?: string;
}

/** Returns the origin of what this process measures. `use` says what it has of the machine, such as "one core". */
export const originOf = (use: string): Required<Origin> => ({
  machine: `${cpus()[0]?.model ?? "?"}, ${use}`,
  node: process.version,
  commit: commit(),
});

/** Returns the commit that is checked out, and a mark if files that are measured differ from it. */
function commit(): string {
  const git = (...given: string[]): string => execFileSync("git", given, { encoding: "utf8" }).trim();
  const changed = git("status", "--porcelain", "--", "src", "assembly", "bench", ":!bench/results");
  return git("rev-parse", "HEAD") + (changed === "" ? "" : " with changes");
}

/** Returns how pages name an origin. */
export const placeOf = ({ machine, node, commit: hash }: Origin): string =>
  `${machine}, Node ${node}${hash === undefined ? "" : `, midx at commit ${hash.replace(/^(.{8})\w*/, "$1")}`}`;
