/**
 * The interface of a kernel. A kernel says which nodes it covers and what it accepts, how much work that is,
 * how it packs constants, and which functions it calls.
 */

import type { Graph, Node, Value } from '../../ir/graph/graph.ts'
import type { KernelFunction } from '../emitter/emitted-function.ts'
import type { Address, BlobRole, F32, Scratch } from '../schedule/schedule.ts'
import type { Work } from '../target/cost.ts'
import type { Target } from '../target/target.ts'

/**
 * An operand of a step's function: an address, an f32, a number (passed as an i32), or scratch memory of a
 * given size.
 */
export type StepOperand = Address | F32 | ScratchNeed | number

/** Memory that a function uses while it runs: `bytes` for each part of the step, aligned to 16 bytes. */
export type ScratchNeed = Omit<Scratch, 'buffer'>

/** An operand that stands for scratch memory of `bytes` bytes. */
export function scratch(bytes: number): ScratchNeed {
  return { kind: 'scratch', bytes }
}

export interface StepInfo {
  /** See `Step.extent`. */
  readonly extent: number
  readonly macs?: number
}

/** Takes the steps of a cover and gives addresses for their operands. */
export interface Lowering {
  readonly target: Target
  /**
   * Address of a value. The value exists at run time (a graph input or a result), or it is a constant that is
   * stored as in the model.
   */
  address(value: Value): Address
  /**
   * Address of a packed constant, aligned to 16 bytes. Equal bytes are stored once. If `role` says that the
   * floats are weights, a small bundle may round them to float16. Everything else stays exact.
   */
  pack(data: Float32Array | Int32Array | Uint8Array, role?: BlobRole): Address
  /** Address of memory, aligned to 16 bytes, with which one step of this cover passes data to another. */
  intermediate(bytes: number): Address
  step(fn: KernelFunction, operands: readonly StepOperand[], info: StepInfo): void
}

/** One way to compute `outputs` from `inputs`. */
export interface Cover {
  readonly kernel: string
  /** The nodes that it computes, the root first. Apart from the root, no node is read by nodes outside. */
  readonly nodes: readonly Node[]
  /** Run-time values it reads; constants are packed by `lower`. */
  readonly inputs: readonly Value[]
  readonly outputs: readonly Value[]
  /** The work that it takes, in units of the cost model. */
  readonly work: Work
  /** The work that every part except the first repeats, because the part before it needs the same values. */
  readonly halo?: Work
  /**
   * Positions in `inputs` of values whose buffer the output may overwrite. For them, element i is read before
   * it is written.
   */
  readonly inPlace?: readonly number[]
  /** The output is the input's memory under another shape, so nothing is executed. */
  readonly view?: true
  lower(l: Lowering): void
}

export interface Kernel {
  /** The name, which is also the name of its file. */
  readonly name: string
  /** The cover of the subgraph rooted at `node`, or null where pattern, shapes or target do not fit. */
  cover(node: Node, graph: Graph, target: Target): Cover | null
}
