import type { BuildPool } from "../../train/runtime/worker-pool.ts";
import { Member } from "./member.ts";
import type { Start } from "./messages.ts";
import { Slab } from "./slab.ts";
import { nameOf, type Tools } from "./tasks.ts";

/** Pieces that a thread has at a time: one to do, and one to go on with. */
export const SLOTS = 2;

/** Beside the command line's own bundle. */
const SCRIPT = new URL("./cli-worker.js", import.meta.url);

/** A crew of threads, each with kernels of its own. */
export interface Threads extends BuildPool<Tools> {
  /** Ends the threads, whatever they do. */
  close(): Promise<void>;
}

/** A piece on its way: where its arrays lie, and who does it. */
interface Slot {
  readonly member: Member;
  readonly number: number;
  readonly slab: Slab;
}

/**
 * Starts `count` threads. One that fails ends all work with an error that says so, and `signal` with its reason. Work that
 * was left before its end can't be followed by other work.
 */
export function startThreads(count: number, start: Start, signal: AbortSignal, script: URL = SCRIPT): Threads {
  const members: Member[] = [];
  const fail = (reason: unknown): void => {
    for (const member of members) member.fail(reason);
  };
  for (let number = 1; number <= count; number++) {
    const onFailure = (error: Error): void =>
      fail(new Error(`thread ${number} of ${count} failed: ${error.message}`, { cause: error }));
    members.push(new Member(script, start, onFailure));
  }
  const onAbort = (): void => fail(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort);
  const slots = Array.from({ length: SLOTS }, (_, number) =>
    members.map((member): Slot => ({ member, number, slab: new Slab() })),
  ).flat();
  const plans = new Slab();

  return {
    floats: (length) => new Float32Array(new SharedArrayBuffer(length * 4)),
    async *map<Plan, Piece, Result>(
      task: unknown,
      plan: Plan,
      pieces: Iterable<Piece> | AsyncIterable<Piece>,
    ): AsyncGenerator<Result> {
      const order = { task: nameOf(task), plan: plans.share(plan) };
      // A member without a piece could still be at a plan when the next one takes its place.
      const planned = new Set<Member>();
      const free = [...slots];
      const given: { readonly slot: Slot; readonly result: Promise<unknown> }[] = [];
      const oldest = async function* (): AsyncGenerator<Result> {
        const { slot, result } = given.shift() as (typeof given)[number];
        yield (await result) as Result;
        free.push(slot);
      };
      for await (const piece of pieces) {
        if (free.length === 0) yield* oldest();
        const slot = free.shift() as Slot;
        if (!planned.has(slot.member)) slot.member.order(order);
        planned.add(slot.member);
        given.push({ slot, result: slot.member.give(slot.number, slot.slab.share(piece)) });
      }
      while (given.length > 0) yield* oldest();
    },
    async close() {
      signal.removeEventListener("abort", onAbort);
      await Promise.all(members.map((member) => member.end()));
    },
  };
}
