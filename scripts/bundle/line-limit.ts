/** The maximum length of a line in a bundle. Runtimes print the whole line of an uncaught error. */
export const LINE_LIMIT = 500;
