/**
 * The cost model. A kernel states the work of a cover as counts of units, and each target has a price for each
 * unit. `tune` fits the prices to a machine. Choices depend only on the proportions between prices.
 */

/** The units of work, with a description of what one of each is. */
export const UNITS = {
  pointwise: 'multiply-add of a 1×1 convolution',
  gemv: 'multiply-add of a vector × matrix product',
  depthwise: 'multiply-add of a depthwise convolution',
  direct: 'multiply-add of a dense convolution',
  general: 'multiply-add of a convolution or matrix product in the loops that serve every shape',
  anyMac: 'multiply-add in a loop that serves every element type',
  arithmetic: 'operation on an element of float32',
  series: 'exponential, logarithm or another series, of an element of float32',
  anyArithmetic: 'operation on an element of another type',
  read: 'element of float32 that a reduction reads',
  tap: 'element of float32 that a window reads',
  blend: 'element of float32 that resampling reads',
  anyRead: 'element that a reduction, a window or resampling of another type reads',
  comparison: 'comparison of two elements when sorting',
  moved: 'element that is read or copied alone, knowing its type',
  row: 'stretch of neighbouring elements that is copied on its own',
  inner: 'byte moved between the core and the second-level cache',
  outer: 'byte moved between the second-level cache and what is outside',
  call: 'call of a kernel',
  rowCall: 'call of a kernel for a row of a pipeline',
} as const

export type Unit = keyof typeof UNITS

/** How many of each unit. */
export type Work = Readonly<Partial<Record<Unit, number>>>

/** Picoseconds per unit. */
export type Prices = Readonly<Record<Unit, number>>

/** Prices of some targets, by target name. */
export type CostModel = Readonly<Record<string, Prices>>

/** The price of work, in nanoseconds. */
export function priceOf(work: Work, prices: Prices): number {
  return Object.entries(work).reduce((sum, [unit, count]) => sum + count * prices[unit as Unit], 0) / 1000
}

/** The sum of works that are done one after the other. */
export function together(...works: readonly Work[]): Work {
  const sum: Partial<Record<keyof Work, number>> = {}
  for (const work of works) {
    for (const [unit, count] of Object.entries(work) as [keyof Work, number][]) sum[unit] = (sum[unit] ?? 0) + count
  }
  return sum
}

/** Work done `times` over. */
export function repeated(work: Work, times: number): Work {
  return Object.fromEntries(Object.entries(work).map(([unit, count]) => [unit, count * times]))
}

/**
 * Work that can be cut into `extent` ranges of about equal work. `halo` is the work that every part except the
 * first does again.
 */
export interface DivisibleWork {
  readonly work: Work
  readonly extent: number
  readonly halo?: Work
}

/**
 * The work of the busiest of `parts` parts. Parts take equal numbers of ranges, or differ by one. Each part
 * makes one call.
 */
export function shareOf({ work, extent, halo = {} }: DivisibleWork, parts: number): Work {
  if (Math.min(parts, extent) <= 1) return work
  const { call = 0, ...divisible } = work
  return together({ call }, repeated(divisible, Math.ceil(extent / parts) / extent), halo)
}

const FLOAT = 4

/**
 * The number of bytes read and written by a step above which the bytes do not stay in the second-level cache
 * until the next step.
 */
const RESIDENT = 1.25 * 2 ** 20

/** One kernel call that does `works`. */
export function callOf(...works: readonly Work[]): Work {
  return together({ call: 1 }, ...works)
}

/** The work of reading or writing `bytes` bytes once. */
export function movingBytes(bytes: number): Work {
  return bytes < RESIDENT ? { inner: bytes } : { outer: bytes }
}

/** The work of reading `read` floats and writing `written` floats, each once. */
export function moving(read: number, written: number): Work {
  return movingBytes((read + written) * FLOAT)
}

/** The work of writing floats and reading them again while they are still in a near cache. */
export function passing(floats: number): Work {
  return { inner: 2 * floats * FLOAT }
}
