/** Networks that say something of every pixel: DeepLabV3 on every target, and no transpose inside a head. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ort from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { importModel } from '../../compiler/import/import.ts'
import { compile } from '../../compiler/index.ts'
import { linkGraph, optimise } from '../../compiler/pipeline.ts'
import { runModule } from '../../compiler/running/run-module.ts'
import { seededInputs } from '../../compiler/running/seeded.ts'
import { type Graph, nodesOf } from '../../ir/graph/graph.ts'
import { numbers, type Tensor } from '../../ir/tensors/tensor.ts'
import { TARGETS } from '../../targets/target/target.ts'
import { difference } from '../closeness.ts'
import { sharedData } from '../shared-data.ts'
import { CLASSES, deepLabModel, RESOLUTION } from './deeplab.ts'
import { openBundle } from './load-bundle.ts'

const PIXELS = RESOLUTION * RESOLUTION
/** Classes whose logits are closer than this may differ between targets. */
const MARGIN = 1e-3

function opsOf(graph: Graph): string[] {
  return nodesOf(graph).map((n) => n.op)
}

/** Pixels whose class is not that of the largest logit by more than `MARGIN`. */
function misclassified(logits: ArrayLike<number>, classes: ArrayLike<number>): number {
  let wrong = 0
  for (let pixel = 0; pixel < PIXELS; pixel++) {
    const scores = Array.from({ length: CLASSES }, (_, c) => logits[c * PIXELS + pixel] as number)
    if ((scores[classes[pixel] as number] as number) < Math.max(...scores) - MARGIN) wrong++
  }
  return wrong
}

describe('DeepLabV3', () => {
  const model = deepLabModel()
  const graph = importModel(model)
  const inputs = seededInputs(graph)

  it('equals onnxruntime on every target, and picks the class of the largest logit', async () => {
    const session = await ort.InferenceSession.create(model, { graphOptimizationLevel: 'disabled' })
    const image = inputs[0] as Tensor
    const { logits } = await session.run({ input: new ort.Tensor('float32', image.data as Float32Array, [...image.type.shape]) })
    const want = logits?.data as Float32Array
    const { modules, weights } = linkGraph(optimise(graph), { targets: TARGETS })
    for (const module of modules) {
      const [scores, classes] = runModule(module, weights, inputs) as [Tensor, Tensor]
      expect(difference(numbers(scores), want, { rtol: 1e-3, atol: 5e-4 }), module.target.name).toBeNull()
      expect(classes.type.shape).toEqual([1, RESOLUTION, RESOLUTION])
      expect(misclassified(want, numbers(classes)), module.target.name).toBe(0)
    }
  })

  it('is a bundle like any other, whose classes are 64-bit integers', async () => {
    const open = openBundle(await compile(model, { targets: ['simd128'] }))
    const loaded = await open.load('simd128')
    const { logits, classes } = loaded.run(inputs[0]?.data as Float32Array)
    expect(classes).toBeInstanceOf(BigInt64Array)
    expect(misclassified(logits as Float32Array, Array.from(classes as BigInt64Array, Number))).toBe(0)
    open.close()
  })

  it('runs in NHWC but for its input and the logits', () => {
    const ops = opsOf(optimise(graph))
    expect(ops.filter((op) => op === 'transpose')).toHaveLength(2)
    expect(ops.filter((op) => op === 'resize')).toHaveLength(1)
    expect(ops.filter((op) => op === 'expand')).toHaveLength(1)
  })
})

const exported = sharedData('exported')

describe.skipIf(!exported)('LR-ASPP', () => {
  it('has no transpose but those of its input and output', () => {
    const graph = importModel(readFileSync(join(exported as string, 'lraspp_v3s_015_128', 'model.onnx')), {
      inputShapes: [{ shape: [1, 3, 128, 128] }],
    })
    expect(opsOf(optimise(graph)).filter((op) => op === 'transpose')).toHaveLength(2)
  })
})
