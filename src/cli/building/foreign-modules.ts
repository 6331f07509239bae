import type { EncoderModel } from "../../train/build/build-options.ts";

/** The modules of an encoder of another program. */
export interface ForeignModules extends Pick<EncoderModel, "shape" | "tables"> {
  /** What each size of the shape comes from, for messages: none of them is named in the file. */
  readonly sources: Readonly<Partial<Record<keyof EncoderModel["shape"], string>>>;
}
