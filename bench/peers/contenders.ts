import { midx } from "./midx.ts";
import type { Peer } from "./peer.ts";
import { installedPeers } from "./peers.ts";
import { plainScans } from "./plain-scan.ts";

/** Returns all contenders, in the order of the tables. */
export async function contenders(): Promise<Peer[]> {
  return [...midx, ...plainScans, ...(await installedPeers())];
}
