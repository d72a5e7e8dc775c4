/** The trained network of examples/shapes: every target names what onnxruntime names, with float16 weights too. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { importModel } from '../../compiler/import/import.ts'
import { linkGraph, optimise } from '../../compiler/pipeline.ts'
import { instantiate } from '../../compiler/running/run-module.ts'
import { drawingOf, FRESH, SIDE, toInput } from '../../examples/shapes/sets.ts'
import { float32, numbers } from '../../ir/tensors/tensor.ts'
import { TARGETS } from '../../targets/target/target.ts'
import { difference } from '../closeness.ts'
import { reference } from '../fuzz/reference.ts'
import { argmax } from '../models/images.ts'
import { count } from '../run/short-form.ts'

const network = readFileSync(join(import.meta.dirname, '../../examples/shapes/shapes.onnx'))
const graph = optimise(importModel(network))

/** What each target's module makes of a drawing. */
function classifiers(weights: 'f32' | 'f16'): Map<string, (image: Float32Array) => Float32Array> {
  const linked = linkGraph(graph, { targets: TARGETS, weights })
  return new Map(
    linked.modules.map((module) => {
      const live = instantiate(module, linked.weights)
      const classify = (image: Float32Array): Float32Array => {
        live.inputs[0]?.set(image as never)
        live.run()
        return (live.outputs[0] as Float32Array).slice()
      }
      return [module.target.name, classify]
    }),
  )
}

const compared = count(240, 24)
const named = count(FRESH.count, 240)
const drawings = Array.from({ length: named }, (_, i) => {
  const { drawing, label } = drawingOf(FRESH, i)
  return { image: toInput(drawing), label }
})

const full = classifiers('f32')
const half = classifiers('f16')

describe.each(TARGETS.map((t) => t.name))('on %s', (target) => {
  const [inFull, inHalf] = [full.get(target), half.get(target)] as [
    (image: Float32Array) => Float32Array,
    (image: Float32Array) => Float32Array,
  ]

  it(`${compared} drawings: the logits and the class of onnxruntime`, async () => {
    for (const { image: pixels, label } of drawings.slice(0, compared)) {
      const image = float32([1, 3, SIDE, SIDE], pixels)
      const want = await reference(network, [image])
      if ('invalid' in want) throw new Error(want.invalid)
      const logits = numbers(want.tensors[0] as typeof image)
      const got = inFull(pixels)
      expect(difference(got, logits, { rtol: 1e-3, atol: 5e-4 }), `a drawing of label ${label}`).toBeNull()
      expect(argmax(got), `a drawing of label ${label}`).toBe(argmax(logits))
    }
  })

  it(`${named} drawings: with float16 weights top-1 changes by half a point at most`, () => {
    let [rightInFull, rightInHalf] = [0, 0]
    for (const { image, label } of drawings) {
      rightInFull += Number(argmax(inFull(image)) === label)
      rightInHalf += Number(argmax(inHalf(image)) === label)
    }
    console.log(`shapes on ${target}: ${rightInFull} of ${named} drawings, ${rightInHalf} with float16 weights`)
    expect(rightInFull / named).toBeGreaterThanOrEqual(0.97)
    expect(Math.abs(rightInFull - rightInHalf)).toBeLessThanOrEqual(0.005 * named)
  })
})
