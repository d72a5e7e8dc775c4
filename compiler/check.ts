/** `--check`: does every pass keep the meaning of the graph? */

import { InternalError } from '../ir/diagnostics.ts'
import { type Graph, nodesOf } from '../ir/graph.ts'
import { interpret } from '../ir/interpret.ts'
import { numbers, type Tensor } from '../ir/tensor.ts'
import { isFloat } from '../ir/types.ts'
import type { PassEvents } from './pass.ts'
import { seededInputs } from './seeded.ts'

/** How far two results of the same computation may lie apart: |a − b| ≤ absolute · max|b| + relative · |b|. */
export interface Tolerance {
  readonly relative: number
  readonly absolute: number
}

export const TOLERANCES = {
  /** The same bits: integers, and floats that were only moved. */
  exact: { relative: 0, absolute: 0 },
  /** float32 rounded in other places, with what a deep network makes of it. */
  rounding: { relative: 1e-3, absolute: 1e-4 },
  /** Where one side rounds to float16 on the way. */
  approx: { relative: 2e-2, absolute: 2e-2 },
} as const satisfies Record<string, Tolerance>

export type ToleranceName = keyof typeof TOLERANCES

export interface Difference {
  /** Position of the element that exceeds the tolerance most. */
  readonly index: number
  readonly actual: number
  readonly expected: number
}

/** The worst element beyond the tolerance, or null. NaN equals NaN; infinities equal only themselves. */
export function difference(actual: Tensor, expected: Tensor, tolerance: Tolerance): Difference | null {
  const [a, b] = [numbers(actual), numbers(expected)]
  let scale = 0
  for (let i = 0; i < b.length; i++) if (Number.isFinite(b[i])) scale = Math.max(scale, Math.abs(b[i] as number))
  let worst: Difference | null = null
  let excess = 0
  for (let index = 0; index < b.length; index++) {
    const [x, y] = [a[index] as number, b[index] as number]
    if (Object.is(x, y) || x === y) continue
    const beyond = Math.abs(x - y) - tolerance.absolute * scale - tolerance.relative * Math.abs(y)
    if (beyond <= excess) continue
    excess = Number.isNaN(beyond) ? Number.POSITIVE_INFINITY : beyond
    worst = { index, actual: x, expected: y }
  }
  return worst
}

/**
 * Events that interpret the graph on seeded inputs after every pass, and throw an `InternalError`
 * that names the first pass after which an output differs from what `imported` gives.
 */
export function passChecker(imported: Graph, seed = 1): Required<Pick<PassEvents, 'onPass'>> {
  const inputs = seededInputs(imported, seed)
  const expected = interpret(imported, inputs)
  const half = nodesOf(imported).some((node) => node.outputs.some((v) => v.type.dtype === 'float16'))
  return {
    onPass(pass, graph) {
      interpret(graph, inputs).forEach((actual, i) => {
        const reference = expected[i] as Tensor
        const tolerance = TOLERANCES[isFloat(reference.type.dtype) ? (half ? 'approx' : 'rounding') : 'exact']
        const worst = difference(actual, reference, tolerance)
        if (!worst) return
        const { index, actual: is, expected: was } = worst
        throw new InternalError(`pass ${pass} moved output "${graph.outputs[i]?.name}": element ${index} was ${was} and is ${is}`)
      })
    },
  }
}
