// @ts-check
/**
 * The fields that are read of a tensor. The tensors of onnxruntime-web, onnxruntime-node and transformers.js have them.
 * @typedef {object} TensorLike
 * @property {string} type
 * @property {readonly number[]} dims
 * @property {unknown} data
 */

/**
 * Returns the queries of decode: of `last_hidden_state`, f32 or f16 [batch, sequence, dim], the state of the last token of
 * each sequence, end to end. `attention_mask`, int64 [batch, sequence], is 0 where a sequence is padded, on either side.
 * Without it no sequence is.
 * @param {TensorLike} states
 * @param {TensorLike} [mask]
 * @returns {Float32Array} batch × dim values
 */
export function lastHiddenStates(states, mask) {
  const { type, dims, data } = states;
  const [batch = 0, sequence = 0, dim = 0] = dims;
  if (dims.length !== 3 || sequence === 0) {
    throw new RangeError(`"last_hidden_state" expected [batch, sequence, dim], got [${dims.join(", ")}]`);
  }
  if (type !== "float32" && type !== "float16") {
    throw new TypeError(
      `"last_hidden_state" expected float32 or float16, got ${type}: load the model with dtype "fp32"`,
    );
  }
  if (mask && (mask.dims[0] !== batch || mask.dims[1] !== sequence)) {
    throw new RangeError(`"attention_mask" expected [${batch}, ${sequence}], got [${mask.dims.join(", ")}]`);
  }
  const values = /** @type {ArrayLike<number>} */ (data);
  // Without Float16Array, a runtime has the bits of float16 in a Uint16Array.
  const numberOf = data instanceof Uint16Array ? halfToFloat : (/** @type {number} */ value) => value;
  const queries = new Float32Array(batch * dim);
  for (let row = 0; row < batch; row++) {
    const last = mask ? lastToken(mask, row, sequence) : sequence - 1;
    const begin = (row * sequence + last) * dim;
    for (let d = 0; d < dim; d++) queries[row * dim + d] = numberOf(values[begin + d] ?? Number.NaN);
  }
  return queries;
}

/**
 * Returns the number of the bits of a float16.
 * @param {number} bits
 */
function halfToFloat(bits) {
  const sign = bits >> 15 === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

/**
 * @param {TensorLike} mask
 * @param {number} row
 * @param {number} sequence
 */
function lastToken({ data }, row, sequence) {
  const values = /** @type {ArrayLike<number | bigint>} */ (data);
  for (let place = sequence - 1; place >= 0; place--) if (Number(values[row * sequence + place]) !== 0) return place;
  throw new RangeError(`"attention_mask"[${row}] expected a token that is not padding, got none`);
}
