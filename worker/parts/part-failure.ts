import type { BeginsAnew } from "../../src/parts/one-state.ts";
import { Problem } from "../contract/problem.ts";

/** The error for a host that did not answer a question, or not as a host of this part does. Another one may answer. */
export class PartFailure extends Error {
  override readonly name: string = "PartFailure";
}

/** Returns the error of a request to a host: the request's own, or a failure of the host. */
export function hostFailure(error: unknown): Error {
  if (error instanceof SyntaxError)
    return new PartFailure("its answer is no JSON: check that a host is at its address");
  if (error instanceof Problem || error instanceof PartAhead || error instanceof PartFailure) return error;
  const { message, cause } = error as Error;
  // The cause of Node's "fetch failed". Its message would tell callers the address of the host, its code does not.
  const code = (cause as { readonly code?: string } | undefined)?.code;
  return new PartFailure(code ? `${message} (${code})` : String(message ?? error));
}

/**
 * The error if no host of a part has the generation that it was asked for. The whole question may be asked with another one.
 */
export class UnknownGeneration extends PartFailure implements BeginsAnew {
  override readonly name = "UnknownGeneration";
  readonly beginsAnew = true;
}

/** The error for a router below that lacks some of the parts that it was asked for. */
export class PartsMissing extends PartFailure {
  override readonly name = "PartsMissing";
}

/** The error for a host whose part has other changes than an answer must have. */
export class ChangesDiffer extends PartFailure {
  override readonly name = "ChangesDiffer";
  /** The changes that the part has. Undefined if it takes none. */
  readonly state: string | undefined;

  constructor(message: string, state: string | undefined) {
    super(message);
    this.state = state;
  }
}

/** The error for parts that have later changes than an answer is made with. It has to be made again with these. */
export class PartAhead extends Error implements BeginsAnew {
  override readonly name = "PartAhead";
  readonly beginsAnew = true;
  /** The number of the last change that a part has. */
  readonly sequence: number;

  constructor(sequence: number) {
    super(`a part has the changes up to ${sequence} already`);
    this.sequence = sequence;
  }
}

/** The error of a router without a host for a part: it is one of several below another router, each with parts of its own. */
export class NoHost extends PartFailure {
  override readonly name = "NoHost";

  constructor() {
    super("it has no host here");
  }
}
