/** Softmax and its logarithm. */

import { resultOf, type Value } from '../../../ir/graph/graph.ts'
import { apply, type Expression, operand } from '../../../ir/scalar/expression.ts'
import { isFloat, sizeOf } from '../../../ir/tensors/types.ts'
import type { EmittedFunction } from '../../emitter/emitted-function.ts'
import type { Emitter, I32, Local, ParamType, Scope, Statements } from '../../emitter/emitter.ts'
import { type Kernel, scratch } from '../../selection/kernel.ts'
import { callRuntime } from '../runtime/runtime-call.ts'
import { elementWork, runtimeCover } from '../runtime/runtime-cover.ts'
import { isComputed, TYPE_CODE } from '../runtime/type-code.ts'
import { type Access, elementwiseFunction } from './elementwise-function.ts'

export const softmax: Kernel = {
  name: 'softmax',
  cover(node, _graph, target) {
    if (node.op !== 'softmax') return null
    const { axis, log } = node.attrs
    const [x] = node.inputs as [Value]
    const y = resultOf(node)
    const { shape, dtype } = y.type
    if (!isFloat(dtype) || !isComputed(dtype)) return null
    const extent = shape[axis] as number
    const inner = sizeOf(shape.slice(axis + 1))
    const slices = sizeOf(shape) / extent
    const rows = inner === 1 && dtype === 'float32'
    return runtimeCover({
      kernel: 'softmax',
      node,
      work: elementWork(node, { series: sizeOf(shape) }),
      inPlace: dtype === 'float32',
      lower(l, at) {
        const operands = { x: l.address(x), y: at, extent, logarithm: Number(log), type: TYPE_CODE[dtype], inner }
        if (rows) l.step(rowsFunction(log, target.simd), [operands.x, at, extent, scratch(scratchBytes(extent, log))], { extent: slices })
        else callRuntime(l, 'softmax_any', operands, { extent: slices })
      },
    })
  },
}

const FLOAT = 4
/** Offset of the row's exponentials in scratch memory. The row's maximum and sum come before them. */
const ROW_OFFSET = 16

/**
 * Bytes of scratch memory. The logarithm of softmax reads the operand again after the exponentials. So the
 * exponentials are kept in scratch memory, because the result may overwrite the operand.
 */
function scratchBytes(extent: number, log: boolean): number {
  return ROW_OFFSET + (log ? extent * FLOAT : 0)
}

const [X, A, B] = [0, 1, 2].map((i) => operand(i, 'float32')) as [Expression, Expression, Expression]

/**
 * The functions of the passes over a row. `exponentials` are those of x − maximum, and `quotients` are the
 * exponentials divided by their sum. `differences` are x − maximum − the logarithm of the sum.
 */
const PASSES = {
  exponentials: apply('exp', apply('sub', X, A)),
  quotients: apply('mul', X, A),
  logarithm: apply('log', X),
  differences: apply('sub', apply('sub', X, A), B),
}

type Passes = Readonly<Record<keyof typeof PASSES, EmittedFunction>>

function passes(lanes: boolean): Passes {
  const pass = (name: keyof typeof PASSES, accesses: readonly Access[]): EmittedFunction =>
    elementwiseFunction({ label: name, expression: PASSES[name], accesses, lanes })
  return {
    exponentials: pass('exponentials', ['each', 'one']),
    quotients: pass('quotients', ['each', 'one']),
    logarithm: pass('logarithm', ['each']),
    differences: pass('differences', ['each', 'one', 'one']),
  }
}

/**
 * A function for contiguous rows of float32. Its operands are x, y, the elements of a row, scratch memory, and
 * the range of rows. y may be the same memory as x.
 */
function rowsFunction(log: boolean, lanes: boolean): EmittedFunction {
  const made = passes(lanes)
  const { exponentials, quotients, logarithm, differences } = made
  const key = log ? 'log_softmax' : 'softmax'
  const params = new Array<ParamType>(6).fill('i32') as 'i32'[]
  return {
    kind: 'emitted',
    key,
    params,
    calls: [
      { kind: 'runtime', key: 'row_max' },
      { kind: 'runtime', key: 'row_sum' },
      ...(log ? [exponentials, logarithm, differences] : [exponentials, quotients]),
    ],
    emit(e) {
      e.func(key, params, (scope, ...locals) => rowsCode(e, scope, made, log, locals))
    },
  }
}

function rowsCode(e: Emitter, scope: Scope, made: Passes, log: boolean, locals: readonly Local<I32>[]): Statements {
  const [x, y, n, memory, begin, end] = locals as [Local<I32>, Local<I32>, Local<I32>, Local<I32>, Local<I32>, Local<I32>]
  const [row, from, to] = [scope.i32(), scope.i32(), scope.i32()]
  const rowAt = (base: Local<I32>): I32 => e.iadd(base.get(), e.shl(e.imul(row.get(), n.get()), Math.log2(FLOAT)))
  const at = (offset: number) => (): I32 => e.iadd(memory.get(), e.i32(offset))
  const [top, sum] = [at(0), at(FLOAT)]
  const [source, result] = [() => from.get(), () => to.get()]
  const exponentials = log ? at(ROW_OFFSET) : result
  const pass = (name: keyof Passes, operands: readonly (() => I32)[], count = n.get()): Statements =>
    e.call(made[name].key, [...operands.map((o) => o()), e.i32(0), e.i32(0), count])
  return e.forRange(row, begin.get(), () => end.get(), 1, [
    from.set(rowAt(x)),
    to.set(rowAt(y)),
    e.call('row_max', [source(), n.get(), top()]),
    pass('exponentials', [source, top, exponentials]),
    e.call('row_sum', [exponentials(), n.get(), sum(), e.i32(Number(!log))]),
    log
      ? [pass('logarithm', [sum, sum], e.i32(1)), pass('differences', [source, top, sum, result])]
      : pass('quotients', [result, sum, result]),
  ])
}
