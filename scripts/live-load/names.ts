/** The key of the pointer. */
export const KEY = "words/current.json";
export const WRITE_TOKEN = "write-token-of-the-load";
/** The SHA-256 of WRITE_TOKEN. */
export const WRITE_TOKEN_DIGEST = "37616bebcd59c8e0a4a9cae740acbbb9e962e255c783359f42e4c2476b5dc6ae";
/** Seconds between looks for another version, and for changes. */
export const SECONDS_BETWEEN_LOOKS = 1;
