/** Runs a compiled module in this process. Inputs and outputs are read and written directly in its memory. */

import { allocate, type Tensor, type TensorData } from '../../ir/tensors/tensor.ts'
import { sizeOf } from '../../ir/tensors/types.ts'
import type { CompiledModule, ModulePort } from '../../targets/linking/module.ts'
import type { Target } from '../../targets/target/target.ts'

/** The part of the WebAssembly interface that is used here. The compiler is built without the types of browsers. */
const engine = (globalThis as unknown as { WebAssembly: Engine }).WebAssembly
const { Instance, Module } = engine

interface Engine {
  validate(bytes: Uint8Array): boolean
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: object }
}

/** Whether this process can run modules of the target. */
export function runnable({ probe }: Target): boolean {
  return engine.validate(probe)
}

export interface LiveModule {
  /** Views on the module's memory, in the order of the ports. */
  readonly inputs: readonly TensorData[]
  readonly outputs: readonly TensorData[]
  run(): void
  /** Runs the step at this position. Only modules made for profiling have it. */
  readonly step?: (i: number) => void
  /**
   * Computes the range [begin, end) of the step at this position, as the part with this number. Only modules
   * made to run in parts have it.
   */
  readonly part?: (i: number, part: number, begin: number, end: number) => void
}

/** Instantiates a module and loads its weights. Throws where the engine cannot run its target. */
export function instantiate(compiled: CompiledModule, weights: Uint8Array): LiveModule {
  const { memory, run, step, part, widen } = new Instance(new Module(compiled.wasm)).exports as {
    memory: { buffer: ArrayBuffer }
    run(): void
    step?(i: number): void
    part?(i: number, part: number, begin: number, end: number): void
    widen?(): void
  }
  for (const { offset, bytes, address } of compiled.segments) {
    new Uint8Array(memory.buffer, address, bytes).set(weights.subarray(offset, offset + bytes))
  }
  widen?.()
  const view = ({ dtype, shape, address }: ModulePort): TensorData => {
    const View = allocate(dtype, 0).constructor as new (buffer: ArrayBuffer, offset: number, length: number) => TensorData
    return new View(memory.buffer, address, sizeOf(shape))
  }
  return { inputs: compiled.inputs.map(view), outputs: compiled.outputs.map(view), run, ...(step && { step }), ...(part && { part }) }
}

/** Output tensors by position, from input tensors by position. */
export function runModule(compiled: CompiledModule, weights: Uint8Array, inputs: readonly Tensor[]): Tensor[] {
  const live = instantiate(compiled, weights)
  live.inputs.forEach((view, i) => {
    view.set((inputs[i] as Tensor).data as never)
  })
  live.run()
  return compiled.outputs.map(({ dtype, shape }, i) => ({ type: { dtype, shape }, data: (live.outputs[i] as TensorData).slice() }))
}
