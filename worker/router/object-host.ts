import type { Question } from "../../src/parts/index.ts";
import { MESSAGE_VERSION } from "../../src/parts/message.ts";
import type { CallAnswer, CalledObject, PartCall } from "../parts/part-calls.ts";
import type { PartHost, PartNamespace, RoutedParts } from "./part-hosts.ts";

/** A Durable Object as the host of a part. */
export class ObjectHost implements PartHost {
  readonly #namespace: PartNamespace;
  readonly #name: string;

  constructor(namespace: PartNamespace, name: string) {
    this.#namespace = namespace;
    this.#name = name;
  }

  fetch(request: Request): Promise<Response> {
    return this.#object.fetch(request);
  }

  /** Asks questions by a call. It cannot be ended, so after `signal` its answer is of no use to anyone. */
  call(
    { generation, numbers }: RoutedParts,
    questions: readonly Question[],
    { signal, ...how }: Pick<PartCall, "deadlineMs" | "changes"> & { readonly signal: AbortSignal },
  ): Promise<CallAnswer> {
    return new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
      const call = { version: MESSAGE_VERSION, generation, numbers, ...how, isPartial: false };
      this.#object.answer(call, questions).then(resolve, reject);
    });
  }

  get #object(): CalledObject & PartHost {
    const namespace = this.#namespace;
    return namespace.get(namespace.idFromName(this.#name)) as CalledObject & PartHost;
  }
}

/**
 * Returns the hosts of a part in Durable Objects: one for each part, replica and generation, so that a new generation begins in
 * objects of its own.
 *
 * @param namespace the binding of the class `PartObject` of midx/part
 * @param parts what a router asks for
 * @returns one host for each replica
 *
 * @example
 * export default createRouter((env: Env) => manifestAt(inBucket(env.INDEX), "words/current.json"), {
 *   hosts: (env, parts) => inDurableObjects(env.PARTS, parts),
 * });
 */
export function inDurableObjects(namespace: PartNamespace, parts: RoutedParts): PartHost[] {
  const { numbers, generation, replicas } = parts;
  return Array.from(
    { length: replicas },
    (_, replica) => new ObjectHost(namespace, `${numbers[0]}/${replica}/${generation}`),
  );
}
