import { openedOf } from "../../src/parts/opened-of.ts";
import type { IndexSource, MultiIndex } from "../../src/public.ts";
import type { ChangeLog } from "../../src/publication/change-log.ts";
import type { ServedIndex } from "../host/served-index.ts";
import type { Load } from "../publication/open-publication.ts";
import { Follower, type Tails } from "./follower.ts";
import { peeked } from "./room-for-changes.ts";

/** The share of the room for changes that is kept for writers who do not know of each other, and the least rows of it. */
const SPARE = 1 / 4;
const LEAST_SPARE = 1_000;

/** The room of a loaded index. */
interface Followed {
  readonly follower: Follower;
  /** The most rows that writers may fill. The index has room for more (SPARE). */
  readonly maxDelta: number;
}

/** The indexes of this isolate that follow the log. */
export class Followers {
  readonly tails: Tails = { done: 0, failed: 0 };
  readonly #followed = new WeakMap<ServedIndex, Followed>();
  readonly #load: Load;
  readonly #log: () => ChangeLog;
  readonly #maxDelta: () => number | undefined;

  constructor(load: Load, log: () => ChangeLog, maxDelta: () => number | undefined) {
    this.#load = load;
    this.#log = log;
    this.#maxDelta = maxDelta;
  }

  /** Loads an index and brings it to the end of the log, before it answers anybody. */
  readonly load: Load<IndexSource> = async (given, options, publication) => {
    const { source, maxDelta: byDefault } = await peeked(given);
    const maxDelta = this.#maxDelta() ?? byDefault;
    const room = maxDelta + Math.max(LEAST_SPARE, Math.ceil(SPARE * maxDelta));
    const index = (await this.#load(source, { ...options, maxDelta: room }, publication)) as MultiIndex;
    try {
      const follower = new Follower(index, publication?.sequence ?? 0, this.#log, this.tails);
      await follower.catchUp();
      const opened = openedOf(index);
      const served: ServedIndex = Object.assign(index, {
        isRemoved: (id: number) => opened.delta?.removedIds.has(id) ?? false,
      });
      this.#followed.set(served, { follower, maxDelta });
      return served;
    } catch (error) {
      index.dispose();
      throw error;
    }
  };

  /** Returns what `load` has made of an index. */
  of(index: ServedIndex): Followed {
    return this.#followed.get(index) as Followed;
  }
}
