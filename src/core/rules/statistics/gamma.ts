/** Series and fractions stop here at the latest; a shape of 1e6 needs some 1e4 terms. */
const MOST_TERMS = 100_000;
const PRECISION = 1e-15;

/** Coefficients of Stirling's series, B(2k) / (2k (2k − 1)). */
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360_360];

/** Natural logarithm of Γ(x) for x > 0, by Stirling's series after shifting x beyond 12; about 14 digits. */
export function logGamma(x: number): number {
  let shift = 0;
  let at = x;
  while (at < 12) {
    shift += Math.log(at);
    at += 1;
  }
  const inverse = 1 / at;
  const square = inverse * inverse;
  let series = 0;
  for (let term = STIRLING.length - 1; term >= 0; term -= 1) series = series * square + (STIRLING[term] ?? 0);
  return (at - 0.5) * Math.log(at) - at + 0.5 * Math.log(2 * Math.PI) + series * inverse - shift;
}

/** Regularised lower incomplete gamma function P(a, x) for a > 0, x ≥ 0 (NIST DLMF 8.11.4 and 8.9.2). */
export function regularisedGamma(a: number, x: number): number {
  if (x <= 0) return 0;
  if (x === Infinity) return 1;
  const front = Math.exp(a * Math.log(x) - x - logGamma(a));
  return x < a + 1 ? Math.min(1, front * lowerSeries(a, x)) : Math.max(0, 1 - front * upperFraction(a, x));
}

/** Σ x^n / (a (a+1) … (a+n)). */
function lowerSeries(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; n < MOST_TERMS; n += 1) {
    term *= x / (a + n);
    sum += term;
    if (term < sum * PRECISION) break;
  }
  return sum;
}

/** The continued fraction of Γ(a, x) / (x^a e^−x), evaluated forward (Lentz). */
function upperFraction(a: number, x: number): number {
  const tiny = 1e-300;
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let value = d;
  for (let n = 1; n < MOST_TERMS; n += 1) {
    const numerator = -n * (n - a);
    b += 2;
    d = numerator * d + b;
    if (Math.abs(d) < tiny) d = tiny;
    c = b + numerator / c;
    if (Math.abs(c) < tiny) c = tiny;
    d = 1 / d;
    const change = d * c;
    value *= change;
    if (Math.abs(change - 1) < PRECISION) break;
  }
  return value;
}
