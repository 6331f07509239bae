import type { PeerMeasured } from "../peers-result.ts";
import { median } from "../timing.ts";
import type { Contender, Opened } from "./contender.ts";
import type { Peer } from "./peer.ts";

/** A contender whose index is built, with its answers so far. */
export class Running {
  readonly contender: Contender;
  readonly #peer: Peer;
  readonly #built: Opened & { readonly buildSeconds: number };
  /** The answers by k and effort. */
  readonly #seen = new Map<string, { hits: number; micros: number[] }>();

  constructor(peer: Peer, contender: Contender, built: Opened & { readonly buildSeconds: number }) {
    this.#peer = peer;
    this.contender = contender;
    this.#built = built;
  }

  /**
   * Asks with every effort, and with all k of an effort in a row, because a change of effort may load the index again.
   */
  async ask(from: number, to: number): Promise<void> {
    const all = this.#built.efforts.flatMap(({ efforts }) => efforts.map(({ effort }) => effort));
    for (const effort of new Set(all)) {
      for (const { k, efforts } of this.#built.efforts) {
        if (!efforts.some((own) => own.effort === effort)) continue;
        const { hits, micros } = await this.contender.search({ k, effort, from, to });
        const seen = this.#seenOf(k, effort);
        seen.hits += hits;
        seen.micros.push(...micros);
      }
    }
  }

  #seenOf(k: number, effort: number): { hits: number; micros: number[] } {
    const key = `${k} ${effort}`;
    const seen = this.#seen.get(key) ?? { hits: 0, micros: [] };
    this.#seen.set(key, seen);
    return seen;
  }

  result(queries: number): PeerMeasured {
    const { name, version, runtime } = this.#peer;
    const { buildSeconds, loadSeconds, bytes, memoryBytes, efforts } = this.#built;
    return {
      name,
      version,
      runtime,
      buildSeconds: Number(buildSeconds.toFixed(2)),
      loadSeconds: loadSeconds === undefined ? undefined : Number(loadSeconds.toFixed(4)),
      bytes,
      memoryBytes,
      curves: efforts.map(({ k, efforts: own }) => ({
        k,
        points: own.map(({ effort, label }) => {
          const { hits, micros } = this.#seenOf(k, effort);
          return {
            label,
            recall: Number((hits / (queries * k)).toFixed(4)),
            micros: Number(median(micros).toFixed(1)),
          };
        }),
      })),
    };
  }
}
