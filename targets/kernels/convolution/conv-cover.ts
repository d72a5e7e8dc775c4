/** Covers of convolutions: which values they read and write, and how their functions are called. */

import { type Node, resultOf, type Value } from '../../../ir/graph/graph.ts'
import type { EmittedFunction } from '../../emitter/emitted-function.ts'
import type { Address } from '../../schedule/schedule.ts'
import type { Cover, Lowering } from '../../selection/kernel.ts'
import type { Work } from '../../target/cost.ts'
import type { ConvShape } from './shape/conv-shape.ts'
import type { EmittableShape } from './tiles/emittable-shape.ts'

export interface ConvAddresses {
  readonly x: Address
  readonly y: Address
  readonly residual: Address | null
}

export interface ConvCover {
  readonly kernel: string
  readonly shape: ConvShape
  /** The value that holds the activations, if it is not the convolution's own operand. */
  readonly input?: Value
  /** Default: the convolution alone. */
  readonly nodes?: readonly Node[]
  readonly work: Work
  /** Adds the steps. */
  lower(l: Lowering, at: ConvAddresses): void
}

/**
 * The cover of a convolution whose steps `lower` adds. The result may overwrite the residual, unless the
 * residual also holds the activations.
 */
export function convCover({ kernel, shape, input, nodes, work, lower }: ConvCover): Cover {
  const { node, residual } = shape
  const [own, w, bias] = node.inputs as [Value, Value, Value]
  const x = input ?? own
  const y = resultOf(node)
  const inputs: readonly Value[] = [...new Set([x, w, bias, ...(residual ? [residual] : [])])].filter((v) => v.kind !== 'constant')
  const overwritable = residual && residual !== x ? inputs.indexOf(residual) : -1
  return {
    kernel,
    nodes: nodes ?? [node],
    inputs,
    outputs: [y],
    work,
    ...(overwritable < 0 ? {} : { inPlace: [overwritable] }),
    lower: (l) => lower(l, { x: l.address(x), y: l.address(y), residual: residual ? l.address(residual) : null }),
  }
}

/** A function that computes convolutions, with the operands and the range for one of them. */
export interface SizedFunction {
  readonly fn: EmittedFunction
  /** For a function that is not specialised by shape: its operands between `constants` and the range. */
  readonly sizes?: readonly number[]
}

export interface ConvCall extends SizedFunction, Omit<ConvCover, 'lower'> {
  readonly shape: EmittableShape
  /** Size of the range it can be split over. */
  readonly extent: number
  pack(): Float32Array | Uint8Array
}

/**
 * The cover of a convolution by one call of an emitted function. The function has the parameters of
 * `convFunction`, and those that `sizes` gives.
 */
export function callCover(call: ConvCall): Cover {
  const { shape, fn, sizes = [], extent } = call
  const { epilogue, macs } = shape
  return convCover({
    ...call,
    lower(l, { x, y, residual }) {
      const weights = l.pack(call.pack(), 'weights')
      const constants = epilogue.constants.length > 0 ? l.pack(epilogue.constants) : 0
      l.step(fn, [x, weights, y, residual ?? 0, constants, ...sizes], { extent, macs })
    },
  })
}
