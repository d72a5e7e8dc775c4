/** How the convolution kernels of the runtime are called, and how the activation after them is applied. */

import { resultOf, type Value } from '../../../ir/graph/graph.ts'
import { sizeOf } from '../../../ir/tensors/types.ts'
import { inOrder, type ParamsOf } from '../../../runtime-as/kernels.ts'
import type { EmittedFunction } from '../../emitter/emitted-function.ts'
import type { Emitter, I32, Local, ParamType, Scope, Statements } from '../../emitter/emitter.ts'
import type { Address } from '../../schedule/schedule.ts'
import type { Lowering } from '../../selection/kernel.ts'
import { elementwiseFunction } from '../elementwise/elementwise-function.ts'
import { callRuntime, type RuntimeOperands } from '../runtime/runtime-call.ts'
import { windowDescriptor } from '../runtime/window-descriptor.ts'
import type { ConvShape } from './shape/conv-shape.ts'
import { type Epilogue, epilogueOf } from './tiles/epilogue.ts'

type ConvKernelName = 'conv_f32' | 'depthwise_f32' | 'pointwise_f32'

/**
 * How much of the range is computed before the activation is applied to it. The results are then still in a
 * near cache.
 */
const PIECES: Readonly<Record<ConvKernelName, number>> = { conv_f32: 1, depthwise_f32: 1, pointwise_f32: 8 }

/**
 * Adds a call of a runtime convolution for the whole of [0, extent). If the convolution has an activation, the
 * step's function applies it to the results.
 */
export function callConv<N extends ConvKernelName>(
  l: Lowering,
  name: N,
  shape: ConvShape,
  operands: RuntimeOperands<N> & { readonly y: Address },
  extent: number,
): void {
  const { node, macs } = shape
  const epilogue = epilogueOf(node.attrs.act)
  if (epilogue.key === '') {
    callRuntime(l, name, operands, { extent, macs })
    return
  }
  const values = inOrder(name, operands as unknown as Readonly<Record<keyof ParamsOf<N>, Address | number | null>>)
  const floats = sizeOf(resultOf(node).type.shape) / extent
  const fn = activatedFunction(name, values.length, epilogue, l.target.simd)
  l.step(fn, [...values.map((value) => value ?? 0), operands.y, l.pack(epilogue.constants), floats], { extent, macs })
}

/**
 * A function that convolves and then activates, piece by piece. Its operands are those of the runtime's kernel,
 * then the result, the constants of the activation, the floats per element of the range, and the range.
 */
function activatedFunction(name: ConvKernelName, operands: number, epilogue: Epilogue, lanes: boolean): EmittedFunction {
  const activation = elementwiseFunction({ label: epilogue.key, expression: epilogue.expression, accesses: ['each'], lanes })
  const key = `${name}_${epilogue.key}`
  const params = new Array<ParamType>(operands + 5).fill('i32') as 'i32'[]
  return {
    kind: 'emitted',
    key,
    params,
    calls: [{ kind: 'runtime', key: name }, activation],
    emit: (e) => e.func(key, params, (scope, ...locals) => pieces(e, scope, name, activation, locals)),
  }
}

function pieces(e: Emitter, scope: Scope, name: ConvKernelName, activation: EmittedFunction, params: readonly Local<I32>[]): Statements {
  const operands = params.slice(0, -5)
  const [y, constants, floats, begin, end] = params.slice(-5) as [Local<I32>, Local<I32>, Local<I32>, Local<I32>, Local<I32>]
  const [first, next] = [scope.i32(), scope.i32()]
  const piece = e.i32(PIECES[name])
  const stop = next.set(e.iadd(first.get(), piece))
  const cut = e.if(e.lt(end.get(), next.get()), next.set(end.get()))
  const convolve = e.call(name, [...operands.map((o) => o.get()), first.get(), next.get()])
  const range = [first, next].map((part) => e.imul(part.get(), floats.get()))
  const activate = e.call(activation.key, [y.get(), y.get(), constants.get(), ...range])
  return e.forRange(first, begin.get(), () => end.get(), PIECES[name], [stop, cut, convolve, activate])
}

/** The runtime's descriptor of a convolution's windows (runtime-as/assembly/window.ts). */
export function convWindow({ node, kernel, groups }: ConvShape): Int32Array {
  const [x] = node.inputs as [Value]
  const window = { ...node.attrs, kernel }
  return windowDescriptor({ input: x.type.shape, output: resultOf(node).type.shape, window, groups })
}
