import type { LoadOptions } from "../../src/public.ts";
import type { ChangeLog } from "../../src/publication/change-log.ts";
import { labelsBehind } from "../../src/publication/labels-behind.ts";
import type { FullestOf } from "../host/drift-watch.ts";
import type { ServedIndex } from "../host/served-index.ts";
import type { Load } from "../publication/open-publication.ts";
import type { Publication } from "../publication/publication.ts";
import { type Changing, fullestOf, type OpenChanging, roomFor } from "./changing.ts";
import { Follower, type Tails } from "./follower.ts";

/** A loaded index with the follower that keeps it at the end of the log. */
interface Followed extends Changing {
  readonly follower: Follower;
}

/** The indexes that follow a log, whatever they were loaded from. */
export interface FollowedIndexes {
  readonly tails: Tails;
  /** Returns a loaded index with its follower. */
  of(index: ServedIndex): Followed;
}

/** The indexes of this isolate that follow the log. */
export class Followers<Source> implements FollowedIndexes {
  readonly tails: Tails = { done: 0, failed: 0, reached: 0 };
  readonly #followed = new WeakMap<ServedIndex, Followed>();
  readonly #open: OpenChanging<Source>;
  readonly #log: () => ChangeLog;
  readonly #maxDelta: () => number | undefined;

  constructor(open: OpenChanging<Source>, log: () => ChangeLog, maxDelta: () => number | undefined) {
    this.#open = open;
    this.#log = log;
    this.#maxDelta = maxDelta;
  }

  /**
   * Loads an index and brings it to the end of the log, before it answers anybody. If the log needs more room than writers may
   * fill, because an earlier version takes the place of a later one, the index is loaded again with as much.
   *
   * @throws RangeError if there is no memory for that
   */
  readonly load: Load<Source> = async (source, options, publication) => {
    for (let [from, least] = [source, 0]; ; ) {
      const changing = await this.#opened(from, options, publication, least);
      const sequence = publication?.sequence ?? changing.sequence;
      try {
        const follower = new Follower(changing, sequence, this.#log, this.tails);
        await follower.catchUp();
        this.#followed.set(changing.index, { ...changing, follower });
        return changing.index;
      } catch (error) {
        changing.index.dispose();
        const { room } = changing;
        if ((error as { readonly code?: unknown }).code !== "delta_full" || !publication || room === undefined)
          throw error;
        least = roomFor(await labelsBehind(this.#log(), sequence));
        if (least <= room) throw error;
        from = await publication.open();
      }
    }
  };

  /** Returns the room for changes of an index. */
  readonly fullestOf: FullestOf = (index) => fullestOf(this.of(index as ServedIndex));

  async #opened(
    source: Source,
    options: LoadOptions,
    publication: Publication<Source> | undefined,
    least: number,
  ): Promise<Changing> {
    try {
      return await this.#open(source, options, publication, this.#maxDelta(), least);
    } catch (error) {
      if (least > 0 && error instanceof Error && error.name === "RangeError") {
        error.message = `the changes of the log need room for ${least} rows: ${error.message}`;
      }
      throw error;
    }
  }

  of(index: ServedIndex): Followed {
    return this.#followed.get(index) as Followed;
  }
}
