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

/** erf to 1.2e-7 relative (Press et al., Numerical Recipes, 3rd ed., §6.2.2). */
function erf(x: number): number {
  const z = Math.abs(x)
  const t = 2 / (2 + z)
  let d = 0
  let dd = 0
  const ty = 4 * t - 2
  for (let j = ERFC_COEFFICIENTS.length - 1; j > 0; j--) {
    const next = ty * d - dd + (ERFC_COEFFICIENTS[j] as number)
    dd = d
    d = next
  }
  const erfc = t * Math.exp(-z * z + 0.5 * ((ERFC_COEFFICIENTS[0] as number) + ty * d) - dd)
  return x >= 0 ? 1 - erfc : erfc - 1
}

const ERFC_COEFFICIENTS = [
  -1.3026537197817094, 6.4196979235649026e-1, 1.9476473204185836e-2, -9.561514786808631e-3, -9.46595344482036e-4, 3.66839497852761e-4,
  4.2523324806907e-5, -2.0278578112534e-5, -1.624290004647e-6, 1.30365583558e-6, 1.5626441722e-8, -8.5238095915e-8, 6.529054439e-9,
  5.059343495e-9, -9.91364156e-10, -2.27365122e-10, 9.6467911e-11, 2.394038e-12, -6.886027e-12, 8.94487e-13, 3.13092e-13, -1.12708e-13,
  3.81e-16, 7.106e-15, -1.523e-15, -9.4e-17, 1.21e-16, -2.8e-17,
]
