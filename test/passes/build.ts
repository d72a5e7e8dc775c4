/** Small graphs for pass tests, and the check that every one of those tests makes. */

import { expect } from 'vitest'
import { type Pass, runPasses } from '../../compiler/rewriting/pass.ts'
import { compareTensors, formatComparison, TOLERANCES, type Tolerance } from '../../compiler/running/compare.ts'
import { seeded, seededInputs, seededTensor } from '../../compiler/running/seeded.ts'
import { apply, constantValue, type Graph, type InputValue, inputValue, nodesOf, type Value } from '../../ir/graph/graph.ts'
import { interpret } from '../../ir/graph/interpret.ts'
import { printGraph } from '../../ir/graph/print.ts'
import type { ConvAttrs } from '../../ir/ops/conv.ts'
import { float32, numbers, type Tensor } from '../../ir/tensors/tensor.ts'
import type { DType, Shape } from '../../ir/tensors/types.ts'

export function input(shape: Shape, dtype: DType = 'float32'): InputValue {
  return inputValue('x', { dtype, shape })
}

/** A constant of one repeated number. */
export function filled(shape: Shape, x: number): Value {
  return constantValue(float32(shape, new Array(shape.reduce((n, d) => n * d, 1)).fill(x)))
}

export function scalar(x: number): Value {
  return filled([], x)
}

/** A constant of seeded values. */
export function random(shape: Shape, seed = 7): Value {
  return constantValue(seededTensor({ dtype: 'float32', shape }, seeded(seed)))
}

/** A constant with these elements. */
export function vector(...values: number[]): Value {
  return constantValue(float32([values.length], values))
}

export const PLAIN: ConvAttrs = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1 }

/** A convolution to `channels` channels with seeded weights and bias, named `name`. */
export function conv(x: Value, channels: number, kernel = 1, attrs: Partial<ConvAttrs> = {}, name = 'Conv'): Value {
  const { group = 1 } = attrs
  const w = random([channels, kernel, kernel, (x.type.shape[3] as number) / group])
  return apply('conv', [x, w, random([channels], 3)], { ...PLAIN, ...attrs }, { name, origins: [name] })
}

export const relu6 = (x: Value): Value => apply('clamp', [x], { min: 0, max: 6 }, { origins: ['Clip'] })
export const relu = (x: Value): Value => apply('clamp', [x], { min: 0, max: Number.POSITIVE_INFINITY }, { origins: ['Relu'] })
export const toNhwc = (x: Value): Value => apply('transpose', [x], { perm: [0, 2, 3, 1] })
export const toNchw = (x: Value): Value => apply('transpose', [x], { perm: [0, 3, 1, 2] })
export const reshape = (x: Value, ...shape: number[]): Value => apply('reshape', [x], { shape })

/** The graph that computes `outputs` from every input they reach. */
export function graphOf(...outputs: Value[]): Graph {
  const named = outputs.map((value, i) => ({ name: `y${i}`, value }))
  const reached = nodesOf({ name: 'test', inputs: [], outputs: named }).flatMap((node) => node.inputs)
  const inputs = [...new Set([...reached, ...outputs])].filter((v) => v.kind === 'input')
  return { name: 'test', inputs, outputs: named }
}

/** The text of the graph after the passes, which must compute the same. */
export function optimised(passes: Pass | readonly Pass[], graph: Graph, remarks: string[] = []): string {
  const list = 'name' in passes ? [passes] : passes
  const result = runPasses(graph, list, { onRemark: (_, text) => remarks.push(text) })
  expectSameMeaning(result, graph)
  return `\n${printGraph(result)}`
}

export function expectSameMeaning(actual: Graph, expected: Graph, tolerance: keyof typeof TOLERANCES = 'rounding'): void {
  expect(actual.inputs).toEqual(expected.inputs)
  const inputs = seededInputs(expected)
  const outputs = interpret(expected, inputs)
  interpret(actual, inputs).forEach((got, i) => {
    const want = outputs[i] as Tensor
    expect(got.type.shape).toEqual(want.type.shape)
    const comparison = compareTensors(got, want, scaled(TOLERANCES[tolerance], want))
    expect(comparison.close, formatComparison(comparison)).toBe(true)
  })
}

/** Sums of random graphs cancel: errors are as large as the largest element makes them. */
function scaled({ rtol, atol }: Tolerance, want: Tensor): Tolerance {
  const finite = Array.from(numbers(want), Math.abs).filter(Number.isFinite)
  return { rtol, atol: atol * finite.reduce((a, b) => Math.max(a, b), 1) }
}
