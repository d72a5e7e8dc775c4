/** Scalar functions behind the elementwise operators; each is stated once and used by every evaluator. */

/** Attributes of the unary functions that have any. */
export interface UnaryAttrs {
  /** min(max(x, min), max); ReLU is clamp(0, inf), ReLU6 is clamp(0, 6). NaN stays NaN. */
  clamp: { readonly min: number; readonly max: number }
  /** x ≥ 0 ? x : alpha·x */
  'leaky-relu': { readonly alpha: number }
  /** clamp(alpha·x + beta, 0, 1) */
  'hard-sigmoid': { readonly alpha: number; readonly beta: number }
  /** x · clamp(x/6 + 1/2, 0, 1) (Howard et al., "Searching for MobileNetV3", 2019) */
  'hard-swish': Record<never, never>
  sigmoid: Record<never, never>
  tanh: Record<never, never>
  /** x ≥ 0 ? x : alpha·(exp(x) − 1) */
  elu: { readonly alpha: number }
  exp: Record<never, never>
  log: Record<never, never>
  sqrt: Record<never, never>
  abs: Record<never, never>
  neg: Record<never, never>
  reciprocal: Record<never, never>
  floor: Record<never, never>
  ceil: Record<never, never>
  erf: Record<never, never>
}

export type UnaryName = keyof UnaryAttrs

export const UNARY: { readonly [K in UnaryName]: (attrs: UnaryAttrs[K]) => (x: number) => number } = {
  clamp:
    ({ min, max }) =>
    (x) =>
      clamp(x, min, max),
  'leaky-relu':
    ({ alpha }) =>
    (x) =>
      x < 0 ? alpha * x : x,
  'hard-sigmoid':
    ({ alpha, beta }) =>
    (x) =>
      clamp(alpha * x + beta, 0, 1),
  'hard-swish': () => (x) => x * clamp(x / 6 + 0.5, 0, 1),
  sigmoid: () => (x) => 1 / (1 + Math.exp(-x)),
  tanh: () => Math.tanh,
  elu:
    ({ alpha }) =>
    (x) =>
      x < 0 ? alpha * Math.expm1(x) : x,
  exp: () => Math.exp,
  log: () => Math.log,
  sqrt: () => Math.sqrt,
  abs: () => Math.abs,
  neg: () => (x) => -x,
  reciprocal: () => (x) => 1 / x,
  floor: () => Math.floor,
  ceil: () => Math.ceil,
  erf: () => erf,
}

/** Two-operand arithmetic; division of integers truncates toward zero. */
export const BINARY = {
  add: (a: number, b: number) => a + b,
  sub: (a: number, b: number) => a - b,
  mul: (a: number, b: number) => a * b,
  div: (a: number, b: number) => a / b,
  min: (a: number, b: number) => Math.min(a, b),
  max: (a: number, b: number) => Math.max(a, b),
  pow: (a: number, b: number) => a ** b,
  /** The second operand is the slope of the negative half (ONNX PRelu). */
  prelu: (a: number, b: number) => (a < 0 ? a * b : a),
} as const

export type BinaryName = keyof typeof BINARY

/** The same on 64-bit integers, exactly; functions without an integer meaning are absent. */
export const BINARY_WIDE: Partial<Record<BinaryName, (a: bigint, b: bigint) => bigint>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => (b === 0n ? 0n : a / b),
  min: (a, b) => (a < b ? a : b),
  max: (a, b) => (a > b ? a : b),
  pow: (a, b) => (b < 0n ? 0n : a ** b),
  prelu: (a, b) => (a < 0n ? a * b : a),
}

function clamp(x: number, min: number, max: number): number {
  if (Number.isNaN(x)) return x
  return Math.min(Math.max(x, min), max)
}

/** 2/√π · exp(−x²) · Σ 2ⁿ x²ⁿ⁺¹ / (2n+1)!! (Abramowitz and Stegun 7.1.6): every term has the sign of x, so nothing cancels. */
function erf(x: number): number {
  if (!(Math.abs(x) < 6)) return Number.isNaN(x) ? x : Math.sign(x)
  let term = x
  let sum = x
  for (let n = 1; Math.abs(term) > Math.abs(sum) * 1e-17; n++) {
    term *= (2 * x * x) / (2 * n + 1)
    sum += term
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum
}
