/** What a target can execute. */

export type TargetName = 'scalar' | 'simd128' | 'relaxed-simd'

export interface Target {
  readonly name: TargetName
  /** 128-bit vectors. */
  readonly simd: boolean
  /** Relaxed SIMD, hence fused multiply-add. */
  readonly relaxed: boolean
}

/** In order of preference, best last. */
export const TARGETS: readonly Target[] = [
  { name: 'scalar', simd: false, relaxed: false },
  { name: 'simd128', simd: true, relaxed: false },
  { name: 'relaxed-simd', simd: true, relaxed: true },
]

export const DEFAULT_TARGETS: readonly TargetName[] = ['simd128', 'relaxed-simd']
