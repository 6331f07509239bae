import { bytesWithChanges, type Room } from "../../../worker/live/bytes-with-changes.ts";
import { FormatError } from "../../bytes/format-error.ts";
import { sealManifest } from "../../publication/manifest.ts";
import type { Pointer } from "../../publication/pointer.ts";
import { canaryIn, type WithCanary } from "../../publication/publishing/canary.ts";
import { contractFrom } from "../../publication/publishing/contracts.ts";
import { flipCurrent, isManifest, type Published, readPointer } from "../../publication/publishing/current.ts";
import { placeOf } from "../../publication/publishing/publication-store.ts";
import { publishedFacts } from "../../publication/publishing/published-facts.ts";
import { checkMemory, isBreaking, type Overrides, type Readers } from "../../publication/publishing/successor.ts";
import type { ProgressEvent } from "../output/progress.ts";
import { changesBehind } from "./changes-behind.ts";
import { type Noting, noteOfFewerParts } from "./fewer-parts.ts";
import { type NamedLog, requireKeptChanges } from "./kept-by-log.ts";
import { readFacts } from "./read-facts.ts";
import { OPTIONS_OF_COMMANDS } from "./remedies.ts";
import type { Store } from "./store.ts";
import { checkFiles, readVersion } from "./stored-version.ts";

export interface RollbackOptions extends Overrides, Pick<Readers, "isDeployed">, Noting {
  /** Default: the current version if it has a canary, which ends it, or else the version before it. */
  readonly to?: string;
  /** The log of changes that services follow. Default: the one in segments beside the pointer, if there is one. */
  readonly log?: NamedLog;
  /** The room for changes in Workers. Default: they accept none. */
  readonly room?: Room | undefined;
  /** See PublishOptions. */
  readonly onStep?: (step: ProgressEvent) => void;
}

export interface Rollback {
  /**
   * "current": the version was already current, and nothing was written. "canary-ended": the current version answers all
   * callers again.
   */
  readonly outcome: "rolled-back" | "canary-ended" | "current";
  readonly pointer: Published;
  /** The version that was current, or the canary that was ended. */
  readonly from: string;
  /** The number of labels that the changes behind the version add or replace. Undefined where no log can be read, and by force. */
  readonly changedLabels?: number;
}

/**
 * Makes an earlier version current again, after reading all of its file. Its pointer is restored, so that another rollback
 * returns to the version before that. If a canary is tried, the canary ends instead.
 *
 * @throws RangeError if there is no version `to`; Error if there is no previous version, if a part is missing or damaged, if
 * the version would break clients, does not fit into a Worker, with the changes behind it, too, or needs changes that the log no
 * longer has, or if another publication came first
 */
export async function rollback(store: Store, pointerKey: string, options: RollbackOptions = {}): Promise<Rollback> {
  const { to, onStep = () => {} } = options;
  onStep({ phase: "read", done: 0, total: 1 });
  const before = await readPointer(store, pointerKey);
  if (!before) throw new Error(`${placeOf(store, pointerKey)} is missing: nothing was published`);
  const from = before.pointer.version;
  const current = canaryIn(before);
  if (current && (to ?? from) === from) {
    const { canary, ...pointer }: Published & Pick<WithCanary, "canary"> = current;
    onStep({ phase: "current", done: 0, total: 1 });
    await flipCurrent(store, pointerKey, before, pointer);
    return { outcome: "canary-ended", pointer, from: canary.version };
  }
  const version = to ?? before.pointer.previous;
  if (version === undefined) {
    throw new Error(`${placeOf(store, pointerKey)} is ${from}, which has no previous version`);
  }
  if (version === from) return { outcome: "current", pointer: before.pointer, from };
  const stored = await readVersion(store, pointerKey, version);
  const start = await checkFiles(store, pointerKey, stored, onStep);
  const log = options.isForced
    ? undefined
    : await requireKeptChanges(store, pointerKey, before.pointer, stored, options.log);
  const behind = log && (await changesBehind(store, pointerKey, stored, log));
  for (const note of [noteOfFewerParts(before.pointer, stored), behind?.note]) {
    if (note !== undefined) options.onNote?.(note);
  }
  const pointer = await acceptedAfter(store, pointerKey, before.pointer, { pointer: stored, start }, options);
  onStep({ phase: "current", done: 0, total: 1 });
  await flipCurrent(store, pointerKey, before, pointer);
  return { outcome: "rolled-back", pointer, from, ...(behind && { changedLabels: behind.changedLabels }) };
}

/**
 * Checks that a version may replace the current one, and returns its pointer. Workers switch between two versions that break
 * each other's clients only if their contracts differ, so the pointer gets a new contract if needed.
 */
async function acceptedAfter(
  store: Store,
  pointerKey: string,
  before: Published,
  { pointer, start }: { readonly pointer: Published; readonly start: Uint8Array },
  options: RollbackOptions,
): Promise<Published> {
  const [facts, factsBefore] = [
    await publishedFacts(store, pointerKey, pointer, readFacts),
    await publishedFacts(store, pointerKey, before, readFacts),
  ];
  if (!facts) return pointer;
  const after = { version: pointer.version, facts };
  const known = factsBefore && { version: before.version, facts: factsBefore };
  const memory = isManifest(pointer) ? {} : memoryFor(start, pointer, options.room);
  checkMemory(known, after, options, { ...options, ...memory }, OPTIONS_OF_COMMANDS);
  const breaks = known !== undefined && isBreaking(known, after, options, OPTIONS_OF_COMMANDS);
  if (!breaks || pointer.contract !== before.contract) return pointer;
  const contract = contractFrom(pointer.version, before.contract);
  return isManifest(pointer) ? sealManifest({ ...pointer, contract }) : { ...pointer, facts, contract };
}

/** Returns the memory of a Worker with a version, by the header at the beginning of its file. */
function memoryFor(
  start: Uint8Array,
  { byteLength }: Pointer,
  room: Room | undefined,
): Pick<Readers, "changesBytes" | "leastBytes"> {
  try {
    return bytesWithChanges(start, byteLength, room);
  } catch (error) {
    if (error instanceof FormatError) return {}; // what Workers do with a damaged file is theirs to say
    throw error;
  }
}
