import type { PartFacts } from "../../src/changes/part-changes.ts";

/** The facts about a part that its changes are checked by. */
export interface ChangeFacts extends PartFacts {
  /** The most rows that writers may fill. */
  readonly maxDelta: number;
  /** The rows of changes that there is memory for. */
  readonly room: number;
}

/** A part in memory that takes changes from its router. */
export interface ChangingPart {
  /** The changes that it has. */
  readonly state: string;
  /** The changes that its file has. */
  readonly first: string;
  readonly facts: ChangeFacts;
  /** Returns the ids that labels have in the file; null for one that it lacks. */
  fileIds(labels: readonly string[]): (number | null)[];
  /**
   * Applies a message of changes.
   *
   * @throws PartProblem `changes_differ` for changes that do not follow those that the part has
   */
  take(message: Uint8Array): void;
}
