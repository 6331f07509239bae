import type { Feature } from "../../src/public.ts";
import type { ServedIndex } from "../host/served-index.ts";
import type { QueryBatch } from "./batch.ts";
import { invalidField } from "./invalid-field.ts";
import { bagWork } from "./work.ts";

/** A query as features. The library checks the elements. */
interface Bag {
  readonly features: readonly unknown[];
  readonly weights?: readonly unknown[] | undefined;
}

/** Reads an element of `bags`. A 400 names the element if it is not a bag. */
export function readBag(bag: unknown, i: number): Bag {
  const { features, weights, ...others } = Object(bag);
  if (Array.isArray(features) && Object.keys(others).length === 0) return { features, weights };
  throw invalidField(`bags[${i}]`, 'an object of "features" and, optionally, "weights"');
}

/** The queries of bags. `values` encodes them. An error of the library then names the field below the `place` of its bag. */
export function queriesOf(bags: readonly Bag[], index: ServedIndex, place: (i: number) => string): QueryBatch {
  const { dim } = index.info;
  const values = (): Float32Array => {
    const queries = new Float32Array(bags.length * dim);
    for (const [i, { features, weights }] of bags.entries()) {
      try {
        queries.set(index.encode(features as Feature[], { weights: weights as number[] }), i * dim);
      } catch (error) {
        if (error instanceof Error) error.message = error.message.replace(/^"/, `"${place(i)}`);
        throw error;
      }
    }
    return queries;
  };
  return {
    values,
    count: bags.length,
    work: bags.reduce((sum, { features }) => sum + bagWork(dim, features.length), 0),
  };
}
