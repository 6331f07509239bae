/** A host did not answer a question, or not as a host of this part does. Another one may. */
export class PartFailure extends Error {
  override readonly name: string = "PartFailure";
}

/** No host of a part has the generation that it was asked for. The whole question may be asked with another one. */
export class UnknownGeneration extends PartFailure {
  override readonly name = "UnknownGeneration";
}
