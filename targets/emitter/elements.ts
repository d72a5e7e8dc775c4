/** Loads, stores and conversions of elements of every type. */

import type binaryen from 'binaryen'
import { isSigned } from '../../ir/tensors/integers.ts'
import { DTYPE_BYTES, type DType, isFloat, isWide } from '../../ir/tensors/types.ts'
import { type Code, extended, type MachineType, type Variable, wrapTo } from './arithmetic.ts'

/** The type of the value that an element is computed as: float16 is computed as f32. */
export function machineType(type: DType): Exclude<MachineType, 'v128'> {
  if (type === 'float64') return 'f64'
  if (isFloat(type)) return 'f32'
  return isWide(type) ? 'i64' : 'i32'
}

/** Calls the runtime's conversions of float16. */
export type HalfCall = (name: 'half_to_float' | 'float_to_half', operands: Code[]) => Code

/**
 * Loads the element of `type` that is `offset` bytes after `address`, as a value of `machineType(type)`.
 * float16 is converted by `call`.
 */
export function loadElement(m: binaryen.Module, type: DType, address: Code, offset: number, call: HalfCall): Code {
  const bytes = DTYPE_BYTES[type]
  if (type === 'float16') return call('half_to_float', [m.i32.load16_u(offset, bytes, address)])
  if (bytes >= 4) return m[machineType(type)].load(offset, bytes, address)
  if (bytes === 2) return (isSigned(type) ? m.i32.load16_s : m.i32.load16_u)(offset, bytes, address)
  return (isSigned(type) ? m.i32.load8_s : m.i32.load8_u)(offset, bytes, address)
}

/** Stores `value`, of `machineType(type)`, as an element of `type` at `address`. `call` rounds it to float16. */
export function storeElement(m: binaryen.Module, type: DType, address: Code, value: Code, call: HalfCall): Code {
  const bytes = DTYPE_BYTES[type]
  if (type === 'float16') return m.i32.store16(0, bytes, address, call('float_to_half', [value]))
  if (bytes >= 4) return m[machineType(type)].store(0, bytes, address, value)
  return (bytes === 2 ? m.i32.store16 : m.i32.store8)(0, bytes, address, value)
}

/** Converts an element to another type. It does not round to float16: the store does that. */
export function converted(m: binaryen.Module, from: DType, to: DType, x: Variable): Code {
  if (to === 'bool') return differsFromZero(m, from, x)
  if (isFloat(to)) return isFloat(from) ? floatToFloat(m, from, to, x.get()) : integerToFloat(m, from, to, x.get())
  return isFloat(from) ? narrowed(m, to, truncated(m, from, x)) : integerToInteger(m, from, to, x.get())
}

function differsFromZero(m: binaryen.Module, from: DType, x: Variable): Code {
  const type = machineType(from)
  const zero = type === 'i64' ? m.i64.const(0n) : m[type].const(0)
  return m[type].ne(x.get(), zero)
}

function floatToFloat(m: binaryen.Module, from: DType, to: DType, x: Code): Code {
  if (machineType(from) === machineType(to)) return x
  return machineType(to) === 'f64' ? m.f64.promote(x) : m.f32.demote(x)
}

/** 64-bit integers become float32 by way of float64, as in the interpreter. */
function integerToFloat(m: binaryen.Module, from: DType, to: DType, x: Code): Code {
  const sign = isSigned(from) ? 'convert_s' : 'convert_u'
  if (machineType(to) === 'f64') return m.f64[sign][isWide(from) ? 'i64' : 'i32'](x)
  return isWide(from) ? m.f32.demote(m.f64[sign].i64(x)) : m.f32[sign].i32(x)
}

function integerToInteger(m: binaryen.Module, from: DType, to: DType, x: Code): Code {
  if (isWide(to)) return extended(m, from, x)
  return wrapTo(m, to, isWide(from) ? m.i32.wrap(x) : x)
}

function narrowed(m: binaryen.Module, to: DType, x: Code): Code {
  return isWide(to) ? x : wrapTo(m, to, m.i32.wrap(x))
}

/**
 * Truncates a float toward zero, as i64. Values within ±2^64 are taken modulo 2^64. Larger ones, infinities and
 * NaN give 0.
 */
function truncated(m: binaryen.Module, from: DType, x: Variable): Code {
  const wide = (): Code => (machineType(from) === 'f32' ? m.f64.promote(x.get()) : x.get())
  const magnitude = (): Code => m.i64.trunc_u_sat.f64(m.f64.abs(wide()))
  const whole = m.select(m.f64.lt(wide(), m.f64.const(0)), m.i64.sub(m.i64.const(0n), magnitude()), magnitude())
  return m.select(m.f64.lt(m.f64.abs(wide()), m.f64.const(2 ** 64)), whole, m.i64.const(0n))
}
