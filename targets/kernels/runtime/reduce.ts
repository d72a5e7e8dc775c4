/** Reductions along axes. */

import { type NodeOf, resultOf, type Value } from '../../../ir/graph/graph.ts'
import type { Reduction } from '../../../ir/ops/reduce.ts'
import { sizeOf, stridesOf } from '../../../ir/tensors/types.ts'
import { L1, L2, MAX, MIN, PROD, SUM } from '../../../runtime-as/codes.ts'
import type { Cover, Kernel } from '../../selection/kernel.ts'
import { collapse, elementRows } from './rows.ts'
import { callRuntime, f32 } from './runtime-call.ts'
import { elementWork, runtimeCover } from './runtime-cover.ts'
import { isComputed, TYPE_CODE } from './type-code.ts'

type ReduceNode = NodeOf<'reduce'>

/** The runtime's function of each reduction; a mean is a scaled sum. */
const FUNCTIONS: Readonly<Record<Reduction, 'sum' | Exclude<Reduction, 'mean'>>> = {
  mean: 'sum',
  sum: 'sum',
  max: 'max',
  min: 'min',
  prod: 'prod',
  l1: 'l1',
  l2: 'l2',
}
const CODES = { sum: SUM, max: MAX, min: MIN, prod: PROD, l1: L1, l2: L2 } as const

export const reduce: Kernel = {
  name: 'reduce',
  cover(node) {
    if (node.op !== 'reduce' || !isComputed(resultOf(node).type.dtype)) return null
    const block = blockOf(node)
    if (block && resultOf(node).type.dtype === 'float32') return blockCover(node, block)
    return generalCover(node)
  },
}

/** A reduction of the middle of [outer, reduced, inner]. */
interface Block {
  readonly reduced: number
  readonly inner: number
}

/** Neighbouring reduced axes, apart from axes of extent 1, or null. */
function blockOf({ attrs, inputs }: ReduceNode): Block | null {
  const { shape } = (inputs[0] as Value).type
  const isReduced = shape.map((d, axis) => d !== 1 && attrs.axes.includes(axis))
  const first = isReduced.indexOf(true)
  const last = isReduced.lastIndexOf(true)
  if (first < 0) return { reduced: 1, inner: sizeOf(shape) }
  if (shape.some((d, axis) => axis > first && axis < last && !isReduced[axis] && d !== 1)) return null
  return { reduced: sizeOf(shape.slice(first, last + 1)), inner: sizeOf(shape.slice(last + 1)) }
}

function blockCover(node: ReduceNode, { reduced, inner }: Block): Cover {
  const [x] = node.inputs as [Value]
  const y = resultOf(node)
  return runtimeCover({
    kernel: 'reduce',
    node,
    work: elementWork(node, { read: sizeOf(x.type.shape) }),
    lower(l, at) {
      const scale = f32(node.attrs.fn === 'mean' ? 1 / reduced : 1)
      const operands = { x: l.address(x), y: at, reduced, inner, scale }
      callRuntime(l, `reduce_${FUNCTIONS[node.attrs.fn]}_f32`, operands, { extent: sizeOf(y.type.shape) })
    },
  })
}

function generalCover(node: ReduceNode): Cover {
  const [x] = node.inputs as [Value]
  const y = resultOf(node)
  const { shape } = x.type
  const strides = stridesOf(shape)
  const walk = (reduced: boolean): Int32Array => {
    const axes = shape.map((_, axis) => axis).filter((axis) => node.attrs.axes.includes(axis) === reduced)
    const pick = (of: readonly number[]): number[] => axes.map((axis) => of[axis] as number)
    return elementRows(collapse(pick(shape), [pick(strides)]))
  }
  return runtimeCover({
    kernel: 'reduce',
    node,
    work: elementWork(node, { anyRead: sizeOf(shape) }),
    lower(l, at) {
      const { fn, axes } = node.attrs
      const count = sizeOf(axes.map((axis) => shape[axis] as number))
      const operands = {
        fn: CODES[FUNCTIONS[fn]],
        mean: Number(fn === 'mean'),
        type: TYPE_CODE[x.type.dtype],
        x: l.address(x),
        y: at,
        kept: l.pack(walk(false)),
        reduced: l.pack(walk(true)),
        count,
      }
      callRuntime(l, 'reduce_any', operands, { extent: sizeOf(y.type.shape) })
    },
  })
}
