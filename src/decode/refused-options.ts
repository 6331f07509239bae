/** Options that other decoders have and this one lacks, by the names that are used elsewhere, and what to use. */
const REFUSED: Readonly<Record<string, string>> = {
  logitBias: 'it is called "bias" here',
  typicalP: 'use "minP" or "topP"',
  topNSigma: 'use "minP"',
  topA: 'use "minP"',
  tfs: 'use "minP" or "topP"',
  tfsZ: 'use "minP" or "topP"',
  etaCutoff: 'use "minP"',
  epsilonCutoff: 'use "minP"',
  xtc: 'use "exclude" for classes that must not come',
  xtcThreshold: 'use "exclude" for classes that must not come',
  xtcProbability: 'use "exclude" for classes that must not come',
  dry: 'use "exclude" for classes that would repeat a sequence',
  dryMultiplier: 'use "exclude" for classes that would repeat a sequence',
  mirostat: 'use "temperature" with "topP"',
  mirostatTau: 'use "temperature" with "topP"',
  mirostatEta: 'use "temperature" with "topP"',
  badWords: 'use "exclude", which bans classes: the caller knows which one would complete a word',
  allowedTokenIds: 'it is called "allow" here',
  logprobs: 'it is called "topLogProbabilities" here',
  beamWidth: "beams are the caller's: use predict for each of them",
  numBeams: "beams are the caller's: use predict for each of them",
  useBeamSearch: "beams are the caller's: use predict for each of them",
};

/** Says what to use in place of an option of other decoders. Undefined for any other name. */
export const foreignRemedy = (name: string): string | undefined =>
  Object.hasOwn(REFUSED, name) ? REFUSED[name] : undefined;

/** Throws a TypeError for an option of other decoders that this one lacks, and says what to use. */
export function refuseForeignOptions(options: object): void {
  for (const name of Object.keys(options)) {
    const remedy = foreignRemedy(name);
    if (remedy === undefined || (options as Record<string, unknown>)[name] === undefined) continue;
    throw new TypeError(`"${name}" is not an option of decode: ${remedy}`);
  }
}
