/** Characters of a line of a bundle: runtimes print the whole line that an uncaught error comes from. */
export const LINE_LIMIT = 500;
