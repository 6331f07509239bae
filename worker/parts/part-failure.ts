/** The error for a host that did not answer a question, or not as a host of this part does. Another one may answer. */
export class PartFailure extends Error {
  override readonly name: string = "PartFailure";
}

/**
 * The error if no host of a part has the generation that it was asked for. The whole question may be asked with another one.
 */
export class UnknownGeneration extends PartFailure {
  override readonly name = "UnknownGeneration";
}

/** The error of a router without a host for a part: it is one of several below another router, each with parts of its own. */
export class NoHost extends PartFailure {
  override readonly name = "NoHost";

  constructor() {
    super("it has no host here");
  }
}
