import type { ChangeLog } from "../../src/publication/change-log.ts";
import type { FullestOf } from "../host/drift-watch.ts";
import type { ServedIndex } from "../host/served-index.ts";
import type { Load } from "../publication/open-publication.ts";
import { type Changing, fullestOf, type OpenChanging } from "./changing.ts";
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

  /** Loads an index and brings it to the end of the log, before it answers anybody. */
  readonly load: Load<Source> = async (source, options, publication) => {
    const changing = await this.#open(source, options, publication, this.#maxDelta());
    try {
      const sequence = publication?.sequence ?? changing.sequence;
      const follower = new Follower(changing, sequence, this.#log, this.tails);
      await follower.catchUp();
      this.#followed.set(changing.index, { ...changing, follower });
      return changing.index;
    } catch (error) {
      changing.index.dispose();
      throw error;
    }
  };

  /** Returns the room for changes of an index. */
  readonly fullestOf: FullestOf = (index) => fullestOf(this.of(index as ServedIndex));

  of(index: ServedIndex): Followed {
    return this.#followed.get(index) as Followed;
  }
}
