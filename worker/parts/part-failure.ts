/** A host did not answer a question, or not as a host of this part does. Another one may. */
export class PartFailure extends Error {
  override readonly name: string = "PartFailure";
}

/** No host of a part has the generation that it was asked for. The whole question may be asked with another one. */
export class UnknownGeneration extends PartFailure {
  override readonly name = "UnknownGeneration";
}

/** This router has no host for a part: it is one of several below another router, each with parts of its own. */
export class NoHost extends PartFailure {
  override readonly name = "NoHost";

  constructor() {
    super("it has no host here");
  }
}
