import { type PartObjectOptions, partObject } from "../../worker/part.ts";
import type { CallAnswer, CalledObject, PartCall } from "../../worker/parts/part-calls.ts";
import type { PublishedManifest } from "../../worker/publication/manifest-at.ts";
import type { Publisher } from "../../worker/publication/publication.ts";
import type { PartNamespace } from "../../worker/router/part-hosts.ts";

/** Answers a call, as an object does. */
export type Answer = (call: PartCall, questions: Parameters<CalledObject["answer"]>[1]) => Promise<CallAnswer>;

/**
 * A namespace of objects of parts in this process, which routers may ask by calls. The runtime copies what calls carry, and throws
 * errors without their classes.
 */
export class Objects implements PartNamespace {
  /** The paths that objects were requested, and "call". */
  readonly asked: string[] = [];
  /** Answers a call in place of the object with this name. */
  fault: (name: string, call: PartCall, answer: Answer) => Answer | undefined = () => undefined;
  readonly #created = new Map<string, InstanceType<ReturnType<typeof partObject>>>();
  readonly #class: ReturnType<typeof partObject>;

  constructor(publisher: Publisher<PublishedManifest>, options: PartObjectOptions<unknown> = { base: class {} }) {
    this.#class = partObject(() => publisher, options);
  }

  /** Starts all objects again, without what they had. */
  restart(): void {
    this.#created.clear();
  }

  idFromName = (name: string): string => name;

  get = (name: unknown) => {
    const object = this.#created.get(name as string) ?? new this.#class({ waitUntil: () => undefined }, {});
    this.#created.set(name as string, object);
    const answer: Answer = async (...given) =>
      structuredClone(await (object as unknown as CalledObject).answer(...structuredClone(given)));
    return {
      fetch: (request: Request) => {
        this.asked.push(new URL(request.url).pathname);
        return object.fetch(request);
      },
      answer: (call: PartCall, questions: Parameters<Answer>[1]) => {
        this.asked.push("call");
        return (this.fault(name as string, call, answer) ?? answer)(call, questions);
      },
    };
  };
}
