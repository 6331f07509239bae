import { median } from "../timing.ts";
import type { Contender, Opened } from "./contender.ts";
import type { Peer } from "./peer.ts";
import { type PeerMeasured, type PeerPoint, recallOf } from "./result.ts";

/** A setting that takes this many times as long as one that finds at least as many is not asked again. */
const HOPELESS = 1.5;

interface Seen {
  readonly kind: string;
  readonly k: number;
  readonly effort: number;
  readonly label: string;
  asked: number;
  hits: number;
  readonly micros: number[];
}

/** A contender whose index is built, with its answers so far. */
export class Running {
  readonly contender: Contender;
  readonly #peer: Peer;
  readonly #built: Opened & { readonly buildSeconds: number };
  /** The settings that are still asked, for each kind of queries. */
  #seen: Seen[];

  constructor(
    peer: Peer,
    contender: Contender,
    built: Opened & { readonly buildSeconds: number },
    kinds: readonly string[],
  ) {
    this.#peer = peer;
    this.contender = contender;
    this.#built = built;
    this.#seen = kinds.flatMap((kind) =>
      built.efforts.flatMap(({ k, efforts }) =>
        efforts.map((own) => ({ kind, k, ...own, asked: 0, hits: 0, micros: [] })),
      ),
    );
  }

  /**
   * Asks with every effort, and with all k and kinds of an effort in a row, because a change of effort may load the
   * index again.
   */
  async ask(from: number, to: number): Promise<void> {
    for (const seen of this.#seen.toSorted((a, b) => a.effort - b.effort)) {
      const { kind, k, effort } = seen;
      const { hits, micros } = await this.contender.search({ kind, k, effort, from, to });
      seen.asked += to - from;
      seen.hits += hits;
      seen.micros.push(...micros);
    }
  }

  /** Drops the settings that others clearly beat. Calls that name only a recall stay: tables show them all. */
  dropHopeless(): void {
    const points = this.#seen.map((seen) => ({ seen, ...pointOf(seen) }));
    this.#seen = points
      .filter(({ seen, label, recall, micros }) => {
        const isBeaten = points.some(
          (other) =>
            other.seen.kind === seen.kind &&
            other.seen.k === seen.k &&
            other.recall >= recall &&
            other.micros * HOPELESS < micros,
        );
        return !isBeaten || recallOf(label) !== undefined;
      })
      .map(({ seen }) => seen);
  }

  result(): PeerMeasured {
    const { name, version, runtime } = this.#peer;
    const { buildSeconds, loadSeconds, bytes, memoryBytes } = this.#built;
    const curves = Map.groupBy(this.#seen, ({ kind, k }) => `${kind} ${k}`);
    return {
      name,
      version,
      runtime,
      buildSeconds: Number(buildSeconds.toFixed(2)),
      loadSeconds: loadSeconds === undefined ? undefined : Number(loadSeconds.toFixed(4)),
      bytes,
      memoryBytes,
      curves: Array.from(curves.values(), (seen) => {
        const { kind, k } = seen[0] as Seen;
        return { kind, k, points: seen.map(pointOf) };
      }),
    };
  }
}

function pointOf({ label, k, asked, hits, micros }: Seen): PeerPoint {
  return {
    label,
    recall: Number((hits / (asked * k)).toFixed(4)),
    micros: Number(median(micros).toFixed(1)),
  };
}
