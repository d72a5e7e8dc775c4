/** Makes a schedule from covers: the steps in order, the buffers with their lifetimes, and the packed constants. */

import { createHash } from 'node:crypto'
import { InternalError } from '../../ir/diagnostics.ts'
import type { Graph, Value } from '../../ir/graph/graph.ts'
import { bytesOf } from '../../ir/tensors/tensor.ts'
import { byteSize } from '../../ir/tensors/types.ts'
import type { KernelFunction } from '../emitter/emitted-function.ts'
import { callRuntime } from '../kernels/runtime/runtime-call.ts'
import {
  type Address,
  ALIGNMENT,
  type Blob,
  type BlobRole,
  type Buffer,
  type Operand,
  type PortBuffer,
  type Schedule,
  type Step,
} from '../schedule/schedule.ts'
import type { Cover, Lowering, StepInfo, StepOperand } from '../selection/kernel.ts'
import type { Target } from '../target/target.ts'
import type { ImageStage } from './image.ts'

export interface LoweredSchedule extends Schedule {
  /** The cover that each step was made for; null for a step that copies to an output. */
  readonly covers: readonly (Cover | null)[]
  /** What makes the input from an image, before the first step. */
  readonly image?: ImageStage
  /** Every function the steps call, by key. */
  readonly functions: ReadonlyMap<string, KernelFunction>
}

/** Memory that one or more values share: a value, its views, and the results that overwrite it in place. */
interface Storage {
  readonly id: number
  readonly bytes: number
  readonly name: string
  first: number
  last: number
  /** True for graph inputs, which no step may write, and for graph outputs, which are read after the run. */
  pinned: boolean
}

/** The schedule of covers in order, operands before readers. `parts`: how many parts of a step may run at once. */
export function lower(graph: Graph, covers: readonly Cover[], target: Target, parts = 1): LoweredSchedule {
  const lowerer = new Lowerer(graph, covers, target, parts)
  covers.forEach((cover, index) => {
    lowerer.lowerCover(cover, index)
  })
  return lowerer.finish()
}

class Lowerer {
  readonly #graph: Graph
  readonly #target: Target
  readonly #parts: number
  readonly #lastReader: Map<Value, number>
  readonly #storages: Storage[] = []
  readonly #storageOf = new Map<Value, Storage>()
  readonly #steps: Step[] = []
  readonly #covers: (Cover | null)[] = []
  readonly #blobs = new Map<string, Blob>()
  readonly #functions = new Map<string, KernelFunction>()
  readonly #outputs: ReadonlySet<Value>

  constructor(graph: Graph, covers: readonly Cover[], target: Target, parts: number) {
    this.#graph = graph
    this.#target = target
    this.#parts = parts
    this.#lastReader = lastReaders(covers)
    this.#outputs = new Set(graph.outputs.map((o) => o.value))
    for (const v of graph.inputs) {
      const storage = this.#newStorage(byteSize(v.type), v.name, -1)
      storage.pinned = true
      this.#storageOf.set(v, storage)
    }
  }

  lowerCover(cover: Cover, index: number): void {
    const start = this.#steps.length
    for (const value of cover.outputs) this.#storageOf.set(value, this.#outputStorage(cover, value, index))
    const touched = [...cover.inputs, ...cover.outputs].flatMap((v) => this.#storageOf.get(v) ?? [])
    cover.lower(this.#lowering(cover, touched))
    while (this.#covers.length < this.#steps.length) this.#covers.push(cover)
    const end = Math.max(start, this.#steps.length - 1)
    for (const storage of touched) {
      storage.first = Math.min(storage.first, start)
      storage.last = Math.max(storage.last, end)
    }
  }

  finish(): LoweredSchedule {
    const inputs = this.#graph.inputs.map((v) => this.#port(v.name, v, this.#storage(v)))
    const outputs = this.#graph.outputs.map((o) => this.#port(o.name, o.value, this.#outputOf(o.value, o.name)))
    const end = this.#steps.length
    const buffers: Buffer[] = this.#storages.map((s) => ({
      id: s.id,
      bytes: s.bytes,
      first: s.first,
      last: s.pinned ? end : s.last,
      name: s.name,
    }))
    return {
      parts: this.#parts,
      steps: this.#steps,
      covers: this.#covers,
      buffers,
      blobs: [...this.#blobs.values()],
      inputs,
      outputs,
      functions: this.#functions,
    }
  }

  /**
   * The storage of an output. An output that is a constant, a graph input or a view of one is copied, so that
   * the caller gets memory that belongs to the output alone.
   */
  #outputOf(value: Value, name: string): Storage {
    const known = this.#storageOf.get(value)
    const isInput = this.#graph.inputs.some((v) => this.#storageOf.get(v) === known)
    if (known && !isInput) {
      known.pinned = true
      return known
    }
    const copy = this.#newStorage(byteSize(value.type), name, this.#steps.length)
    copy.pinned = true
    const source = known ? addressOf(known) : this.#pack(bytesOf((value as { tensor: Parameters<typeof bytesOf>[0] }).tensor))
    const step: Lowering['step'] = (fn, operands, info) => this.#step(fn, operands, info, [])
    callRuntime({ step }, 'copy', { x: source, y: addressOf(copy) }, { extent: byteSize(value.type) })
    this.#covers.push(null)
    return copy
  }

  #port(name: string, value: Value, storage: Storage): PortBuffer {
    return { name, type: { dtype: value.type.dtype, shape: value.type.shape }, buffer: storage.id }
  }

  #outputStorage(cover: Cover, value: Value, index: number): Storage {
    if (cover.view) return this.#storage(cover.inputs[0] as Value)
    const inPlace = cover.inPlace ?? []
    const readLate = new Set(cover.inputs.filter((_, i) => !inPlace.includes(i)).map((v) => this.#storageOf.get(v)))
    for (const position of inPlace) {
      const operand = cover.inputs[position] as Value
      const storage = this.#storageOf.get(operand)
      if (storage && !readLate.has(storage) && this.#diesAt(storage, index) && byteSize(operand.type) === byteSize(value.type))
        return storage
    }
    return this.#newStorage(byteSize(value.type), value.name, this.#steps.length)
  }

  /** Whether no value in `storage` is read after cover `index`, and none is a graph input or output. */
  #diesAt(storage: Storage, index: number): boolean {
    if (storage.pinned) return false
    for (const [value, s] of this.#storageOf) {
      if (s === storage && (this.#outputs.has(value) || (this.#lastReader.get(value) ?? -1) > index)) return false
    }
    return true
  }

  #lowering(cover: Cover, touched: Storage[]): Lowering {
    const origins = [...new Set(cover.nodes.flatMap((n) => n.origins))]
    const traffic = [...cover.inputs, ...cover.outputs].reduce((sum, v) => sum + byteSize(v.type), 0)
    let packed = 0
    return {
      target: this.#target,
      address: (value) => {
        if (value.kind !== 'constant') return addressOf(this.#storage(value))
        return this.#pack(bytesOf(value.tensor))
      },
      pack: (data, role) => {
        packed += data.byteLength
        return this.#pack(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), role)
      },
      intermediate: (bytes) => {
        const storage = this.#newStorage(bytes, `between steps of ${cover.kernel}`, this.#steps.length)
        touched.push(storage)
        return addressOf(storage)
      },
      step: (fn, operands, info) => this.#step(fn, operands, info, origins, traffic + packed),
    }
  }

  #step(fn: KernelFunction, operands: readonly StepOperand[], info: StepInfo, origins: readonly string[], traffic = 0): void {
    this.#addFunction(fn)
    this.#steps.push({
      fn: fn.key,
      operands: operands.map((o) => this.#operand(o, fn)),
      extent: info.extent,
      macs: info.macs ?? 0,
      traffic,
      origins,
    })
  }

  #operand(o: StepOperand, fn: KernelFunction): Operand {
    if (typeof o === 'number') return { kind: 'i32', value: o }
    if (o.kind !== 'scratch') return o
    const bytes = align(o.bytes)
    const { id } = this.#newStorage(bytes * this.#parts, `scratch of ${fn.key}`, this.#steps.length)
    return { kind: 'scratch', buffer: id, bytes }
  }

  #addFunction(fn: KernelFunction): void {
    this.#functions.set(fn.key, fn)
    if (fn.kind === 'emitted') for (const called of fn.calls ?? []) this.#addFunction(called)
  }

  /** Packs bytes. Bytes that are used once as weights and once as `exact` are exact. */
  #pack(bytes: Uint8Array, role: BlobRole = 'exact'): Address {
    const key = createHash('sha256').update(bytes).digest('hex')
    const known = this.#blobs.get(key)
    if (!known || (role === 'exact' && known.role !== role)) this.#blobs.set(key, { key, bytes, role })
    return { kind: 'blob', key, offset: 0 }
  }

  #storage(value: Value): Storage {
    const storage = this.#storageOf.get(value)
    if (!storage) throw new InternalError(`${value.name} is used before it is computed`)
    return storage
  }

  #newStorage(bytes: number, name: string, first: number): Storage {
    const storage = { id: this.#storages.length, bytes: align(bytes), name, first, last: first, pinned: false }
    this.#storages.push(storage)
    return storage
  }
}

/** A whole number of alignments, at least one. */
function align(bytes: number): number {
  return Math.max(ALIGNMENT, Math.ceil(bytes / ALIGNMENT) * ALIGNMENT)
}

function addressOf(storage: Storage): Address {
  return { kind: 'buffer', buffer: storage.id, offset: 0 }
}

function lastReaders(covers: readonly Cover[]): Map<Value, number> {
  const last = new Map<Value, number>()
  covers.forEach((cover, index) => {
    for (const v of cover.inputs) last.set(v, index)
  })
  return last
}
