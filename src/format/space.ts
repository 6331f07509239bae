import { matching } from "./metadata.ts";
import { type VersionedSection, versionedSection } from "./section.ts";

/** The space of rows and queries: the model that made them, and its version. */
export interface SpaceFacts {
  readonly name: string;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** The rule for the name of a space, for messages. */
export const SPACE_NAME = "1 to 64 letters, digits, ., _ or -, the first a letter or digit";
export const isSpaceName = (name: unknown): name is string => typeof name === "string" && NAME.test(name);

/** Answers do not depend on the name, so a reader that does not know the section ignores it. */
export const SPACE: VersionedSection<SpaceFacts> = versionedSection<SpaceFacts>(1, "ignore", { name: matching(NAME) });
