import { VERSION } from "../version.ts";

/** The custom section of a kernel's module that says what it is. */
export const IDENTITY_SECTION = "midx";

/** What it says. */
export const identityOf = (kernel: string): string => `${kernel} ${VERSION}`;
