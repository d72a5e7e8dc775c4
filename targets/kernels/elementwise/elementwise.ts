/** Computes trees of elementwise operators in one pass, for every element type, with broadcasting. */

import { type Node, resultOf, type Value } from '../../../ir/graph/graph.ts'
import { broadcastStrides } from '../../../ir/ops/broadcast.ts'
import { type Expression, partsOf } from '../../../ir/scalar/expression.ts'
import { byteSize, DTYPE_BYTES, sizeOf } from '../../../ir/tensors/types.ts'
import type { Address } from '../../schedule/schedule.ts'
import type { Kernel, Lowering } from '../../selection/kernel.ts'
import { callOf, movingBytes, type Work } from '../../target/cost.ts'
import { collapse, type Walk } from '../runtime/rows.ts'
import { accessesOf, placesOf, tiledRows } from './access.ts'
import { type Access, elementwiseFunction, fitsLanes, isFlat, type Pass } from './elementwise-function.ts'
import { constantsOf } from './expression-code.ts'
import { type Region, regionOf } from './region.ts'
import { isSeries } from './series.ts'

export const elementwise: Kernel = {
  name: 'elementwise',
  cover(node, graph, target) {
    const region = regionOf(node, graph)
    if (!region || isIdentity(node)) return null
    const { expression, operands, nodes } = region
    const y = resultOf(node)
    const inputs = operands.filter((v) => v.kind !== 'constant')
    const walk = walkOf(region)
    const accesses = accessesOf(walk)
    const lanes = target.simd && fitsLanes(expression)
    const overwritable = inputs.flatMap((v, i) => (accesses[operands.indexOf(v)] === 'each' && fits(v, y) ? [i] : []))
    return {
      kernel: 'elementwise',
      nodes,
      inputs,
      outputs: [y],
      work: workOf(region, accesses, walk, lanes || !target.simd),
      ...(overwritable.length > 0 && { inPlace: overwritable }),
      lower(l) {
        if (sizeOf(y.type.shape) > 0) lower(l, region, walk, lanes)
      },
    }
  },
}

/** A conversion that changes nothing is a view. */
function isIdentity(node: Node): boolean {
  return node.op === 'cast' && node.inputs[0]?.type.dtype === resultOf(node).type.dtype
}

function fits(v: Value, y: Value): boolean {
  return DTYPE_BYTES[v.type.dtype] === DTYPE_BYTES[y.type.dtype]
}

/** The walk over the operands. */
function walkOf({ nodes, operands }: Region): Walk {
  const { shape } = resultOf(nodes[0] as Node).type
  return collapse(
    shape,
    operands.map((v) => broadcastStrides(leading(v.type.shape, shape.length), shape)),
  )
}

/** A shape without leading axes of extent 1, as far as it has more than `rank` axes. */
function leading(shape: readonly number[], rank: number): readonly number[] {
  return shape.slice(Math.max(0, shape.length - rank))
}

/** The work of one power, counted in series. Powers are computed in float64, one element at a time. */
const SERIES_OF_A_POWER = 12

function workOf({ expression, operands, nodes }: Region, accesses: readonly Access[], walk: Walk, fast: boolean): Work {
  const y = resultOf(nodes[0] as Node)
  const size = sizeOf(y.type.shape)
  const applied = partsOf(expression).flatMap((part) => (part.kind === 'apply' ? [part] : []))
  const powers = applied.filter((part) => part.fn === 'pow').length
  const series = applied.filter((part) => isSeries(part.fn)).length + powers * SERIES_OF_A_POWER
  const operations = applied.length * size
  const bytes = [...operands, y].reduce((sum, v) => sum + byteSize(v.type), 0)
  const isPlaced = accesses.some((access) => access === 'placed' || access === 'cell')
  return callOf(
    fast && applied.every(isFloat32) ? { arithmetic: operations } : { anyArithmetic: operations },
    { series: series * size, row: isPlaced ? sizeOf(walk.shape.slice(0, -1)) : 0 },
    movingBytes(bytes),
  )
}

function isFloat32({ args, type }: Extract<Expression, { kind: 'apply' }>): boolean {
  return (type === 'float32' || type === 'bool') && args.at(-1)?.type === 'float32'
}

function lower(l: Lowering, region: Region, whole: Walk, lanes: boolean): void {
  const { expression, nodes, operands } = region
  const { walk, replaced } = tiledRows(whole, operands)
  const accesses = accessesOf(walk)
  const pass: Pass = { label: labelOf(nodes), expression, accesses, lanes }
  const { bytes } = constantsOf(expression)
  const addresses = operands.map((v, i): Address => {
    const tile = replaced[i]
    return tile ? l.pack(tile) : l.address(v)
  })
  const shared = [...addresses, l.address(resultOf(nodes[0] as Node)), bytes.length > 0 ? l.pack(bytes) : 0]
  if (isFlat(accesses)) {
    l.step(elementwiseFunction(pass), shared, { extent: sizeOf(walk.shape) })
    return
  }
  const { descriptor, count, inner } = placesOf(walk, accesses)
  l.step(elementwiseFunction(pass), [...shared, descriptor ? l.pack(descriptor) : 0, inner], { extent: count })
}

const LABEL_LENGTH = 40

/** The names of the operators, in the order in which they are applied. */
function labelOf(nodes: readonly Node[]): string {
  const names = [...new Set(nodes.map((node) => node.op))].reverse()
  return names.join('-').slice(0, LABEL_LENGTH)
}
