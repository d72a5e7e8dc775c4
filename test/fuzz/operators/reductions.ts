/** Reductions, softmax and matrix products. */

import type { DType } from '../../../ir/tensors/types.ts'
import type { FuzzAttr } from '../case.ts'
import type { Picker } from '../pick.ts'
import { anyAxes, anyAxis, anyExtent, anyShape, constant, either, from, type Generator, type Generators, listed, runtime } from './draft.ts'

/** Axes are an input from opset `inputSince` on. */
function reduction(inputSince = 18, positive = false, integers = false): Generator {
  return from(9, (pick, opset) => {
    const shape = anyShape(pick, 1).map((d) => Math.max(1, d))
    const axes = pick.chance(0.15) ? [] : anyAxes(pick, shape.length).map((a) => (opset < 11 && a < 0 ? a + shape.length : a))
    const dtype: DType = integers && pick.chance(0.2) ? pick.choose(['int32', 'int64']) : 'float32'
    const x = runtime(pick, shape, dtype, positive)
    const attrs: Record<string, FuzzAttr> = pick.chance(0.7) ? { keepdims: pick.choose([0, 1]) } : {}
    const float = dtype === 'float32'
    if (axes.length === 0) return { operands: [x], attrs, float }
    return opset < inputSince ? { operands: [x], attrs: { ...attrs, axes }, float } : { operands: [x, listed(axes)], attrs, float }
  })
}

const softmax = from(9, (pick, opset) => {
  const shape = anyShape(pick, 1).map((d) => Math.max(1, d))
  const axis = anyAxis(pick, shape.length)
  const signed = opset < 11 && axis < 0 ? axis + shape.length : axis
  const standard = pick.chance(0.2) && (opset >= 13 || shape.length > 1)
  return { operands: [runtime(pick, shape)], attrs: standard ? {} : { axis: signed }, float: true }
})

/** The k-th smallest and largest are told apart: no element is there twice. */
const extreme = from(9, (pick, opset) => {
  const shape = anyShape(pick, 1, 4).map((d) => Math.max(1, d))
  const axis = pick.between(opset < 11 ? 0 : -shape.length, shape.length - 1)
  const last = opset >= 12 && pick.chance(0.3) ? { select_last_index: 1 } : {}
  return { operands: [runtime(pick, shape)], attrs: { axis, ...(pick.chance(0.5) && { keepdims: pick.choose([0, 1]) }), ...last } }
})

const topK = from(11, (pick) => {
  const shape = anyShape(pick, 1, 4).map((d) => Math.max(1, d))
  const axis = anyAxis(pick, shape.length)
  const k = pick.between(1, shape.at(axis) as number)
  return { operands: [runtime(pick, shape), listed([k])], attrs: { axis, ...(pick.chance(0.4) && { largest: 0 }) }, outputs: 2 }
})

const extentOf = (pick: Picker): number => Math.max(1, anyExtent(pick))

const gemm = from(9, (pick, opset) => {
  const [m, k, n] = [extentOf(pick), extentOf(pick) * pick.choose([1, 1, 4]), extentOf(pick) * pick.choose([1, 1, 3])]
  const [transA, transB] = [pick.choose([0, 0, 1]), pick.choose([0, 1])]
  const a = runtime(pick, transA ? [k, m] : [m, k])
  const b = either(pick, 0.8, transB ? [n, k] : [k, n])
  const c = pick.choose([[n], [1, n], [m, n], [m, 1], [1], []])
  const attrs: Record<string, FuzzAttr> = {
    ...(transA && { transA }),
    ...(transB && { transB }),
    ...(pick.chance(0.3) && { alpha: { float: 0.5 } }),
    ...(pick.chance(0.3) && { beta: { float: 1.5 } }),
  }
  return { operands: [a, b, ...(opset < 11 || pick.chance(0.7) ? [either(pick, 0.8, c)] : [])], attrs, float: true }
})

const matmul = from(9, (pick) => {
  const [m, k, n] = [extentOf(pick), extentOf(pick) * pick.choose([1, 1, 4]), extentOf(pick) * pick.choose([1, 1, 3])]
  const lead = anyShape(pick, 0, 2).map((d) => Math.max(1, d))
  const left = pick.chance(0.1) ? [k] : [...lead, m, k]
  const right = pick.chance(0.1) ? [k] : [...(pick.chance(0.6) ? [] : lead.map((d) => (pick.chance(0.3) ? 1 : d))), k, n]
  return { operands: [runtime(pick, left), pick.chance(0.7) ? constant(pick, right) : runtime(pick, right)], float: true }
})

export const reductions: Generators = {
  ReduceMean: reduction(),
  ReduceSum: reduction(13, false, true),
  ReduceMax: reduction(18, false, true),
  ReduceMin: reduction(18, false, true),
  ReduceProd: reduction(),
  ReduceL1: reduction(),
  ReduceL2: reduction(),
  ReduceSumSquare: reduction(),
  ReduceLogSum: reduction(18, true),
  ReduceLogSumExp: reduction(),
  Softmax: softmax,
  LogSoftmax: softmax,
  ArgMax: extreme,
  ArgMin: extreme,
  TopK: topK,
  Gemm: gemm,
  MatMul: matmul,
}
