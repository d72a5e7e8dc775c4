/**
 * What a kernel is: a pattern of one or more nodes that it covers, what it accepts, the work it takes,
 * how it packs constants, and the functions it calls.
 */

import type { Graph, Node, Value } from '../../ir/graph/graph.ts'
import type { KernelFunction } from '../emitter/emitted-function.ts'
import type { Address, BlobRole, F32, Scratch } from '../schedule/schedule.ts'
import type { Work } from '../target/cost.ts'
import type { Target } from '../target/target.ts'

/** What a step's function is called with: an address, a constant (a number is an i32), or scratch memory of so many bytes. */
export type StepOperand = Address | F32 | ScratchNeed | number

/** Memory that a function uses while it runs, `bytes` for each part of the step. 16-byte aligned. */
export type ScratchNeed = Omit<Scratch, 'buffer'>

/** An operand: memory of `bytes` that a function uses while it runs. */
export function scratch(bytes: number): ScratchNeed {
  return { kind: 'scratch', bytes }
}

export interface StepInfo {
  /** See `Step.extent`. */
  readonly extent: number
  readonly macs?: number
}

/** Where a cover puts its steps. */
export interface Lowering {
  readonly target: Target
  /** Address of a value that exists at run time (a graph input, a result) or of a constant as it stands in the model. */
  address(value: Value): Address
  /**
   * Address of a packed constant; equal bytes are stored once. 16-byte aligned. Floats that `role`
   * says are weights may be rounded to float16 where the bundle is to be small; all else is exact.
   */
  pack(data: Float32Array | Int32Array | Uint8Array, role?: BlobRole): Address
  /** Address of memory in which one step of this cover leaves what another reads. 16-byte aligned. */
  intermediate(bytes: number): Address
  step(fn: KernelFunction, operands: readonly StepOperand[], info: StepInfo): void
}

/** One way to compute `output` from `inputs`. */
export interface Cover {
  readonly kernel: string
  /** The nodes it computes, the root first. Inner ones have no other reader. */
  readonly nodes: readonly Node[]
  /** Run-time values it reads; constants are packed by `lower`. */
  readonly inputs: readonly Value[]
  readonly outputs: readonly Value[]
  /** What it takes, in units of the cost model. */
  readonly work: Work
  /** What every part of its steps but the first computes once more because the one before it did, too. */
  readonly halo?: Work
  /** Positions in `inputs` whose buffer the output may overwrite: element i is read before it is written. */
  readonly inPlace?: readonly number[]
  /** The output is the input's memory under another shape; nothing is executed. */
  readonly view?: true
  lower(l: Lowering): void
}

export interface Kernel {
  /** Also its file's name. */
  readonly name: string
  /** The cover of the subgraph rooted at `node`, or null where pattern, shapes or target do not fit. */
  cover(node: Node, graph: Graph, target: Target): Cover | null
}
