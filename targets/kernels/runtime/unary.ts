/** Functions of one operand, element by element. */

import { type Node, resultOf } from '../../../ir/graph/graph.ts'
import { UNARY, type UnaryName } from '../../../ir/scalar/functions.ts'
import { allocate, bytesOf, fromNumbers, type TensorData } from '../../../ir/tensors/tensor.ts'
import { type DType, isFloat, isWide, sizeOf } from '../../../ir/tensors/types.ts'
import type { RuntimeKernelName } from '../../../runtime-as/kernels.ts'
import type { Kernel } from '../../selection/kernel.ts'
import { f32 } from './runtime-call.ts'
import { elementWork, isSuffixed, runtimeCover, runtimeFunction, TYPE_SUFFIX } from './runtime-cover.ts'

type UnaryNode = Extract<Node, { readonly op: UnaryName }>

/** Attributes in the order of the runtime's parameters. */
const PARAMETERS = ['min', 'max', 'alpha', 'beta'] as const

/** Codes of the functions that every type has. */
const TYPED_FUNCTIONS: Partial<Record<UnaryName, number>> = { clamp: 0, abs: 1, neg: 2 }

export const unary: Kernel = {
  name: 'unary',
  cover(node) {
    if (!isUnary(node)) return null
    const dtype = resultOf(node).type.dtype
    if (dtype === 'float32') return floatCover(node)
    const code = TYPED_FUNCTIONS[node.op]
    if (code === undefined || !isSuffixed(dtype)) return null
    return runtimeCover({
      kernel: 'unary',
      node,
      work: elementWork(node, { anyArithmetic: sizeOf(resultOf(node).type.shape) }),
      inPlace: true,
      lower(l, y) {
        const [x] = node.inputs as [UnaryNode['inputs'][number]]
        const bounds = l.pack(boundsOf(node, dtype))
        l.step(runtimeFunction(`unary_${TYPE_SUFFIX[dtype]}`), [code, l.address(x), y, bounds], { extent: sizeOf(x.type.shape) })
      },
    })
  },
}

function isUnary(node: Node): node is UnaryNode {
  return node.op in UNARY
}

function floatCover(node: UnaryNode): ReturnType<Kernel['cover']> {
  const y = resultOf(node)
  const series = ['sigmoid', 'tanh', 'elu', 'exp', 'log', 'erf'].includes(node.op)
  return runtimeCover({
    kernel: 'unary',
    node,
    work: elementWork(node, { [series ? 'series' : 'arithmetic']: sizeOf(y.type.shape) }),
    inPlace: true,
    lower(l, at) {
      const fn = runtimeFunction(`${node.op.replaceAll('-', '_')}_f32` as RuntimeKernelName)
      const x = l.address(node.inputs[0] as UnaryNode['inputs'][number])
      l.step(fn, [x, at, ...parametersOf(node)], { extent: sizeOf(y.type.shape) })
    },
  })
}

function parametersOf(node: UnaryNode): ReturnType<typeof f32>[] {
  const attrs = node.attrs as Partial<Record<(typeof PARAMETERS)[number], number>>
  return PARAMETERS.flatMap((name) => (attrs[name] === undefined ? [] : f32(attrs[name])))
}

/** The bounds of a clamp as two elements, brought into the type's range. */
function boundsOf(node: UnaryNode, dtype: DType): Uint8Array {
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = node.attrs as { min?: number; max?: number }
  const type = { dtype, shape: [2] }
  if (isFloat(dtype)) return bytesOf(fromNumbers(type, [min, max]))
  const unsigned = dtype.startsWith('u')
  const bits = allocate(dtype, 1).BYTES_PER_ELEMENT * 8
  const [low, high] = unsigned ? [0n, 2n ** BigInt(bits) - 1n] : [-(2n ** BigInt(bits - 1)), 2n ** BigInt(bits - 1) - 1n]
  const bounds = [min, max].map((bound) => saturate(bound, low, high))
  const data = allocate(dtype, 2) as TensorData
  bounds.forEach((bound, i) => {
    ;(data as BigInt64Array)[i] = (isWide(dtype) ? bound : Number(bound)) as bigint
  })
  return bytesOf({ type, data })
}

function saturate(x: number, low: bigint, high: bigint): bigint {
  if (x <= Number(low)) return low
  if (x >= Number(high)) return high
  return BigInt(Math.trunc(x))
}
