/** Options that other decoders have and this one lacks, by the names that they have there, under the remedy. */
const REFUSED = Object.entries({
  'it is called "bias" here': ["logitBias"],
  'it is called "allow" here': ["allowedTokenIds"],
  'it is called "topLogProbabilities" here': ["logprobs"],
  'use "minP"': ["topNSigma", "topA", "etaCutoff", "epsilonCutoff"],
  'use "minP" or "topP"': ["typicalP", "tfs", "tfsZ"],
  'use "temperature" with "topP"': ["mirostat", "mirostatTau", "mirostatEta"],
  'use "exclude" for classes that must not come': ["xtc", "xtcThreshold", "xtcProbability"],
  'use "exclude" for classes that would repeat a sequence': ["dry", "dryMultiplier"],
  'use "exclude", which bans classes: the caller knows which one would complete a word': ["badWords"],
  "keep the beams yourself, and call predict for each of them": ["beamWidth", "numBeams", "useBeamSearch"],
});

/** Says what to use in place of an option of other decoders. Undefined for any other name. */
export const foreignRemedy = (name: string): string | undefined =>
  REFUSED.find(([, names]) => names.includes(name))?.[0];

/** Throws a TypeError for an option of other decoders that this one lacks, and says what to use. */
export function refuseForeignOptions(options: object): void {
  for (const name of Object.keys(options)) {
    const remedy = foreignRemedy(name);
    if (remedy === undefined || (options as Record<string, unknown>)[name] === undefined) continue;
    throw new TypeError(`"${name}" is not an option of decode: ${remedy}`);
  }
}
