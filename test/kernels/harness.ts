/**
 * Runs one kernel on its own: the cover of a graph's output, lowered into a real module, with
 * canaries around every buffer, against the interpreter.
 */

import binaryen from 'binaryen'
import { seededInputs } from '../../compiler/running/seeded.ts'
import type { Graph, Value } from '../../ir/graph/graph.ts'
import { interpret } from '../../ir/graph/interpret.ts'
import { allocate, bytesOf, type Tensor } from '../../ir/tensors/tensor.ts'
import { byteSize, sizeOf } from '../../ir/tensors/types.ts'
import { runtimeModule } from '../../runtime-as/runtime.ts'
import type { EmittedFunction, KernelFunction } from '../../targets/emitter/emitted-function.ts'
import { Emitter, exportedFunctions, readModule } from '../../targets/emitter/emitter.ts'
import { type Address, ALIGNMENT, READ_SLACK } from '../../targets/schedule/schedule.ts'
import type { Cover, Kernel, Lowering, StepOperand } from '../../targets/selection/kernel.ts'
import { TARGETS, type Target, type TargetName } from '../../targets/target/target.ts'
import { difference, type Tolerance } from '../closeness.ts'
import { type Instantiated, instantiate, type KernelExport } from './engine.ts'

const PAGE = 65536
/** Bytes between buffers. All ones: a NaN, should a float of it be used. */
const GAP = 256
const CANARY = 0xff
/** Parts that have scratch memory of their own. */
const PARTS = 5

export interface CheckOptions {
  /** By default every target the kernel covers the graph for; at least one must be. */
  readonly targets?: readonly TargetName[]
  /** By default rtol and atol of 1e-4. */
  readonly tolerance?: Tolerance
  readonly seed?: number
  /** By default seeded. */
  readonly inputs?: readonly Tensor[]
}

/**
 * Throws unless `kernel` computes `graph` as the interpreter does, writes its outputs and nothing
 * else, gives the same bits with every range split up into parts in any order, each with scratch memory
 * of its own, and with the output in place of each operand it may overwrite. Returns the covers that were run.
 */
export function checkKernel(kernel: Kernel, graph: Graph, options: CheckOptions = {}): Cover[] {
  const inputs = options.inputs ?? seededInputs(graph, options.seed)
  const known = valuesOf(graph, inputs)
  const covers: Cover[] = []
  for (const target of TARGETS) {
    if (options.targets && !options.targets.includes(target.name)) continue
    const cover = coverOf(kernel, graph, target)
    if (!cover && options.targets) throw new Error(`${kernel.name} does not cover the graph for ${target.name}`)
    if (!cover) continue
    covers.push(cover)
    try {
      checkCover(cover, target, known, options.tolerance ?? { rtol: 1e-4, atol: 1e-4 })
    } catch (error) {
      throw new Error(`${kernel.name} for ${target.name}: ${(error as Error).message}`, { cause: error })
    }
  }
  if (covers.length === 0) throw new Error(`${kernel.name} covers the graph for no target`)
  return covers
}

/** The cover of the node that makes the graph's first output. */
export function coverOf(kernel: Kernel, graph: Graph, target: Target): Cover | null {
  const root = graph.outputs[0]?.value
  if (root?.kind !== 'result') throw new Error('the graph computes nothing')
  return kernel.cover(root.node, graph, target)
}

function valuesOf(graph: Graph, inputs: readonly Tensor[]): Map<Value, Tensor> {
  const known = new Map<Value, Tensor>()
  graph.inputs.forEach((v, i) => {
    known.set(v, inputs[i] as Tensor)
  })
  interpret(graph, inputs, { onResult: (value, t) => known.set(value, t) })
  return known
}

function checkCover(cover: Cover, target: Target, known: ReadonlyMap<Value, Tensor>, tolerance: Tolerance): void {
  const bench = new KernelBench(cover, target)
  bench.run(known)
  cover.outputs.forEach((value, i) => {
    const worst = difference(bench.read(value).data, (known.get(value) as Tensor).data, tolerance)
    if (worst) throw new Error(`output ${i}: ${worst}`)
  })
  const whole = cover.outputs.map((value) => bytesOf(bench.read(value)))
  const expectSame = (other: KernelBench, what: string): void =>
    cover.outputs.forEach((value, i) => {
      if (Buffer.compare(bytesOf(other.read(value)), whole[i] as Uint8Array) !== 0) throw new Error(`output ${i} differs ${what}`)
    })
  if (bench.splittable) {
    for (const order of ['reversed', 'shuffled'] as const) {
      bench.run(known, order)
      expectSame(bench, `when the range is split, ${order}`)
    }
  }
  for (const position of cover.inPlace ?? []) {
    if (cover.view) break
    const inPlace = new KernelBench(cover, target, position)
    inPlace.run(known)
    expectSame(inPlace, `in place of operand ${position}`)
  }
}

interface Call {
  readonly fn: KernelFunction
  /** For each part. */
  readonly operands: readonly (readonly number[])[]
  readonly extent: number
  readonly macs: number
}

interface Region {
  readonly address: number
  readonly bytes: Uint8Array
  /** Constants and read operands must not change. */
  readonly constant: boolean
}

/** One cover in a module of its own. */
export class KernelBench {
  readonly #calls: Call[] = []
  readonly #regions: Region[] = []
  readonly #addresses = new Map<Value, number>()
  readonly #cover: Cover
  readonly #memory: Uint8Array
  readonly #exports: Instantiated['exports']
  #end = GAP

  /** With `inPlace`, the output is put where that operand is. */
  constructor(cover: Cover, target: Target, inPlace?: number) {
    this.#cover = cover
    for (const v of cover.inputs) if (!this.#addresses.has(v)) this.#addresses.set(v, this.#place(byteSize(v.type)))
    for (const v of cover.outputs) {
      const shared = inPlace === undefined && !cover.view ? undefined : (cover.inputs[inPlace ?? 0] as Value)
      this.#addresses.set(v, shared ? (this.#addresses.get(shared) as number) : this.#place(byteSize(v.type)))
    }
    cover.lower(this.#lowering(target))
    const pages = Math.ceil((this.#end + READ_SLACK) / PAGE)
    const { memory, exports } = instantiate(assemble(this.#calls, target, pages))
    this.#exports = exports
    this.#memory = memory
  }

  /** Multiply-adds of all steps. */
  get macs(): number {
    return this.#calls.reduce((sum, c) => sum + c.macs, 0)
  }

  get splittable(): boolean {
    return this.#calls.some((c) => c.extent > 1)
  }

  /** Runs all steps on the given operands, whole or in uneven parts; throws where anything but the outputs is written. */
  run(known: ReadonlyMap<Value, Tensor>, order?: PartOrder): void {
    this.prepare(known)
    this.execute(order)
    this.#checkCanaries()
  }

  prepare(known: ReadonlyMap<Value, Tensor>): void {
    this.#memory.fill(CANARY)
    for (const { address, bytes, constant } of this.#regions) if (constant) this.#memory.set(bytes, address)
    for (const v of this.#cover.inputs) this.#memory.set(bytesOf(known.get(v) as Tensor), this.#addresses.get(v))
  }

  execute(order?: PartOrder): void {
    for (const { fn, operands, extent } of this.#calls) {
      const call = this.#exports[fn.key] as KernelExport
      const whole = operands[0] as readonly number[]
      if (order) for (const { part, begin, end } of partsOf(extent, order)) call(...(operands[part] ?? whole), begin, end)
      else call(...whole, 0, extent)
    }
  }

  read(value: Value): Tensor {
    const data = allocate(value.type.dtype, sizeOf(value.type.shape))
    const address = this.#addresses.get(value) as number
    new Uint8Array(data.buffer).set(this.#memory.subarray(address, address + data.byteLength))
    return { type: value.type, data }
  }

  #lowering(target: Target): Lowering {
    const constant = (bytes: Uint8Array): Address => {
      const address = this.#place(bytes.byteLength)
      this.#regions.push({ address, bytes, constant: true })
      return { kind: 'blob', key: '', offset: address }
    }
    return {
      target,
      address: (v) =>
        v.kind === 'constant' ? constant(bytesOf(v.tensor)) : { kind: 'buffer', buffer: 0, offset: this.#addresses.get(v) as number },
      pack: (data) => constant(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
      intermediate: (bytes) => ({ kind: 'buffer', buffer: 0, offset: this.#writable(bytes) }),
      step: (fn, operands, info) => {
        const hasScratch = operands.some((o) => typeof o !== 'number' && o.kind === 'scratch')
        const ofEachPart = Array.from({ length: hasScratch ? PARTS : 1 }, () => operands.map((o) => this.#operand(o)))
        this.#calls.push({ fn, operands: ofEachPart, extent: info.extent, macs: info.macs ?? 0 })
      },
    }
  }

  #operand(o: StepOperand): number {
    if (typeof o === 'number') return o
    if (o.kind === 'scratch') return this.#writable(o.bytes)
    return o.kind === 'buffer' || o.kind === 'blob' ? o.offset : o.value
  }

  #writable(bytes: number): number {
    const address = this.#place(bytes)
    this.#regions.push({ address, bytes: new Uint8Array(bytes), constant: false })
    return address
  }

  #place(bytes: number): number {
    const address = Math.ceil(this.#end / ALIGNMENT) * ALIGNMENT
    this.#end = address + bytes + GAP
    return address
  }

  #checkCanaries(): void {
    const used = new Uint8Array(this.#end)
    for (const { address, bytes, constant } of this.#regions) {
      used.fill(1, address, address + bytes.length)
      if (constant && Buffer.compare(bytes, this.#memory.subarray(address, address + bytes.length)) !== 0) {
        throw new Error('a constant was written')
      }
    }
    for (const [v, address] of this.#addresses) used.fill(1, address, address + byteSize(v.type))
    for (let i = 0; i < this.#end; i++) {
      if (!used[i] && this.#memory[i] !== CANARY) throw new Error(`byte ${i}, outside of all buffers, was written (${this.#neighbour(i)})`)
    }
  }

  #neighbour(at: number): string {
    const near = [...this.#addresses].find(([v, address]) => at >= address - GAP && at < address + byteSize(v.type) + GAP)
    if (!near) return 'near a constant'
    const [v, address] = near
    const side = at < address ? `${address - at} bytes before` : `${at - address - byteSize(v.type)} bytes after`
    return `${side} ${this.#cover.outputs.includes(v as never) ? 'an output' : 'an input'}`
  }
}

/** Of the parts of a step: from the last to the first, or in an order of no meaning. */
type PartOrder = 'reversed' | 'shuffled'

interface Range {
  readonly part: number
  readonly begin: number
  readonly end: number
}

/** [0, extent) in at most `PARTS` uneven parts. */
function partsOf(extent: number, order: PartOrder): Range[] {
  const cuts = [...new Set([0, 1, Math.floor(extent / 3), Math.floor((extent * 2) / 3) + 1, extent - 1, extent])]
  const sorted = cuts.filter((c) => c >= 0 && c <= extent).sort((a, b) => a - b)
  const parts = sorted.slice(1).map((end, part) => ({ part, begin: sorted[part] as number, end }))
  return order === 'reversed' ? parts.reverse() : [...parts.filter((p) => p.part % 2 === 1), ...parts.filter((p) => p.part % 2 === 0)]
}

/** Modules by everything they are made from: the runs of a cover share one. */
const modules = new Map<string, Uint8Array>()

function assemble(calls: readonly Call[], target: Target, pages: number): Uint8Array {
  const functions = new Map(calls.flatMap(({ fn }) => withCalled(fn)).map((fn) => [fn.key, fn]))
  const emitted = [...functions.values()].filter((fn) => fn.kind === 'emitted')
  const called = new Set(calls.map(({ fn }) => fn.key))
  const key = [target.name, pages, emitted.length > 0 && [...functions.keys()]].join(' ')
  const known = modules.get(key) ?? build(emitted, emitted.length < functions.size || emitted.length === 0, target, pages, called)
  modules.set(key, known)
  return known
}

/** A function and all it calls. */
function withCalled(fn: KernelFunction): KernelFunction[] {
  return fn.kind === 'emitted' ? [fn, ...(fn.calls ?? []).flatMap(withCalled)] : [fn]
}

function build(
  emitted: readonly EmittedFunction[],
  runtime: boolean,
  target: Target,
  pages: number,
  called: ReadonlySet<string>,
): Uint8Array {
  const module = runtime ? readModule(runtimeModule(target.runtime)) : new binaryen.Module()
  try {
    const names = exportedFunctions(module)
    if (runtime) module.removeExport('memory')
    if (emitted.length > 0) for (const name of names.keys()) if (!called.has(name)) module.removeExport(name)
    module.setMemory(pages, pages, 'memory', [])
    const emitter = new Emitter(module, target, names)
    for (const fn of emitted) {
      fn.emit(emitter)
      module.addFunctionExport(fn.key, fn.key)
    }
    if (emitted.length > 0) optimise(module)
    if (!module.validate()) throw new Error('the module is not valid')
    return module.emitBinary()
  } finally {
    module.dispose()
  }
}

function optimise(module: binaryen.Module): void {
  module.runPasses(['remove-unused-module-elements'])
  binaryen.setOptimizeLevel(2)
  binaryen.setShrinkLevel(0)
  module.optimize()
}
