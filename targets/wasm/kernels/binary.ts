/** Functions of two operands, element by element, with broadcasting. */

import { type Node, resultOf, type Value } from '../../../ir/graph.ts'
import { broadcastStrides } from '../../../ir/ops/broadcast.ts'
import { BINARY, type BinaryName } from '../../../ir/ops/scalar.ts'
import type { Operand } from '../../../ir/schedule.ts'
import { numbers } from '../../../ir/tensor.ts'
import { sizeOf } from '../../../ir/types.ts'
import type { Kernel, Lowering } from '../kernel.ts'
import { collapse, rowsOf, type Walk } from './rows.ts'
import {
  elementCost,
  float32Of,
  intoFloat32,
  isFloat32Or16,
  isSuffixed,
  runtimeCover,
  runtimeFunction,
  TYPE_SUFFIX,
} from './runtime-call.ts'

type BinaryNode = Extract<Node, { readonly op: BinaryName }>

/** The runtime's function codes. */
const CODES: Readonly<Record<BinaryName, number>> = { add: 0, sub: 1, mul: 2, div: 3, min: 4, max: 5, pow: 6, prelu: 7 }

/** Nanoseconds per element. */
const POW = 40
const TYPED = 3

export const binary: Kernel = {
  name: 'binary',
  cover(node) {
    if (!isBinary(node)) return null
    const dtype = resultOf(node).type.dtype
    if (isFloat32Or16(dtype)) return floatCover(node)
    if (!isSuffixed(dtype)) return null
    return runtimeCover({
      kernel: 'binary',
      node,
      cost: elementCost(node, TYPED),
      inPlace: true,
      lower(l, y) {
        const [a, b] = node.inputs as [Value, Value]
        const { descriptor, count } = rowsOf(walkOf(node))
        const operands = [CODES[node.op], l.address(a), l.address(b), y, l.pack(descriptor)]
        l.step(runtimeFunction(`binary_${TYPE_SUFFIX[dtype]}`), operands, { extent: count })
      },
    })
  },
}

function isBinary(node: Node): node is BinaryNode {
  return node.op in BINARY
}

function walkOf(node: BinaryNode): Walk {
  const { shape } = resultOf(node).type
  return collapse(
    shape,
    node.inputs.map((v) => broadcastStrides(v.type.shape, shape)),
  )
}

function floatCover(node: BinaryNode): ReturnType<Kernel['cover']> {
  const y = resultOf(node)
  const square = isSquare(node)
  return runtimeCover({
    kernel: 'binary',
    node,
    cost: elementCost(node, node.op === 'pow' && !square ? POW : 0),
    inPlace: y.type.dtype === 'float32',
    lower(l, at) {
      const [a, b] = node.inputs.map((v) => float32Of(l, v)) as [Operand, Operand]
      intoFloat32(l, y, at, (to) => {
        if (square) l.step(runtimeFunction('mul_flat_f32'), [a, 1, a, 1, to], { extent: sizeOf(y.type.shape) })
        else lowerFloat(l, node, a, b, to)
      })
    },
  })
}

/** x to the power of the constant 2, which is x·x. */
function isSquare(node: BinaryNode): boolean {
  const [x, exponent] = node.inputs as [Value, Value]
  if (node.op !== 'pow' || exponent.kind !== 'constant' || sizeOf(x.type.shape) !== sizeOf(resultOf(node).type.shape)) return false
  return Array.from(numbers(exponent.tensor)).every((e) => e === 2)
}

function lowerFloat(l: Lowering, node: BinaryNode, a: Operand, b: Operand, y: Operand): void {
  const walk = walkOf(node)
  if (walk.shape.length <= 1) {
    const [stepA, stepB] = walk.strides.map((s) => s[0] ?? 0) as [number, number]
    l.step(runtimeFunction(`${node.op}_flat_f32`), [a, stepA, b, stepB, y], { extent: walk.shape[0] ?? 1 })
  } else {
    const { descriptor, count } = rowsOf(walk)
    l.step(runtimeFunction(`${node.op}_rows_f32`), [a, b, y, l.pack(descriptor)], { extent: count })
  }
}
