import { readAtMost } from "../../src/internal.ts";
import { decodeAnswer, encodeQuestion, type PartialAnswer, type Question } from "../../src/parts/index.ts";
import { Problem } from "../contract/problem.ts";
import { joinMessages, splitMessages } from "../parts/frames.ts";
import { PartFailure, UnknownGeneration } from "../parts/part-failure.ts";
import type { PartDescription } from "../parts/partial-route.ts";
import {
  DEADLINE_HEADER,
  GENERATION_HEADER,
  MAX_ENCODER_BYTES,
  MAX_MESSAGES_BYTES,
  MAX_PART_BYTES,
  MESSAGES_TYPE,
  PART_ENCODER_PATH,
  PART_PATH,
  PARTIAL_PATH,
  PARTS_HEADER,
} from "../parts/protocol.ts";
import { descriptionIn } from "./description.ts";
import type { Gate } from "./gate.ts";
import { hedged } from "./hedged.ts";
import type { PartHost, RoutedParts } from "./part-hosts.ts";
import type { PartMetrics } from "./part-metrics.ts";

/** The time limits with which a router asks. */
export interface Asking {
  /** Milliseconds that a part may take. */
  readonly deadlineMs: number;
  /** The least milliseconds before another replica is asked as well. */
  readonly hedgeMs: number;
  readonly gate: Gate;
}

/** The origin in requests to bindings, which ignore the host of the URL. */
const ANY_ORIGIN = "https://part.invalid";

/** Asks the hosts of some parts, over fetch alone. */
export class PartClient {
  readonly parts: RoutedParts;
  readonly #hosts: () => readonly PartHost[];
  readonly #metrics: PartMetrics;

  constructor(parts: RoutedParts, hosts: () => readonly PartHost[], metrics: PartMetrics) {
    this.parts = parts;
    this.#hosts = hosts;
    this.#metrics = metrics;
  }

  /** Asks for facts about the parts. */
  describe(asking: Asking): Promise<PartDescription> {
    return this.#ask(PART_PATH, undefined, asking, async (response) => {
      const bytes = await read(response, MAX_PART_BYTES);
      return descriptionIn(new TextDecoder().decode(bytes), this.parts);
    });
  }

  /** Asks for the encoder of the parts. Undefined if they have none. */
  encoder(asking: Asking): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.#ask(PART_ENCODER_PATH, undefined, asking, async (response) => {
      if (response.status === 404) {
        await response.body?.cancel();
        return undefined;
      }
      const bytes = await read(response, MAX_ENCODER_BYTES);
      return bytes.byteLength > 0 ? bytes : undefined;
    });
  }

  /** Asks questions, and checks that the answers come from these parts and this generation. */
  answer(questions: readonly Question[], asking: Asking): Promise<PartialAnswer[]> {
    const body = joinMessages(questions.map(encodeQuestion));
    return this.#ask(PARTIAL_PATH, body, asking, async (response) => {
      const messages = splitMessages(await read(response, MAX_MESSAGES_BYTES), questions.length);
      if (messages.length !== questions.length) throw new PartFailure(`it has ${messages.length} of its answers`);
      const answers = messages.map(decodeAnswer);
      for (const answer of answers) this.#check(answer);
      return answers;
    });
  }

  #check({ parts, generation }: PartialAnswer): void {
    if (generation !== this.parts.generation)
      throw new PartFailure("it answers with another generation than it was asked");
    if (parts.join() !== this.parts.numbers.join()) throw new PartFailure(`it answers as part ${parts.join()}`);
  }

  #ask<T>(
    path: string,
    body: Uint8Array<ArrayBuffer> | undefined,
    { deadlineMs, hedgeMs, gate }: Asking,
    parse: (response: Response) => Promise<T>,
  ): Promise<T> {
    const metrics = this.#metrics;
    const percentile = metrics.latencies.percentile;
    const hedging = {
      deadlineMs,
      hedgeMs: percentile === undefined ? undefined : Math.max(percentile, hedgeMs),
      hasRoom: () => gate.isFree,
      onHedge: () => metrics.hedges++,
      onLate: () => metrics.failures++,
    };
    return hedged(this.#hosts(), hedging, (host, signal) =>
      gate.through(async () => {
        if (signal.aborted) throw new PartFailure("another replica has answered");
        const begin = Date.now();
        metrics.requests++;
        try {
          const parsed = await parse(await this.#send(host, path, body, deadlineMs, signal));
          if (body) metrics.answered(Date.now() - begin); // a description waits until its part is loaded
          return parsed;
        } catch (error) {
          if (error instanceof Problem) throw error;
          if (!signal.aborted) metrics.failures++;
          throw error instanceof PartFailure ? error : new PartFailure(String((error as Error).message ?? error));
        }
      }),
    );
  }

  async #send(
    host: PartHost,
    path: string,
    body: Uint8Array<ArrayBuffer> | undefined,
    deadlineMs: number,
    signal: AbortSignal,
  ): Promise<Response> {
    const { origin = ANY_ORIGIN, token } = host;
    const { generation, numbers } = this.parts;
    const response = await host.fetch(
      new Request(origin + path, {
        method: body ? "POST" : "GET",
        ...(body && { body }),
        headers: {
          [GENERATION_HEADER]: generation,
          [PARTS_HEADER]: numbers.join(),
          [DEADLINE_HEADER]: String(deadlineMs),
          ...(body && { "content-type": MESSAGES_TYPE }),
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        },
        redirect: "manual",
        signal,
      }),
    );
    // A host of an earlier version has no route for the encoder, and none of its parts has one.
    if (response.status === 200 || (response.status === 404 && path === PART_ENCODER_PATH)) return response;
    throw await failureOf(response);
  }
}

/** Returns the error of a response: a wrong question is the client's own fault, everything else the host's. */
async function failureOf(response: Response): Promise<Error> {
  const { status } = response;
  const text = new TextDecoder().decode(await read(response, MAX_PART_BYTES));
  const { code, detail } = problemIn(text);
  if (status === 409 && code === "unknown_generation") return new UnknownGeneration(detail);
  if (status === 400 && code === "invalid_field" && /^"(?!x-midx)/.test(detail))
    return new Problem("invalid_field", detail);
  return new PartFailure(`it answered ${status}${detail && `: ${detail}`}`);
}

function problemIn(text: string): { readonly code: string; readonly detail: string } {
  try {
    const { code, detail } = JSON.parse(text);
    return { code: String(code), detail: String(detail).slice(0, 512) };
  } catch {
    return { code: "", detail: "" };
  }
}

/** A body that says that it is short enough is read at once, without a stream, which costs more in workerd. */
async function read(response: Response, most: number): Promise<Uint8Array<ArrayBuffer>> {
  const { body, headers } = response;
  if (!body) return new Uint8Array();
  const isShort = Number(headers.get("content-length") ?? Number.NaN) <= most;
  const bytes = isShort ? new Uint8Array(await response.arrayBuffer()) : await readAtMost(body, most);
  if (bytes.byteLength > most) throw new PartFailure(`its answer has more than ${most} bytes`);
  return bytes;
}
