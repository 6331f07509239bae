import type { Largest } from "./bounds.ts";
import type { CheckedChanges } from "./change-set.ts";
import type { ChangeTarget } from "./copied-change-set.ts";
import type { StoredChanges } from "./stored-changes.ts";

/** The facts about the file of an index, or about those of several parts, that files of changes are written by. */
export interface FileFacts {
  /** The sequence number of the files, before all changes: 0, unless an index was compacted. */
  readonly first: number;
  /** The content id that files of changes name. */
  readonly contentId: string;
  /** The properties of the index that change sets are checked against. */
  readonly target: ChangeTarget;
}

/** Classes that changes can be applied to: those of an index, or of several parts. */
export interface Changeable extends FileFacts {
  /** The sequence number of the last changes. */
  readonly sequence: number;
  /**
   * Applies changes: all of them, or none if it throws. `largest` is what rows and biases are compared with. Default: the largest
   * of the files.
   */
  apply(changes: StoredChanges, largest?: Largest): { readonly upserted: number; readonly removed: number };
  /**
   * Checks changes, and applies nothing. Returns the effect that they would have on the classes. `most` is the most rows and
   * new labels, of each part, if that is less than there is memory for.
   */
  check(changes: StoredChanges, most?: number): CheckedChanges;
  /** All changes that were applied. */
  all(): Pick<StoredChanges, "labels" | "stored" | "values">;
}
