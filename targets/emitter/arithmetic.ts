/** The primitives of expressions as instructions, for every element type and for four lanes of float32. */

import type binaryen from 'binaryen'
import type { Primitive } from '../../ir/scalar/expression.ts'
import { isSigned } from '../../ir/tensors/integers.ts'
import { DTYPE_BYTES, type DType, isWide } from '../../ir/tensors/types.ts'

/** The type of a WebAssembly value. */
export type MachineType = 'v128' | 'f32' | 'f64' | 'i32' | 'i64'

/** Functions that targets compute by a series of other primitives. */
export type SeriesName = 'exp' | 'expm1' | 'log' | 'tanh' | 'erf'

/** Primitives that only series need, in addition to those of expressions. They exist for float32 only. */
export type BitPrimitive =
  /** To the nearest integer, ties to even. */
  | 'nearest'
  /** The magnitude of a with the sign of b. */
  | 'copySign'
  /** 2ⁿ for an integer n in [−126, 127]. The result for NaN is undefined. */
  | 'exp2'
  /** `exponent` is e and `mantissa` is m of x = m·2^e with m in [√½, √2). x must be positive and normal. */
  | 'exponent'
  | 'mantissa'

export type InstructionName = Exclude<Primitive, SeriesName | 'cast'> | BitPrimitive

/** An expression of a module. */
export type Code = binaryen.ExpressionRef

/** A value that can be read any number of times, such as a local. */
export interface Variable {
  get(): Code
}

export type Instructions = Readonly<Partial<Record<InstructionName, (...operands: readonly Variable[]) => Code>>>

/** Calls a function of the runtime. */
export type RuntimeCall = (name: 'pow_f64' | 'power_i64', operands: Code[]) => Code

/** 1.5 · 2^23. After an integer is added to it, the low bits of the sum are that integer. */
const INTEGER_BITS = 12582912
const EXPONENT_BIAS = 127
const MANTISSA_BITS = 23
const SQRT_HALF_BITS = 0x3f3504f3

const LANES = [0, 1, 2, 3] as const

/**
 * Instructions on four lanes of float32. Comparisons give masks, which `select` takes. `madd` is a fused
 * multiply-add where the target has one.
 */
export function laneInstructions(m: binaryen.Module, madd: (a: Code, b: Code, c: Code) => Code, call: RuntimeCall): Instructions {
  const { f32x4, i32x4, v128 } = m
  const integers = (x: number): Code => i32x4.splat(m.i32.const(x))
  const floats = (x: number): Code => f32x4.splat(m.f32.const(x))
  const exponent = (x: Variable): Code => i32x4.shr_s(i32x4.sub(x.get(), integers(SQRT_HALF_BITS)), m.i32.const(MANTISSA_BITS))
  const lane = (x: Variable, i: number): Code => m.f64.promote(f32x4.extract_lane(x.get(), i))
  const power = (a: Variable, b: Variable, i: number): Code => m.f32.demote(call('pow_f64', [lane(a, i), lane(b, i)]))
  return {
    ...plain(f32x4, ['neg', 'abs', 'floor', 'ceil', 'sqrt', 'nearest', 'add', 'sub', 'mul', 'div', 'min', 'max']),
    madd: (a, b, c) => madd(get(a), get(b), get(c)),
    atLeast: (x, low) => f32x4.pmax(get(x), get(low)),
    atMost: (x, high) => f32x4.pmin(get(x), get(high)),
    equal: (a, b) => f32x4.eq(get(a), get(b)),
    less: (a, b) => f32x4.lt(get(a), get(b)),
    lessOrEqual: (a, b) => f32x4.le(get(a), get(b)),
    select: (mask, a, b) => v128.bitselect(get(a), get(b), get(mask)),
    pow: (a, b) => LANES.reduce<Code>((sum, i) => f32x4.replace_lane(sum, i, power(a as Variable, b as Variable, i)), floats(0)),
    copySign: (a, b) => v128.bitselect(get(a), get(b), integers(0x7fffffff)),
    exp2: (n) => i32x4.shl(i32x4.add(f32x4.add(get(n), floats(INTEGER_BITS)), integers(EXPONENT_BIAS)), m.i32.const(MANTISSA_BITS)),
    exponent: (x) => f32x4.convert_i32x4_s(exponent(x as Variable)),
    mantissa: (x) => i32x4.sub(get(x), i32x4.shl(exponent(x as Variable), m.i32.const(MANTISSA_BITS))),
  }
}

/** Instructions on one element. Integers of less than 32 bits are kept as i32, within the range of their type. */
export function elementInstructions(m: binaryen.Module, type: DType, call: RuntimeCall): Instructions {
  if (type === 'float32' || type === 'float16') return { ...floatInstructions(m, 'f32', call), ...bitInstructions(m) }
  return type === 'float64' ? floatInstructions(m, 'f64', call) : integerInstructions(m, type, call)
}

function floatInstructions(m: binaryen.Module, type: 'f32' | 'f64', call: RuntimeCall): Instructions {
  const f = m[type]
  const wide = (x: Code): Code => (type === 'f32' ? m.f64.promote(x) : x)
  const narrow = (x: Code): Code => (type === 'f32' ? m.f32.demote(x) : x)
  return {
    ...plain(f, ['neg', 'abs', 'floor', 'ceil', 'sqrt', 'nearest', 'add', 'sub', 'mul', 'div', 'min', 'max']),
    ...ordered(m, { equal: f.eq, less: f.lt, lessOrEqual: f.le }),
    madd: (a, b, c) => f.add(f.mul(get(a), get(b)), get(c)),
    pow: (a, b) => narrow(call('pow_f64', [wide(get(a)), wide(get(b))])),
  }
}

function bitInstructions(m: binaryen.Module): Instructions {
  const { f32, i32 } = m
  const bits = (x: Variable | undefined): Code => i32.reinterpret(get(x))
  const exponent = (x: Variable | undefined): Code => i32.shr_s(i32.sub(bits(x), i32.const(SQRT_HALF_BITS)), i32.const(MANTISSA_BITS))
  return {
    copySign: (a, b) => f32.copysign(get(a), get(b)),
    exp2: (n) =>
      f32.reinterpret(
        i32.shl(i32.add(i32.reinterpret(f32.add(get(n), f32.const(INTEGER_BITS))), i32.const(EXPONENT_BIAS)), i32.const(MANTISSA_BITS)),
      ),
    exponent: (x) => f32.convert_s.i32(exponent(x)),
    mantissa: (x) => f32.reinterpret(i32.sub(bits(x), i32.shl(exponent(x), i32.const(MANTISSA_BITS)))),
  }
}

function integerInstructions(m: binaryen.Module, type: DType, call: RuntimeCall): Instructions {
  const signed = isSigned(type)
  const i = isWide(type) ? m.i64 : m.i32
  const number = (x: number): Code => (isWide(type) ? m.i64.const(BigInt(x)) : m.i32.const(x))
  const wrap = (x: Code): Code => wrapTo(m, type, x)
  const less = signed ? i.lt_s : i.lt_u
  const negative = (x: Variable | undefined): Code => (signed ? i.lt_s(get(x), number(0)) : m.i32.const(0))
  const isOneOf = (x: Variable | undefined, values: readonly number[]): Code =>
    values.map((value) => i.eq(get(x), number(value))).reduce((a, b) => m.i32.or(a, b))
  const exceptional = signed ? [0, -1] : [0]
  const opposite = (x: Variable | undefined): Code => wrap(i.sub(number(0), get(x)))
  return {
    ...ordered(m, { equal: i.eq, less, lessOrEqual: signed ? i.le_s : i.le_u }),
    add: (a, b) => wrap(i.add(get(a), get(b))),
    sub: (a, b) => wrap(i.sub(get(a), get(b))),
    mul: (a, b) => wrap(i.mul(get(a), get(b))),
    neg: opposite,
    abs: (x) => m.select(negative(x), opposite(x), get(x)),
    min: (a, b) => m.select(less(get(b), get(a)), get(b), get(a)),
    max: (a, b) => m.select(less(get(a), get(b)), get(b), get(a)),
    // Division by 1 stands in where the instruction would trap.
    div: (a, b) => {
      const divisor = m.select(isOneOf(b, exceptional), number(1), get(b))
      const quotient = signed ? i.div_s(get(a), divisor) : i.div_u(get(a), divisor)
      const whole = signed ? m.select(i.eq(get(b), number(-1)), opposite(a), quotient) : quotient
      return m.select(i.eq(get(b), number(0)), number(0), whole)
    },
    pow: (a, b) => {
      const widened = [a, b].map((x) => extended(m, type, get(x)))
      const power = call('power_i64', [...widened, m.i32.const(Number(signed))])
      return isWide(type) ? power : wrap(m.i32.wrap(power))
    },
  }
}

type Comparisons = Readonly<Record<'equal' | 'less' | 'lessOrEqual', (a: Code, b: Code) => Code>>

/** The instructions that compare and that choose between two values. */
function ordered(m: binaryen.Module, { equal, less, lessOrEqual }: Comparisons): Instructions {
  return {
    equal: (a, b) => equal(get(a), get(b)),
    less: (a, b) => less(get(a), get(b)),
    lessOrEqual: (a, b) => lessOrEqual(get(a), get(b)),
    atLeast: (x, low) => m.select(less(get(x), get(low)), get(low), get(x)),
    atMost: (x, high) => m.select(less(get(high), get(x)), get(high), get(x)),
    select: (condition, a, b) => m.select(get(condition), get(a), get(b)),
  }
}

/** Instructions that have the primitive's name and operands. */
function plain(namespace: object, names: readonly InstructionName[]): Instructions {
  const instructions = namespace as Record<string, (...operands: Code[]) => Code>
  return Object.fromEntries(
    names.map((name) => [name, (...operands: readonly Variable[]) => (instructions[name] as (...o: Code[]) => Code)(...operands.map(get))]),
  )
}

function get(variable: Variable | undefined): Code {
  return (variable as Variable).get()
}

/** Wraps an i32 or i64 to the range of an integer type. */
export function wrapTo(m: binaryen.Module, type: DType, x: Code): Code {
  const bits = DTYPE_BYTES[type] * 8
  if (bits >= 32) return x
  if (!isSigned(type)) return m.i32.and(x, m.i32.const(2 ** bits - 1))
  return bits === 8 ? m.i32.extend8_s(x) : m.i32.extend16_s(x)
}

/** An integer as i64. (Binaryen's optimiser makes a signed load of the zero extension of an i32 that is loaded.) */
export function extended(m: binaryen.Module, type: DType, x: Code): Code {
  if (isWide(type)) return x
  return isSigned(type) ? m.i64.extend_s(x) : m.i64.and(m.i64.extend_s(x), m.i64.const(0xffffffffn))
}
