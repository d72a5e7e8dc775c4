/** The library entry. */

import { DEFAULT_TARGETS, type TargetName } from '../targets/target.ts'
import type { WeightFormat } from '../targets/wasm/weights.ts'
import type { Bundle } from './bundle.ts'
import type { ImportOptions } from './onnx/import.ts'
import { type CompileEvents, compileModel } from './pipeline.ts'

export { Diagnostic, Diagnostics, InternalError } from '../ir/diagnostics.ts'
export type { TargetName } from '../targets/target.ts'
export type { WeightFormat } from '../targets/wasm/weights.ts'
export type { Bundle, Manifest } from './bundle.ts'
export type { CompileEvents } from './pipeline.ts'

export interface CompileOptions extends ImportOptions, CompileEvents {
  /** Which modules the bundle holds. Default: `simd128` and `relaxed-simd`. */
  readonly targets?: readonly TargetName[]
  /** The bundle's package name. Default: `model`. */
  readonly name?: string
  /** Makes a bundle that `profile` can time step by step: modules also export `step(i)`, and `profile.json` says what each is. */
  readonly profile?: boolean
  /**
   * How weights are stored: as float32 (the default), or rounded to float16, which halves the download. They are
   * expanded at load: memory, speed and arithmetic are the same.
   */
  readonly weights?: WeightFormat
  /** Puts modules and weights into `index.js`, which then fetches nothing. Default: false. */
  readonly singleFile?: boolean
}

/**
 * Compiles an ONNX model into the files of a bundle.
 *
 * Rejects with `Diagnostic` or `Diagnostics` where the model is invalid or unsupported, and with
 * `InternalError` for a mistake of the compiler.
 */
export async function compile(model: Uint8Array, options: CompileOptions = {}): Promise<Bundle> {
  return compileModel(model, { ...options, name: options.name ?? 'model', targets: options.targets ?? DEFAULT_TARGETS })
}
