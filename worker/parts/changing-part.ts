import type { PartFacts } from "../../src/changes/part-changes.ts";

/** The facts about a part that its changes are checked by. */
export interface ChangeFacts extends PartFacts {
  /** The most rows that writers may fill. */
  readonly maxDelta: number;
  /** The rows of changes that there is memory for. */
  readonly room: number;
}

/** The ids of labels in the file of a part; null for those that it lacks. */
export interface FileIds {
  readonly ids: readonly (number | null)[];
}

/** A part in memory, or several behind a router, that take changes from the router above. */
export interface ChangingPart {
  /** The last changes that it has. */
  readonly state: string;
  /** The changes that its file has. */
  readonly first: string;
  /** Tells whether it can answer with these changes. */
  has(state: string): boolean;
  /** Returns the facts about each part. */
  facts(): readonly ChangeFacts[] | Promise<readonly ChangeFacts[]>;
  /** Looks for labels in the file of each part. */
  fileIds(labels: readonly string[]): readonly FileIds[] | Promise<readonly FileIds[]>;
  /**
   * Applies a message of changes.
   *
   * @throws PartProblem `changes_differ` for changes that do not follow those that the part has
   */
  take(message: Uint8Array): void | Promise<void>;
}

/** Changes are in a memory that is gone once another generation has taken its place. */
export const whileKept = (changes: ChangingPart, requireKept: () => void): ChangingPart => ({
  get state() {
    return changes.state;
  },
  first: changes.first,
  has: (state) => changes.has(state),
  facts() {
    requireKept();
    return changes.facts();
  },
  fileIds(labels) {
    requireKept();
    return changes.fileIds(labels);
  },
  take(message) {
    requireKept();
    return changes.take(message);
  },
});
