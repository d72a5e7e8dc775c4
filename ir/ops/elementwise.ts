/** Elementwise operators: functions of one to three operands, which are broadcast to a common shape. */

import { InferError } from '../diagnostics.ts'
import { evaluator, type Scalar } from '../scalar/evaluate.ts'
import { apply, cast, type Expression, operand } from '../scalar/expression.ts'
import { BINARY, type BinaryName, type Comparison, comparison, UNARY, type UnaryAttrs, type UnaryName } from '../scalar/functions.ts'
import { exactNumbers, fromScalars, type Tensor } from '../tensors/tensor.ts'
import { type DType, isFloat, sameShape, type TensorType } from '../tensors/types.ts'
import { broadcastStrides, broadcastType, stridedOffsets } from './broadcast.ts'
import { defineOp, type NoAttrs, type OpDef, type OperandCount, type Operands } from './op.ts'

/** The function of an elementwise operator, given its operands' elements. */
export type Stated<A, N extends OperandCount = OperandCount> = (operands: Operands<Expression, N>, attrs: A) => Expression

interface Elementwise<A, N extends OperandCount> {
  readonly operands: N
  readonly commutative?: boolean
  infer(inputs: Operands<TensorType, N>, attrs: A): TensorType
}

/** Defines an operator that applies a function to the elements of its operands at each place separately. */
function defineElementwise<A extends object, N extends OperandCount>(
  stated: Stated<A, N>,
  { operands, commutative, infer }: Elementwise<A, N>,
): OpDef<A> & { readonly stated: Stated<A> } {
  const open = stated as unknown as Stated<A>
  return {
    ...defineOp<A, N>({
      operands,
      traits: commutative ? { elementwise: true, commutative: true } : { elementwise: true },
      infer: (inputs, attrs) => [infer(inputs, attrs)],
      evaluate(inputs, attrs, [type]) {
        const tensors = inputs as readonly Tensor[]
        const elements = tensors.map((t, i) => operand(i, t.type.dtype))
        return [mapped(open(elements, attrs), tensors, type)]
      },
    }),
    stated: open,
  }
}

/** The expression at every place of `type`. */
function mapped(expression: Expression, inputs: readonly Tensor[], type: TensorType): Tensor {
  const f = evaluator(expression)
  const elements = inputs.map(exactNumbers)
  const offsets = inputs.map((t) =>
    sameShape(t.type.shape, type.shape) ? null : stridedOffsets(type.shape, broadcastStrides(t.type.shape, type.shape)),
  )
  const operands = new Array<Scalar>(inputs.length)
  return fromScalars(type, (at) => {
    for (let i = 0; i < operands.length; i++) operands[i] = elements[i]?.[offsets[i]?.[at] ?? at] as Scalar
    return f(operands)
  })
}

/** Functions that integers have too. */
const ON_INTEGERS: readonly UnaryName[] = ['clamp', 'abs', 'neg']

function defineUnary<K extends UnaryName>(name: K) {
  return defineElementwise<UnaryAttrs[K], 1>(([x], attrs) => UNARY[name](x, attrs), {
    operands: 1,
    infer([x]) {
      if (x.dtype === 'bool' || (!isFloat(x.dtype) && !ON_INTEGERS.includes(name)))
        throw new InferError(`not defined on elements of type ${x.dtype}`)
      return x
    },
  })
}

function defineBinary(name: BinaryName, commutative: boolean) {
  return defineElementwise<NoAttrs, 2>(([a, b]) => BINARY[name](a, b), {
    operands: 2,
    commutative,
    infer(inputs) {
      const dtype = commonType(...inputs)
      if (dtype === 'bool') throw new InferError('not defined on elements of type bool')
      return broadcastType(dtype, inputs)
    },
  })
}

function commonType(a: TensorType, b: TensorType): DType {
  if (a.dtype !== b.dtype) throw new InferError(`operands have dtypes ${a.dtype} and ${b.dtype}`)
  return a.dtype
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

/** Compares a with b by `fn` and gives a bool. The result is false where an operand is NaN. */
export const compare = defineElementwise<{ readonly fn: Comparison }, 2>(([a, b], { fn }) => comparison(fn, a, b), {
  operands: 2,
  infer(inputs) {
    commonType(...inputs)
    return broadcastType('bool', inputs)
  },
})

/** condition ? a : b, for every element type (ONNX Where). */
export const where = defineElementwise<NoAttrs, 3>(([condition, a, b]) => apply('select', condition, a, b), {
  operands: 3,
  infer([condition, a, b]) {
    if (condition.dtype !== 'bool') throw new InferError(`condition of dtype ${condition.dtype}`)
    return broadcastType(commonType(a, b), [condition, a, b])
  },
})

/** Conversion; floats truncate toward zero into integers, and non-zero becomes true. */
export const castOp = defineElementwise<{ readonly to: DType }, 1>(([x], { to }) => cast(x, to), {
  operands: 1,
  infer: ([x], { to }) => ({ dtype: to, shape: x.shape }),
})

export const elementwiseOps = { ...unaryOps, ...binaryOps, compare, where, cast: castOp }

export type ElementwiseName = keyof typeof elementwiseOps

/** The function of an elementwise operator, or null for other operators. */
export function statedFunction(op: string): Stated<object> | null {
  return op in elementwiseOps ? (elementwiseOps[op as ElementwiseName].stated as Stated<object>) : null
}
