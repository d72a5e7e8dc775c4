/** Elementwise operators: one-operand functions, and two-operand arithmetic with broadcasting. */

import { InferError } from '../diagnostics.ts'
import { fromNumbers, numbers, type Tensor } from '../tensors/tensor.ts'
import { type DType, isFloat, isWide, type TensorType } from '../tensors/types.ts'
import { broadcastStrides, broadcastType, stridedOffsets } from './broadcast.ts'
import { defineOp, type OpDef } from './op.ts'
import { BINARY, BINARY_WIDE, type BinaryName, UNARY, type UnaryAttrs, type UnaryName } from './scalar.ts'

/** Functions that integers have too. */
const ON_INTEGERS: readonly UnaryName[] = ['clamp', 'abs', 'neg']

function defineUnary<K extends UnaryName>(name: K): OpDef<UnaryAttrs[K]> {
  return defineOp<UnaryAttrs[K]>({
    traits: { elementwise: true },
    infer([x]) {
      if (!x) throw new InferError('needs one input')
      if (x.dtype === 'bool' || (!isFloat(x.dtype) && !ON_INTEGERS.includes(name)))
        throw new InferError(`not defined on elements of type ${x.dtype}`)
      return [x]
    },
    evaluate([x], attrs, [type]) {
      return [fromNumbers(type as TensorType, Float64Array.from(numbers(x as Tensor), UNARY[name](attrs)))]
    },
  })
}

function defineBinary(name: BinaryName, commutative: boolean): OpDef<Record<never, never>> {
  return defineOp({
    traits: commutative ? { elementwise: true, commutative: true } : { elementwise: true },
    infer: ([a, b]) => [inferBinary(a, b)],
    evaluate([a, b], _, [type]) {
      const out = type as TensorType
      const x = a as Tensor
      const y = b as Tensor
      return [isWide(out.dtype) ? evaluateWide(name, x, y, out) : evaluateBinary(name, x, y, out)]
    },
  })
}

function inferBinary(a: TensorType | undefined, b: TensorType | undefined): TensorType {
  if (!a || !b) throw new InferError('needs two inputs')
  if (a.dtype !== b.dtype) throw new InferError(`operands have dtypes ${a.dtype} and ${b.dtype}`)
  if (a.dtype === 'bool') throw new InferError('not defined on elements of type bool')
  return broadcastType(a.dtype, [a, b])
}

function evaluateBinary(name: BinaryName, a: Tensor, b: Tensor, type: TensorType): Tensor {
  const f = scalarFunction(name, type.dtype)
  const x = numbers(a)
  const y = numbers(b)
  const xs = stridedOffsets(type.shape, broadcastStrides(a.type.shape, type.shape))
  const ys = stridedOffsets(type.shape, broadcastStrides(b.type.shape, type.shape))
  const out = new Float64Array(xs.length)
  for (let i = 0; i < out.length; i++) out[i] = f(x[xs[i] as number] as number, y[ys[i] as number] as number)
  return fromNumbers(type, out)
}

function scalarFunction(name: BinaryName, dtype: DType): (a: number, b: number) => number {
  if (isFloat(dtype)) return BINARY[name]
  if (name === 'mul' && dtype.endsWith('32')) return Math.imul
  return (a, b) => Math.trunc(BINARY[name](a, b))
}

function evaluateWide(name: BinaryName, a: Tensor, b: Tensor, type: TensorType): Tensor {
  const f = BINARY_WIDE[name] as (a: bigint, b: bigint) => bigint
  const x = a.data as BigInt64Array
  const y = b.data as BigInt64Array
  const xs = stridedOffsets(type.shape, broadcastStrides(a.type.shape, type.shape))
  const ys = stridedOffsets(type.shape, broadcastStrides(b.type.shape, type.shape))
  const out = type.dtype === 'int64' ? new BigInt64Array(xs.length) : new BigUint64Array(xs.length)
  for (let i = 0; i < out.length; i++) out[i] = f(x[xs[i] as number] as bigint, y[ys[i] as number] as bigint)
  return { type, data: out }
}

export const unaryOps = {
  clamp: defineUnary('clamp'),
  'leaky-relu': defineUnary('leaky-relu'),
  'hard-sigmoid': defineUnary('hard-sigmoid'),
  'hard-swish': defineUnary('hard-swish'),
  sigmoid: defineUnary('sigmoid'),
  tanh: defineUnary('tanh'),
  elu: defineUnary('elu'),
  exp: defineUnary('exp'),
  log: defineUnary('log'),
  sqrt: defineUnary('sqrt'),
  abs: defineUnary('abs'),
  neg: defineUnary('neg'),
  reciprocal: defineUnary('reciprocal'),
  floor: defineUnary('floor'),
  ceil: defineUnary('ceil'),
  erf: defineUnary('erf'),
}

export const binaryOps = {
  add: defineBinary('add', true),
  sub: defineBinary('sub', false),
  mul: defineBinary('mul', true),
  div: defineBinary('div', false),
  min: defineBinary('min', true),
  max: defineBinary('max', true),
  pow: defineBinary('pow', false),
  prelu: defineBinary('prelu', false),
}
