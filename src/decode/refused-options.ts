/**
 * Options that other decoders have and this one lacks, under the remedy: their names there, without capitals and underscores,
 * because libraries write them in camel case and services in snake case.
 */
const REFUSED = Object.entries({
  'it is called "bias" here': "logitbias",
  'it is called "allow" here': "allowedtokenids",
  'it is called "topLogProbabilities" here': "logprobs toplogprobs",
  'it is called "repetitionPenalty" here': "repeatpenalty",
  'use "minP"': "topnsigma topa etacutoff epsiloncutoff",
  'use "minP" or "topP"': "typical typicalp tfs tfsz",
  'use "temperature" with "topP"': "mirostat mirostatmode mirostattau mirostateta",
  'use "exclude" for classes that must not come': "xtc xtcthreshold xtcprobability suppresstokens",
  'use "exclude" for classes that would repeat a sequence':
    "dry drymultiplier drybase dryallowedlength norepeatngramsize",
  'use "exclude", which bans classes: the caller knows which one would complete a word': "badwords",
  "decode draws one class, and the caller ends the sequence": "stop stoptokenids mintokens maxtokens ignoreeos",
  "call decode once for each sequence": "n bestof",
  "keep the beams yourself, and call predict for each of them": "beamwidth numbeams usebeamsearch",
});

/** Says what to use in place of an option of other decoders. Undefined for any other name. */
export function foreignRemedy(name: string): string | undefined {
  const spelled = name.replaceAll("_", "").toLowerCase();
  return REFUSED.find(([, names]) => names.split(" ").includes(spelled))?.[0];
}

/** Throws a TypeError for an option of other decoders that this one lacks, and says what to use. */
export function refuseForeignOptions(options: object): void {
  for (const name of Object.keys(options)) {
    const remedy = foreignRemedy(name);
    if (remedy === undefined || (options as Record<string, unknown>)[name] === undefined) continue;
    throw new TypeError(`"${name}" is not an option of decode: ${remedy}`);
  }
}
