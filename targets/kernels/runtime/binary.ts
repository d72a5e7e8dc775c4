/** Functions of two operands, element by element, with broadcasting. */

import { type Node, resultOf, type Value } from '../../../ir/graph/graph.ts'
import { broadcastStrides } from '../../../ir/ops/broadcast.ts'
import { BINARY, type BinaryName } from '../../../ir/scalar/functions.ts'
import { numbers } from '../../../ir/tensors/tensor.ts'
import { sizeOf } from '../../../ir/tensors/types.ts'
import { floatsOf } from '../../packing/pack.ts'
import type { Address } from '../../schedule/schedule.ts'
import type { Kernel, Lowering } from '../../selection/kernel.ts'
import { collapse, rowsOf, type Walk } from './rows.ts'
import { elementWork, isSuffixed, runtimeCover, runtimeFunction, TYPE_SUFFIX } from './runtime-cover.ts'

type BinaryNode = Extract<Node, { readonly op: BinaryName }>

/** The runtime's function codes. */
const CODES: Readonly<Record<BinaryName, number>> = { add: 0, sub: 1, mul: 2, div: 3, min: 4, max: 5, pow: 6, prelu: 7 }

export const binary: Kernel = {
  name: 'binary',
  cover(node) {
    if (!isBinary(node)) return null
    const dtype = resultOf(node).type.dtype
    if (dtype === 'float32') return floatCover(node)
    if (!isSuffixed(dtype)) return null
    return runtimeCover({
      kernel: 'binary',
      node,
      work: elementWork(node, { anyArithmetic: sizeOf(resultOf(node).type.shape) }),
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
    work: elementWork(node, {
      [node.op === 'pow' && !square ? 'series' : 'arithmetic']: sizeOf(y.type.shape),
      row: rowsOf(walkOf(node)).count,
    }),
    inPlace: true,
    lower(l, at) {
      const [a, b] = node.inputs.map((v) => l.address(v)) as [Address, Address]
      if (square) l.step(runtimeFunction('mul_flat_f32'), [a, 1, a, 1, at], { extent: sizeOf(y.type.shape) })
      else lowerFloat(l, node, a, b, at)
    },
  })
}

/** x to the power of the constant 2, which is x·x. */
function isSquare(node: BinaryNode): boolean {
  const [x, exponent] = node.inputs as [Value, Value]
  if (node.op !== 'pow' || exponent.kind !== 'constant' || sizeOf(x.type.shape) !== sizeOf(resultOf(node).type.shape)) return false
  return Array.from(numbers(exponent.tensor)).every((e) => e === 2)
}

function lowerFloat(l: Lowering, node: BinaryNode, a: Address, b: Address, y: Address): void {
  const { walk, tiled } = tileShortRows(l, node)
  const [from, by] = [tiled[0] ?? a, tiled[1] ?? b]
  if (walk.shape.length <= 1) {
    const [stepA, stepB] = walk.strides.map((s) => s[0] ?? 0) as [number, number]
    l.step(runtimeFunction(`${node.op}_flat_f32`), [from, stepA, by, stepB, y], { extent: walk.shape[0] ?? 1 })
  } else {
    const { descriptor, count } = rowsOf(walk)
    l.step(runtimeFunction(`${node.op}_rows_f32`), [from, by, y, l.pack(descriptor)], { extent: count })
  }
}

/** Elements that a row should have, lest its call take longer than its work. */
const ROW = 64

interface TiledWalk {
  readonly walk: Walk
  /** By position: what replaces an operand. */
  readonly tiled: readonly (Address | undefined)[]
}

/** Rows that are short and meet the same constant each, such as pixels of three channels, in several at a time. */
function tileShortRows(l: Lowering, node: BinaryNode): TiledWalk {
  const walk = walkOf(node)
  const [rows = 1, inner = 1] = walk.shape
  const position = node.inputs.findIndex((v, i) => isConstantRow(v, walk.strides[i] as number[]))
  const other = walk.strides[1 - position] ?? []
  const times = Array.from({ length: Math.floor(ROW / inner) }, (_, i) => i + 1).findLast((n) => rows % n === 0) ?? 1
  if (walk.shape.length !== 2 || position < 0 || times === 1 || !isOneStretch(other, inner)) return { walk, tiled: [] }
  const row = floatsOf(node.inputs[position])
  const tile = l.pack(Float32Array.from({ length: inner * times }, (_, i) => row[i % inner] as number))
  const strides = walk.strides.map((s) => [(s[0] as number) * times, s[1] as number])
  return { walk: { shape: [rows / times, inner * times], strides }, tiled: position === 0 ? [tile] : [undefined, tile] }
}

/** Whether rows follow each other as the elements within a row do. */
function isOneStretch([row, element]: readonly number[], inner: number): boolean {
  return row === inner * (element as number)
}

function isConstantRow(v: Value, strides: readonly number[]): boolean {
  return v.kind === 'constant' && v.type.dtype === 'float32' && strides[0] === 0 && strides[1] === 1
}
