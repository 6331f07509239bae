// Sine and cosine, computed with + − × and fdlibm's polynomials. They have the same bits in every runtime, unlike those of
// `Math`.

const TWO_OVER_PI = 2 / Math.PI;
/** π/2 in two parts. The first has 33 bits, so its multiples below 2²⁰ are exact. */
const HALF_PI_HIGH = 1.5707963267341256;
const HALF_PI_LOW = 6.077100506506192e-11;

/** The coefficients of (sin r − r) / r³ as a polynomial in r², highest power first. */
const SINE = [
  1.58969099521155e-10, -2.5050760253406863e-8, 2.7557313707070068e-6, -1.984126982985795e-4, 8.33333333332249e-3,
  -1.6666666666666632e-1,
];
/** The coefficients of (cos r − 1 + r²/2) / r⁴ as a polynomial in r², highest power first. */
const COSINE = [
  -1.1359647557788195e-11, 2.087572321298175e-9, -2.7557314351390663e-7, 2.480158728947673e-5, -1.388888888887411e-3,
  4.16666666666666e-2,
];

/** Computes cos x and sin x, with an error below 2⁻⁵⁰ for |x| < 2²⁰. */
export function cosineAndSine(x: number): readonly [number, number] {
  const quarter = Math.floor(x * TWO_OVER_PI + 0.5);
  const r = x - quarter * HALF_PI_HIGH - quarter * HALF_PI_LOW;
  const square = r * r;
  const sine = r + r * square * polynomial(SINE, square);
  const cosine = 1 - square / 2 + square * square * polynomial(COSINE, square);
  switch (quarter & 3) {
    case 0:
      return [cosine, sine];
    case 1:
      return [-sine, cosine];
    case 2:
      return [-cosine, -sine];
    default:
      return [sine, -cosine];
  }
}

function polynomial(coefficients: readonly number[], x: number): number {
  let value = 0;
  for (const coefficient of coefficients) value = value * x + coefficient;
  return value;
}
