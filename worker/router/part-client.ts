import { decodeAnswer, encodeQuestion, type PartialAnswer, type Question } from "../../src/parts/index.ts";
import { MESSAGE_VERSION } from "../../src/parts/message.ts";
import { inBodies, joinMessages, splitMessages } from "../parts/frames.ts";
import { ChangesDiffer, hostFailure, PartFailure, PartsMissing } from "../parts/part-failure.ts";
import type { PartDescription } from "../parts/partial-route.ts";
import {
  BANDS_HEADER,
  CHANGES_HEADER,
  MAX_ENCODER_BYTES,
  MAX_MESSAGES_BYTES,
  MAX_PART_BYTES,
  MESSAGES_TYPE,
  PART_ENCODER_PATH,
  PART_PATH,
  PARTIAL_PATH,
} from "../parts/protocol.ts";
import { checkAnswer } from "./check-answer.ts";
import { descriptionIn } from "./description.ts";
import type { Gate } from "./gate.ts";
import { giveUpWhereOthersWait } from "./give-up.ts";
import { ENDED, hedged } from "./hedged.ts";
import { requestTo, type Sent } from "./host-request.ts";
import { failureBy, failureOf, readBytes } from "./host-response.ts";
import { ObjectHost } from "./object-host.ts";
import type { PartHost, RoutedParts } from "./part-hosts.ts";
import type { PartMetrics } from "./part-metrics.ts";
import { SeenBands } from "./seen-bands.ts";

/** The time limits with which a router asks. */
export interface Asking {
  /** Milliseconds that a part may take. */
  readonly deadlineMs: number;
  /** The least milliseconds before another replica is asked as well. */
  readonly hedgeMs: number;
  readonly gate: Gate;
  /** The changes that answers must have. Undefined for a router that follows no log. */
  readonly changes?: AskedChanges | undefined;
  /** True if some of the parts may be missing from an answer. */
  readonly isPartial?: boolean;
}

/** One host that is asked. */
export interface AskedHost {
  readonly host: PartHost;
  /** Its place among the replicas. */
  readonly place: number;
  readonly signal: AbortSignal;
  readonly deadlineMs: number;
}

/** The changes with which a request asks parts. They stay as they are as long as the request takes. */
export interface AskedChanges {
  /** The state that every part must have. */
  readonly state: string;
  /** For each part, or group of parts, the ids of the classes that changes have added to it, ascending. */
  readonly added: readonly (readonly number[])[];
  /** Asks a host for an answer with these changes by `send`, after it was brought those that it lacks. */
  ask<T>(client: PartClient, asked: AskedHost, send: () => Promise<T>): Promise<T>;
}

/** A host of an earlier version does not know that its part lacks changes. */
const withoutChanges = (): ChangesDiffer =>
  new ChangesDiffer("it answers without the changes that it was asked for", undefined);

const isObject = (host: PartHost): boolean => host instanceof ObjectHost;

/** Asks the hosts of some parts. */
export class PartClient {
  readonly parts: RoutedParts;
  readonly seenBands = new SeenBands();
  readonly #hosts: () => readonly PartHost[];
  readonly #metrics: PartMetrics;
  /** True once the parts have said that their objects take calls of this version. */
  #takesCalls = false;

  constructor(parts: RoutedParts, hosts: () => readonly PartHost[], metrics: PartMetrics) {
    this.parts = parts;
    this.#hosts = hosts;
    this.#metrics = metrics;
  }

  /** The hosts, any of which may answer. A binding that wrangler.toml lacks is none. */
  get hosts(): readonly PartHost[] {
    return this.#hosts().filter((host) => host);
  }

  /** Asks for facts about the parts. */
  async describe(asking: Asking): Promise<PartDescription> {
    const description = await this.ask({ path: PART_PATH }, asking, async (response) => {
      const bytes = await readBytes(response, MAX_PART_BYTES);
      return descriptionIn(new TextDecoder().decode(bytes), this.parts);
    });
    this.#takesCalls = description.calls === MESSAGE_VERSION;
    return description;
  }

  /** Asks for the encoder of the parts. Undefined if they have none. */
  encoder(asking: Asking): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.ask({ path: PART_ENCODER_PATH }, asking, async (response) => {
      if (response.status === 404) {
        await response.body?.cancel();
        return undefined;
      }
      const bytes = await readBytes(response, MAX_ENCODER_BYTES);
      return bytes.byteLength > 0 ? bytes : undefined;
    });
  }

  /** Asks questions: all together, unless a bitmap that each of them carries makes them too long for one body. */
  async answer(questions: readonly Question[], asking: Asking): Promise<readonly PartialAnswer[]> {
    if (this.#takesCalls && this.hosts.every(isObject)) return this.#call(questions, asking);
    const answers: PartialAnswer[] = [];
    for (const messages of inBodies(questions.map(encodeQuestion), MAX_MESSAGES_BYTES)) {
      const own = questions.slice(answers.length, answers.length + messages.length);
      answers.push(...(await this.#answerTogether(own, joinMessages(messages), asking)));
    }
    return answers;
  }

  /**
   * Asks questions, and checks that the answers come from these parts and this generation. If some parts may be missing, and no
   * router below has all of its own, it is asked again for what it has.
   */
  async #answerTogether(
    questions: readonly Question[],
    body: Uint8Array<ArrayBuffer>,
    asking: Asking,
  ): Promise<readonly PartialAnswer[]> {
    const ask = (isPartial: boolean): Promise<readonly PartialAnswer[]> =>
      this.ask({ path: PARTIAL_PATH, body, type: MESSAGES_TYPE, isPartial }, asking, async (response) => {
        const messages = splitMessages(await readBytes(response, MAX_MESSAGES_BYTES), questions.length);
        return this.#checked(messages.map(decodeAnswer), response.headers.get(BANDS_HEADER), questions, isPartial);
      });
    try {
      return await ask(false);
    } catch (error) {
      const hasOthers = error instanceof PartsMissing && this.parts.numbers.length > 1;
      if (!hasOthers || !asking.isPartial || asking.changes) throw error;
    }
    return ask(true);
  }

  /** Asks questions by a call of an object. Nothing has to be read, but the answers are checked as those of any host. */
  #call(questions: readonly Question[], asking: Asking): Promise<readonly PartialAnswer[]> {
    const { deadlineMs } = asking;
    const changes = asking.changes?.state;
    return this.#askHosts(PARTIAL_PATH, asking, async (host, signal) => {
      const given = await (host as ObjectHost).call(this.parts, questions, { deadlineMs, signal, changes });
      if ("problem" in given) throw failureBy(given.problem);
      if (changes !== undefined && given.changes !== changes) throw withoutChanges();
      return this.#checked(given.answers, given.bands, questions, false);
    });
  }

  #checked(
    answers: readonly PartialAnswer[],
    bands: string | null,
    questions: readonly Question[],
    isPartial: boolean,
  ): readonly PartialAnswer[] {
    if (answers.length !== questions.length) throw new PartFailure(`it has ${answers.length} of its answers`);
    for (const [i, answer] of answers.entries()) {
      checkAnswer(this.parts, answer, questions[i] as Question, isPartial);
    }
    this.seenBands.note(answers, bands);
    return answers;
  }

  /** Asks the hosts, as replicas of each other, and reads the answer of one of them. */
  ask<T>(sent: Sent, asking: Asking, parse: (response: Response) => Promise<T>): Promise<T> {
    return this.#askHosts(sent.path, asking, async (host, signal) =>
      parse(await this.send(host, sent, asking, signal)),
    );
  }

  /** Asks the hosts, as replicas of each other, by `ask`. */
  #askHosts<T>(path: string, asking: Asking, ask: (host: PartHost, signal: AbortSignal) => Promise<T>): Promise<T> {
    const { deadlineMs, hedgeMs, gate } = asking;
    const changes = path === PARTIAL_PATH ? asking.changes : undefined;
    const metrics = this.#metrics;
    const { hosts } = this;
    // At most, each replica has an equal share of the time, so that a silent one leaves some for the next.
    const shareMs = deadlineMs / Math.max(hosts.length, 1);
    const percentile = metrics.latencies.percentile ?? shareMs;
    const hedging = {
      deadlineMs,
      hedgeMs: Math.max(percentile, Math.min(hedgeMs, shareMs)),
      hasRoom: () => gate.isFree,
      onHedge: () => metrics.hedges++,
      onLate: () => metrics.failures++,
    };
    return hedged(hosts, hedging, (host, attempt) =>
      gate.through(async () => {
        const { signal } = attempt;
        if (signal.aborted) throw new PartFailure("another replica has answered");
        const stop = giveUpWhereOthersWait(attempt, hosts.length, asking);
        const begin = Date.now();
        metrics.requests++;
        try {
          const send = (): Promise<T> => ask(host, signal);
          const parsed = await (changes
            ? changes.ask(this, { host, place: hosts.indexOf(host), signal, deadlineMs }, send)
            : send());
          metrics.failure = undefined;
          if (path === PARTIAL_PATH) metrics.answered(Date.now() - begin); // a description waits until its part is loaded
          return parsed;
        } catch (error) {
          const failure = signal.aborted ? (signal.reason as PartFailure) : hostFailure(error);
          if (failure instanceof PartFailure && failure !== ENDED) {
            metrics.failures++;
            metrics.failure = failure.message;
          }
          throw failure;
        } finally {
          stop();
        }
      }),
    );
  }

  /** Sends a request to one host. Rejects for any answer but its own. */
  async send(
    host: PartHost,
    sent: Sent,
    { deadlineMs, changes }: Pick<Asking, "deadlineMs" | "changes">,
    signal: AbortSignal,
  ): Promise<Response> {
    const { path } = sent;
    const wanted = path === PARTIAL_PATH ? changes?.state : undefined;
    const response = await host.fetch(requestTo(host, sent, this.parts, { deadlineMs, wanted, signal }));
    // The page of a proxy, or of another service, would be read as messages that lie about their lengths.
    const kind = response.headers.get("content-type") ?? "";
    if (response.status === 200 && kind.startsWith("text/")) {
      await response.body?.cancel();
      throw new PartFailure(`it answered 200 with ${kind}: check that a host is at its address`);
    }
    if (response.status === 200 && wanted !== undefined && response.headers.get(CHANGES_HEADER) !== wanted) {
      await response.body?.cancel();
      throw withoutChanges();
    }
    // A host of an earlier version has no route for the encoder, and none of its parts has one.
    if (response.status === 200 || (response.status === 404 && path === PART_ENCODER_PATH)) return response;
    throw await failureOf(response, path);
  }
}
