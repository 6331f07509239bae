import { VERSION } from "../version.ts";

/** The name of the custom section that identifies the module of a kernel. */
export const IDENTITY_SECTION = "midx";

/** Returns the content of this section: kernel and version. */
export const identityOf = (kernel: string): string => `${kernel} ${VERSION}`;
