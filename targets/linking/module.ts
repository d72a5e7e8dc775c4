/** The result of linking: one module for one target, and the places of things in its memory. */

import type { DType, Shape } from '../../ir/tensors/types.ts'
import type { Target } from '../target/target.ts'

/** An input or output of the model, stored row-major at `address` in the model's own shape and layout. */
export interface ModulePort {
  readonly name: string
  readonly dtype: DType
  readonly shape: Shape
  readonly address: number
}

/** weights.bin[offset, offset + bytes) is loaded to memory[address, address + bytes). */
export interface WeightSegment {
  readonly offset: number
  readonly bytes: number
  readonly address: number
}

/** One kernel call of a run, as profiles show it. */
export interface ModuleStep {
  /** Key of the kernel function. */
  readonly kernel: string
  /** Names of the ONNX nodes it computes. */
  readonly origins: readonly string[]
  readonly macs: number
  /** Bytes read and written, each once. */
  readonly traffic: number
}

export interface CompiledModule {
  readonly target: Target
  /**
   * The binary. It imports nothing. It exports `memory`, whose initial size is also its maximum, and `run()`.
   *
   * A module made for profiling also exports `step(i)`; calling it for all steps in order is one run. A module
   * made to run in parts also exports `part(i, part, begin, end)`, which computes a range of step i with the
   * scratch memory of that part. A module with some weights stored as float16 also exports `widen()`, which
   * must be called once after the weights are loaded.
   */
  readonly wasm: Uint8Array
  /** The whole linear memory. */
  readonly memoryBytes: number
  readonly arenaBytes: number
  readonly weightBytes: number
  /** Multiply-adds of one run. */
  readonly macs: number
  readonly steps: readonly ModuleStep[]
  readonly segments: readonly WeightSegment[]
  readonly inputs: readonly ModulePort[]
  readonly outputs: readonly ModulePort[]
  /** Address where rows of an image are put for `image_rows`, in modules that have it. */
  readonly strip?: number
}
