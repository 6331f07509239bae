/** The folder of the example: a real output layer of a next-word model. */
const EXAMPLE = "examples/next-word";

/** Arguments of the command line that build the index of the example. */
export function exampleBuild(output: string): string[] {
  const layer = [`${EXAMPLE}/head.safetensors`, "--tensor", "weight", "--bias", "bias"];
  const more = ["--labels", `${EXAMPLE}/words.txt`, "--queries", `${EXAMPLE}/queries.safetensors`];
  return ["build", ...layer, ...more, "-o", output];
}
