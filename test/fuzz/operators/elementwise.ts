/** Operators that compute each element of the result from the operands' elements at its place. */

import type { DType } from '../../../ir/tensors/types.ts'
import type { FuzzAttr } from '../case.ts'
import type { Picker } from '../pick.ts'
import {
  anyShape,
  arithmeticType,
  broadcastable,
  constant,
  type Draft,
  either,
  fillOf,
  from,
  type Generator,
  type Generators,
  listed,
  runtime,
} from './draft.ts'

/** A float that attributes may be. */
const factor = (pick: Picker): FuzzAttr => ({ float: pick.choose([0.01, 0.1, 0.2, 0.5, 1, 1.5, 3]) })

const optional = (pick: Picker, names: readonly string[]): Record<string, FuzzAttr> =>
  Object.fromEntries(pick.some(names, 0.5).map((name) => [name, factor(pick)]))

function unary(since = 9, attrs: readonly string[] = [], positive = false): Generator {
  return from(since, (pick) => ({
    operands: [runtime(pick, anyShape(pick), 'float32', positive)],
    attrs: optional(pick, attrs),
    float: true,
  }))
}

const ofAnyNumber = from(9, (pick) => {
  const dtype = arithmeticType(pick)
  return { operands: [runtime(pick, anyShape(pick), dtype)], float: dtype === 'float32' }
})

/** Operands broadcast both ways; one may be constant. */
function binary(divides = false): Generator {
  return from(9, (pick) => pairOf(pick, arithmeticType(pick), divides))
}

function pairOf(pick: Picker, dtype: DType, divides = false): Draft {
  const shape = anyShape(pick)
  const left = either(pick, 0.2, broadcastable(pick, shape), dtype)
  const right = either(pick, left.constant ? 0 : 0.4, pick.chance(0.15) ? [] : broadcastable(pick, shape), dtype, divides)
  return { operands: [left, right], float: dtype === 'float32' }
}

const variadic = (floatOnly: boolean): Generator =>
  from(9, (pick) => {
    const dtype = floatOnly ? 'float32' : arithmeticType(pick)
    const shape = anyShape(pick)
    const count = pick.between(1, 4)
    const operands = Array.from({ length: count }, (_, i) => either(pick, i === 0 ? 0 : 0.3, broadcastable(pick, shape), dtype))
    return { operands, float: dtype === 'float32' }
  })

const pow = from(9, (pick) => {
  const shape = anyShape(pick)
  const exponent = pick.chance(0.5)
    ? listed([pick.choose([0, 1, 2, 3, 0.5, -1, -2, 1.5])], 'float32', [])
    : either(pick, 0.5, broadcastable(pick, shape))
  return { operands: [runtime(pick, shape, 'float32', true), exponent], float: true }
})

const clip = from(9, (pick, opset) => {
  const dtype: DType = opset >= 12 && pick.chance(0.15) ? pick.choose(['int32', 'int64']) : 'float32'
  const x = runtime(pick, anyShape(pick), dtype)
  const [low, high] = pick.choose([
    [0, 6],
    [-1, 1],
    [0, 1],
    [-2, 0],
    [1, 2],
  ]) as [number, number]
  if (opset < 11) {
    const attrs = { min: { float: low }, max: { float: high } }
    return { operands: [x], attrs: Object.fromEntries(pick.some(Object.entries(attrs), 0.7)), float: true }
  }
  const bound = (value: number) => (pick.chance(0.2) ? null : { ...listed([value], dtype, []), constant: pick.chance(0.85) })
  return { operands: [x, bound(low), bound(high)], float: dtype === 'float32' }
})

const prelu = from(9, (pick) => {
  const shape = anyShape(pick, 1)
  const slope = broadcastable(pick, shape)
  return { operands: [runtime(pick, shape), either(pick, 0.8, slope)], float: true }
})

const gelu = from(20, (pick) => ({
  operands: [runtime(pick, anyShape(pick))],
  attrs: pick.chance(0.6) ? { approximate: pick.choose(['none', 'tanh']) } : {},
  float: true,
}))

/** A condition of one value chooses a whole tensor. */
const where = from(9, (pick) => {
  const shape = anyShape(pick)
  const same = { ...listed([pick.choose([0, 1])], 'bool', []), shape: broadcastable(pick, shape) }
  const condition = pick.chance(0.25) ? same : either(pick, 0.3, broadcastable(pick, shape), 'bool')
  const dtype = pick.chance(0.8) ? 'float32' : pick.choose<DType>(['int64', 'int32'])
  const side = () => either(pick, 0.15, broadcastable(pick, shape), dtype)
  return { operands: [condition, side(), runtime(pick, shape, dtype)], float: dtype === 'float32' }
})

/** From opset 9 on for integers and floats, on constants too, as shape arithmetic has it. */
function comparison(since = 9): Generator {
  return from(since, (pick) => {
    const dtype = pick.choose<DType>(['float32', 'int64', 'int32'])
    const shape = anyShape(pick)
    const known = pick.chance(0.25)
    const operand = () => ({ ...runtime(pick, broadcastable(pick, shape), dtype), constant: known })
    const [a, b] = [operand(), operand()]
    return { operands: [a, b] }
  })
}

function logic(count: 1 | 2): Generator {
  return from(9, (pick) => {
    const shape = anyShape(pick)
    const known = pick.chance(0.25)
    return { operands: Array.from({ length: count }, () => ({ ...runtime(pick, broadcastable(pick, shape), 'bool'), constant: known })) }
  })
}

/** Values that fit both types: conversion of others is undefined in ONNX. */
const cast = from(9, (pick) => {
  const types: readonly DType[] = [
    'float32',
    'float32',
    'float64',
    'float16',
    'int32',
    'int64',
    'uint8',
    'int8',
    'bool',
    'int16',
    'uint16',
    'uint32',
    'uint64',
  ]
  const [source, to] = [pick.choose(types), pick.choose(types)]
  const signed = (t: DType): boolean => !t.startsWith('uint') && t !== 'bool'
  const x = runtime(pick, anyShape(pick), source)
  const fill = !signed(to) && signed(source) ? { ...(x.fill as object), low: 0 } : x.fill
  return { operands: [{ ...x, fill: fill as typeof x.fill }], attrs: { to: CODES[to] as number }, float: to === 'float32' }
})

const CODES: Partial<Record<DType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
}

const castLike = from(15, (pick) => {
  const to = pick.choose<DType>(['float32', 'int32', 'int64'])
  const x = { ...runtime(pick, anyShape(pick), pick.choose<DType>(['float32', 'int32'])) }
  return { operands: [{ ...x, fill: fillOf(pick, x.dtype) }, constant(pick, [1], to)], float: to === 'float32' }
})

export const elementwise: Generators = {
  Relu: unary(),
  LeakyRelu: unary(9, ['alpha']),
  PRelu: prelu,
  Clip: clip,
  Sigmoid: unary(),
  HardSigmoid: unary(9, ['alpha', 'beta']),
  HardSwish: unary(14),
  Tanh: unary(),
  Elu: unary(9, ['alpha']),
  Selu: unary(9, ['alpha', 'gamma']),
  Celu: unary(12, ['alpha']),
  ThresholdedRelu: unary(10, ['alpha']),
  Sign: ofAnyNumber,
  Softplus: unary(),
  Softsign: unary(),
  Mish: unary(18),
  Gelu: gelu,
  Swish: unary(24, ['alpha']),
  Abs: ofAnyNumber,
  Neg: ofAnyNumber,
  Sqrt: unary(9, [], true),
  Exp: unary(),
  Log: unary(9, [], true),
  Reciprocal: unary(9, [], true),
  Floor: unary(),
  Ceil: unary(),
  Erf: unary(),
  Identity: ofAnyNumber,
  Dropout: unary(),
  Add: binary(),
  Sub: binary(),
  Mul: binary(),
  Div: binary(true),
  Pow: pow,
  Min: variadic(false),
  Max: variadic(false),
  Sum: variadic(true),
  Mean: variadic(true),
  Where: where,
  Equal: comparison(11),
  Greater: comparison(),
  Less: comparison(),
  GreaterOrEqual: comparison(12),
  LessOrEqual: comparison(12),
  And: logic(2),
  Or: logic(2),
  Xor: logic(2),
  Not: logic(1),
  Cast: cast,
  CastLike: castLike,
}
