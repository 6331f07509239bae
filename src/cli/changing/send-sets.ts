import { setTimeout as sleep } from "node:timers/promises";
import { type Client, createClient, MidxError } from "../../../worker/client.ts";
import { sha256 } from "../../bytes/sha256.ts";
import type { ChangesFile } from "../files/changes-files.ts";
import { naming } from "../files/input-file.ts";
import { passing, TryAgain } from "../remote/tries.ts";
import { afterLast } from "./after-last.ts";
import { type SetToSend, setsToSend } from "./sets-to-send.ts";

/** The service that gets the changes, and the way to tell the user why it is waited for. */
export interface Receiver {
  /** Its address, or another name for messages. */
  readonly name: string;
  readonly client: Client;
  readonly signal: AbortSignal;
  readonly onNote: (note: string) => void;
}

/** Returns a client of the service at an address. A call whose connection fails may be tried again. */
export const clientAt = (url: string, token: string, signal: AbortSignal): Client =>
  createClient(url, {
    token,
    fetch: afterLast(async (request) => {
      const response = await passing(fetch(request, { redirect: "manual", signal }));
      return new Response(await passing(response.text()), response); // its body may be cut, too
    }),
  });

/** The changes that a service has. */
export interface SentChanges {
  readonly sets: number;
  readonly upserts: number;
  readonly removals: number;
  /** The id of the last set. Undefined if the files have no changes. */
  readonly mutationId: string | undefined;
}

/** The most seconds that a set may wait for a service that is busy or cannot be reached. */
const MOST_SECONDS = 120;
/** Seconds before the second try of a set, if the service does not say how many. Each further wait is twice as long. */
const FIRST_SECONDS = 1;

/**
 * Sends files of changes to a service, set by set in their order. Each set has a key from the content of its file and its place
 * there, so that a set which the service has already is not applied again.
 *
 * A set that the service can never take is divided, and its first class is sent with the key of the set. A later run may find a
 * service that takes the whole set: the key then belongs to other changes, which tells that it was divided.
 *
 * @throws Error that says which set was refused, and what to do; the reason of an aborted signal
 */
export async function sendSets(files: readonly ChangesFile[], receiver: Receiver): Promise<SentChanges> {
  const { client } = receiver;
  // All files are read before anything is sent, because a set may be refused here.
  const named: { readonly path: string; readonly digest: string; readonly set: SetToSend }[] = [];
  for (const { path, bytes } of files) {
    const digest = await sha256(bytes);
    const sets = await naming(path, async () => setsToSend(bytes));
    named.push(...sets.map((set) => ({ path, digest, set })));
  }
  let mutationId: string | undefined;
  const count = { sets: 0, upserts: 0, removals: 0 };
  for (const [i, { path, digest, set }] of named.entries()) {
    await sendSet(set, `${path}: set ${i + 1} of ${named.length}`, digest);
  }
  return { ...count, mutationId };

  async function sendSet(set: SetToSend, name: string, digest: string): Promise<void> {
    const key = `${digest}-${set.kind}-${set.from}-${set.to}`;
    try {
      await sendWhole(set, name, key);
    } catch (error) {
      if (!(error instanceof SetRefused && set.labels.length > 1 && isDivided(error.reason))) throw error;
      const { first, others } = set.divided();
      await sendWhole(first, name, key);
      for (const other of others) await sendSet(other, name, digest);
    }
  }

  async function sendWhole(set: SetToSend, name: string, key: string): Promise<void> {
    const { kind, from, to, labels } = set;
    const place = `${name}, ${kind} ${from + 1} to ${to}`;
    try {
      ({ mutationId } = await inTime(() => send(client, set, key), place, receiver));
    } catch (error) {
      if (!(error instanceof MidxError)) throw error;
      const sent = mutationId === undefined ? "" : `; the sets before it are in the log, up to mutation ${mutationId}`;
      throw new SetRefused(`${place}: ${error.message}${remedyFor(error)}${sent}`, error);
    }
    count.sets++;
    count[kind] += labels.length;
  }
}

/** The error for a set that a service has refused. */
class SetRefused extends Error {
  readonly reason: MidxError;

  constructor(message: string, reason: MidxError) {
    super(message);
    this.reason = reason;
  }
}

const send = (client: Client, set: SetToSend, idempotencyKey: string) =>
  set.kind === "upserts"
    ? client.upsert(set.fields(), { idempotencyKey })
    : client.delete(set.labels, { idempotencyKey });

/**
 * Tells a set that has more rows than a service has room for, or more bytes than it or a proxy before it accepts, and one that was
 * divided for such a reason before.
 */
const isDivided = ({ status, code }: MidxError): boolean =>
  status === 413 || code === "too_many_rows" || code === "idempotency_conflict";

/** Sends a set again as long as the service is busy or cannot be reached. Its key makes that safe. */
async function inTime<T>(action: () => Promise<T>, place: string, { name, signal, onNote }: Receiver): Promise<T> {
  let waited = 0;
  for (let usual = FIRST_SECONDS; ; usual *= 2) {
    let reason: string;
    let seconds = usual;
    try {
      return await action();
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof TryAgain) reason = error.message;
      else if (error instanceof MidxError && isBusy(error)) {
        reason = error.message;
        seconds = Math.max(error.retryAfter ?? 0, usual);
      } else throw error;
    }
    if (waited + seconds > MOST_SECONDS) {
      throw new Error(
        `${place}: ${name}: no answer for ${waited} seconds: ${reason}: run the command again, which goes on here`,
      );
    }
    onNote(`${place}: ${reason}: sent again in ${seconds} s`);
    await sleep(1000 * seconds, undefined, { signal });
    waited += seconds;
  }
}

/** Tells a service that may take a set later from one that first needs something else. */
const isBusy = ({ status, code }: MidxError): boolean =>
  status === 429 || code === "mutation_unseen" || (status === 503 && code !== "log_unfit");

/** Returns the end of the message for a set that was refused, if the message of the service does not say what to do. */
function remedyFor({ status, code }: MidxError): string {
  if (code === "delta_full") return "; then run the command again, which goes on here";
  if (status === 401) return ": set MIDX_TOKEN to a token that may write";
  const isOther = code === "not_found" || code === "method_not_allowed" || code === "immutable";
  return isOther ? ": this service takes no changes: start it with midx serve --log, or export midx/live" : "";
}
