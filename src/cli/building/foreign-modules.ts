import type { EncoderModel } from "../../train/build/build-options.ts";

/** The modules of an encoder of another program. */
export interface ForeignModules extends Pick<EncoderModel, "shape" | "tables"> {
  /** The sources of the sizes of the shape, for messages: the file names none of them. */
  readonly sources: Readonly<Partial<Record<keyof EncoderModel["shape"], string>>>;
}
