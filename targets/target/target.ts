/**
 * Targets: which features of an engine a module may use, what work costs there, and when a loader chooses it. A
 * target is one row of `TARGETS`. No other code lists targets or knows one by its name.
 */

import type { Prices } from './cost.ts'
import { probeOf } from './probe.ts'

export interface Target<Name extends string = string> {
  /** The name, which is also part of the module's file name: lower case, ASCII. */
  readonly name: Name
  /** 128-bit vectors. */
  readonly simd: boolean
  /** Relaxed SIMD, which includes fused multiply-adds. */
  readonly relaxed: boolean
  /** Vector registers of the machines that the target is made for. They limit the size of register tiles. */
  readonly registers: 16 | 32
  /**
   * How one activation reaches all lanes of a vector. Either it is loaded into all of them, or it is taken out
   * of a vector of four activations that was loaded before.
   */
  readonly broadcast: 'splat load' | 'lane'
  /** Which build of the runtime its modules contain. */
  readonly runtime: 'scalar' | 'simd'
  /** Loaders try the target with the highest number first. */
  readonly preference: number
  /** Whether a bundle contains it if the user names no targets. */
  readonly byDefault: boolean
  /** Whether the results have the same bits on every engine. */
  readonly exact: boolean
  /** Whether `edge.js`, which cannot choose at run time, may import its module. */
  readonly edge: boolean
  /** A module that tells whether an engine runs and prefers the target: see `probeOf`. */
  readonly probe: Uint8Array<ArrayBuffer>
  /**
   * Picoseconds per unit of work, as `tune` finds them on x86-64 server cores. Units that no kernel of the target
   * states have the price of another target.
   */
  readonly prices: Prices
}

/** `i8x16.splat` of 0. */
const SPLAT = [65, 0, 253, 15]
const DROP = 26
const F32X4_RELAXED_MADD = [253, 133, 2]
/** `i32.const 1`. */
const YES = [65, 1]

const SIMD_PRICES: Prices = {
  pointwise: 80.6,
  gemv: 100,
  depthwise: 100,
  direct: 111,
  general: 180,
  anyMac: 6600,
  arithmetic: 78,
  series: 1800,
  anyArithmetic: 460,
  read: 33,
  tap: 355,
  blend: 129,
  anyRead: 8900,
  comparison: 10_000,
  moved: 390,
  row: 8700,
  inner: 16.7,
  outer: 33.3,
  call: 50_000,
  rowCall: 30_000,
}

/** Every target that there is. */
export const TARGETS = rows([
  {
    name: 'scalar',
    simd: false,
    relaxed: false,
    registers: 16,
    broadcast: 'splat load',
    runtime: 'scalar',
    preference: 0,
    byDefault: false,
    exact: true,
    edge: true,
    probe: probeOf(YES),
    prices: {
      ...SIMD_PRICES,
      pointwise: 468,
      depthwise: 1790,
      general: 713,
      anyMac: 7000,
      arithmetic: 525,
      series: 9310,
      anyArithmetic: 664,
      read: 1100,
      tap: 759,
      blend: 526,
      anyRead: 8870,
      comparison: 8650,
      moved: 1360,
      row: 7710,
      inner: 28.8,
      outer: 36.5,
      call: 53_800,
    },
  },
  {
    name: 'simd128',
    simd: true,
    relaxed: false,
    registers: 16,
    broadcast: 'splat load',
    runtime: 'simd',
    preference: 10,
    byDefault: true,
    exact: true,
    edge: true,
    probe: probeOf([...SPLAT, DROP, ...YES]),
    prices: SIMD_PRICES,
  },
  {
    name: 'relaxed-simd',
    simd: true,
    relaxed: true,
    registers: 16,
    broadcast: 'splat load',
    runtime: 'simd',
    preference: 20,
    byDefault: true,
    exact: false,
    edge: false,
    probe: probeOf([...SPLAT, ...SPLAT, ...SPLAT, ...F32X4_RELAXED_MADD, DROP, ...YES]),
    prices: { ...SIMD_PRICES, pointwise: 46.5, gemv: 62.5, depthwise: 66.7, direct: 66.7 },
  },
])

/** Names of the targets in `TARGETS`. */
export type TargetName = (typeof TARGETS)[number]['name']

/** The targets of bundles where the user names none. */
export const DEFAULT_TARGETS: readonly Target<TargetName>[] = TARGETS.filter((t) => t.byDefault)

/** The row of `TARGETS` with this name; undefined where there is none. */
export function targetNamed(name: TargetName): Target<TargetName>
/** The row of `TARGETS` with this name; undefined where there is none. */
export function targetNamed(name: string): Target<TargetName> | undefined
/** The row of `TARGETS` with this name; undefined where there is none. */
export function targetNamed(name: string): Target<TargetName> | undefined {
  return TARGETS.find((t) => t.name === name)
}

/** Compares targets, for sorting: the preferred one first. */
export function preferredFirst(a: Target, b: Target): number {
  return b.preference - a.preference
}

/** Gives the names literal types, and everything else the types that `Target` declares. */
function rows<const Name extends string>(targets: readonly Target<Name>[]): readonly Target<Name>[] {
  return targets
}
