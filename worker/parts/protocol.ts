// The protocol between a router and the hosts of parts. docs/parts-protocol.md describes it.

/** POST: questions to a part, as messages end to end, and their partial answers. */
export const PARTIAL_PATH = "/v1/partial";
/** GET: facts about a part. */
export const PART_PATH = "/v1/part";
/** GET: the encoder of the parts without the vectors of its items, or no bytes if they have none. */
export const PART_ENCODER_PATH = "/v1/part/encoder";
/** GET: facts about the file of a part that changes are checked by. POST: changes of its classes. */
export const PART_CHANGES_PATH = "/v1/part/changes";
/** POST: the ids that labels have in the file of a part, null for those that it lacks. */
export const PART_LABELS_PATH = "/v1/part/labels";
/** The generation of the manifest that the classes are from. */
export const GENERATION_HEADER = "x-midx-generation";
/** The numbers of the parts that are asked, ascending and with commas. */
export const PARTS_HEADER = "x-midx-parts";
/** Milliseconds after which the router no longer waits. */
export const DEADLINE_HEADER = "x-midx-deadline-ms";
/**
 * The changes that the classes have: the number of the last one, and a digest of all up to it. In a request those that an answer
 * must have, in a response those that the part has.
 */
export const CHANGES_HEADER = "x-midx-changes";
/**
 * In a response to questions: the popularity band of the best class of each answer, a digit for each (src/format/statistics-values.ts);
 * 0 for a class without a band, and for an answer without best classes.
 */
export const BANDS_HEADER = "x-midx-bands";
/** The end of the message about a host that takes no changes, with its remedy. */
export const TAKES_NONE = "takes no changes: start it with --max-delta or --pass-changes (takeChanges, passChanges)";
/** "allow" in a request to a router below: the answer may be of some of the parts. */
export const PARTIAL_HEADER = "x-midx-partial";
export const MESSAGES_TYPE = "application/x-midx-messages";

/** The largest body of questions or of answers: 16 MiB. */
export const MAX_MESSAGES_BYTES = 16_777_216;
/** The largest body of changes: 64 MiB and a set, as a log holds them. */
export const MAX_PART_CHANGES_BYTES = 68_157_440;
/** The largest description of a part. */
export const MAX_PART_BYTES = 65_536;
/** The largest encoder of parts: 16 MiB. */
export const MAX_ENCODER_BYTES = 16_777_216;
/** The longest time for which a part lets a question wait, in milliseconds. */
export const MAX_DEADLINE_MS = 60_000;
