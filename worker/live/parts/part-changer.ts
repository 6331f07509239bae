import { changeFactsIn, fileIdsIn } from "../../parts/change-facts.ts";
import type { ChangeFacts, FileIds } from "../../parts/changing-part.ts";
import { ChangesDiffer, hostFailure } from "../../parts/part-failure.ts";
import {
  MAX_MESSAGES_BYTES,
  MAX_PART_BYTES,
  MESSAGES_TYPE,
  PART_CHANGES_PATH,
  PART_LABELS_PATH,
} from "../../parts/protocol.ts";
import type { Sent } from "../../router/host-request.ts";
import { readBytes } from "../../router/host-response.ts";
import type { AskedHost, Asking, PartClient } from "../../router/part-client.ts";
import type { RoutedGroup } from "../../router/routed-group.ts";

/** The interval in ms at which a request checks whether another one has brought a host its changes. */
const POLL_MS = 5;
/** The number of times that a host is brought changes for one question. Other routers may bring it some at the same time. */
const MOST_TRIES = 4;
const JSON_TYPE = "application/json";

/** Asks for the ids that labels have in the file of each part. */
export type FindInFiles = (labels: readonly string[]) => Promise<readonly FileIds[]>;

/** The changes that a part, or several behind a router, are brought. */
export interface BroughtChanges {
  /** The state that the part has afterwards. */
  readonly state: string;
  /** The state of a host whose state is not known. It says so if it has another. */
  readonly first: string;
  /**
   * Returns the messages that bring the part from a state to this one. They are made one by one. `find` asks the host for the ids
   * that labels have in the file of each part.
   *
   * @throws PartAhead for a later state, and PartFailure for the state of another log
   */
  messagesFrom(state: string, find: FindInFiles): AsyncIterable<Uint8Array<ArrayBuffer>>;
}

/** The facts that are known about the changes of a host. */
interface Known {
  /** The state that it had last. */
  state: string | undefined;
  /** The time since which a request brings it changes. */
  since: number | undefined;
}

/** Changes one part elsewhere, or several behind a router, by all of its hosts. */
export class PartChanger {
  readonly #client: PartClient;
  /** The number of classes of the file of each part. */
  readonly #classes: readonly number[];
  /** By the places of hosts among the replicas, whose objects live for a request only. */
  readonly #known: Known[] = [];

  constructor(client: PartClient, classes: readonly number[]) {
    this.#client = client;
    this.#classes = classes;
  }

  /** Asks for the facts that the changes of each part are checked by. */
  facts(asking: Asking): Promise<readonly ChangeFacts[]> {
    return this.#client.ask({ path: PART_CHANGES_PATH }, asking, async (response) =>
      changeFactsIn(new TextDecoder().decode(await readBytes(response, MAX_PART_BYTES)), this.#classes.length),
    );
  }

  /** Asks for the ids that labels have in the file of each part. */
  fileIds(labels: readonly string[], asking: Asking): Promise<readonly FileIds[]> {
    return this.#client.ask(askedFor(labels), asking, (response) => this.#fileIdsIn(response, labels));
  }

  async #fileIdsIn(response: Response, { length }: readonly string[]): Promise<readonly FileIds[]> {
    return fileIdsIn(new TextDecoder().decode(await readBytes(response, MAX_MESSAGES_BYTES)), length, this.#classes);
  }

  /**
   * Asks a host for an answer with some changes by `send`. If it lacks some, it is brought these, and asked again.
   *
   * @throws PartAhead, or PartFailure for a host that does not get there
   */
  async ask<T>(changes: BroughtChanges, asked: AskedHost, send: () => Promise<T>): Promise<T> {
    const known = this.#knownOf(asked);
    for (let tries = 1; ; tries++) {
      try {
        return await send();
      } catch (error) {
        known.state = stateIn(error, tries);
      }
      await this.#bring(known, changes, asked);
    }
  }

  /** Asks a host for an answer by `send`. If it has other changes than it was asked for, its state is kept for the next changes. */
  async keepState<T>(asked: AskedHost, send: () => Promise<T>): Promise<T> {
    try {
      return await send();
    } catch (error) {
      if (error instanceof ChangesDiffer) this.#knownOf(asked).state = error.state;
      throw error;
    }
  }

  /** Brings all hosts some changes. Rejects if no host has them afterwards. */
  async bring(changes: BroughtChanges, { gate, deadlineMs }: Asking): Promise<void> {
    const { hosts } = this.#client;
    const outcomes = await Promise.allSettled(
      hosts.map((host, place) =>
        gate.through(() => {
          const asked = { host, place, deadlineMs, signal: AbortSignal.timeout(deadlineMs) };
          return this.#bring(this.#knownOf(asked), changes, asked);
        }),
      ),
    );
    const reasons = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
    if (reasons.length > 0 && reasons.length === hosts.length) throw reasons[0];
  }

  /** Brings a host changes, from the state that it had last. Another request that does so is waited for instead. */
  async #bring(known: Known, changes: BroughtChanges, asked: AskedHost): Promise<void> {
    const others = known.since;
    const isLate = (since: number): boolean => Date.now() - since >= asked.deadlineMs;
    if (others !== undefined && !isLate(others)) {
      while (known.since === others && !isLate(others)) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      return;
    }
    const mine = Date.now();
    known.since = mine;
    try {
      for (let tries = 1; known.state !== changes.state; tries++) {
        try {
          // The host itself is asked: others may be missing, and a request for them would wait for this one.
          const find: FindInFiles = (labels) =>
            this.#sendTo(asked, askedFor(labels), (response) => this.#fileIdsIn(response, labels));
          const messages = changes.messagesFrom(known.state ?? changes.first, find);
          for await (const body of messages) {
            const sent = { path: PART_CHANGES_PATH, body, type: MESSAGES_TYPE };
            await this.#sendTo(asked, sent, async (response) => response.body?.cancel());
          }
          known.state = changes.state;
        } catch (error) {
          known.state = stateIn(error, tries);
        }
      }
    } finally {
      if (known.since === mine) known.since = undefined;
    }
  }

  async #sendTo<T>(
    { host, signal, deadlineMs }: AskedHost,
    sent: Sent,
    parse: (response: Response) => Promise<T>,
  ): Promise<T> {
    try {
      return await parse(await this.#client.send(host, sent, { deadlineMs }, signal));
    } catch (error) {
      throw hostFailure(error);
    }
  }

  #knownOf({ place }: AskedHost): Known {
    const known = this.#known[place] ?? { state: undefined, since: undefined };
    this.#known[place] = known;
    return known;
  }
}

const askedFor = (labels: readonly string[]): Sent => ({
  path: PART_LABELS_PATH,
  body: new TextEncoder().encode(JSON.stringify({ labels })) as Uint8Array<ArrayBuffer>,
  type: JSON_TYPE,
});

/** Returns the changer of parts that are elsewhere. */
export const partChangerOf = ({ client, parts }: RoutedGroup): PartChanger =>
  new PartChanger(
    client as PartClient,
    parts.map(({ classes }) => classes),
  );

/** Returns the state that a host says it has instead of the one that it was asked for. Throws any other error, and late ones. */
function stateIn(error: unknown, tries: number): string {
  if (error instanceof ChangesDiffer && error.state !== undefined && tries < MOST_TRIES) return error.state;
  throw error;
}
