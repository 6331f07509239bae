import { faiss } from "./faiss.ts";
import { hnswlibNode } from "./hnswlib-node.ts";
import { hnswlibWasm } from "./hnswlib-wasm.ts";
import { jsLoop } from "./js-loop.ts";
import { nativePeers } from "./native.ts";
import type { Peer } from "./peer.ts";
import { usearch } from "./usearch.ts";

const PACKAGES: Readonly<Record<string, () => Promise<Peer[]>>> = {
  "hnswlib-wasm": hnswlibWasm,
  "hnswlib-node": hnswlibNode,
  usearch,
  "faiss-node": faiss,
};

/** Returns the peers that are installed. Prints a line for each of the others. */
export async function installedPeers(): Promise<Peer[]> {
  const peers = [jsLoop, ...nativePeers()];
  for (const [name, load] of Object.entries(PACKAGES)) {
    try {
      peers.push(...(await load()));
    } catch (error) {
      console.log(`${name} is not installed: ${(error as Error).message.split("\n")[0]}`);
    }
  }
  return peers;
}
