/** Models of the zoo give sane logits, and onnxruntime agrees about them. */

import ort from 'onnxruntime-node'
import { describe, expect, test } from 'vitest'
import { ARCHITECTURES } from '../../compiler/zoo/catalogue.ts'
import { createModel } from '../../compiler/zoo/index.ts'
import { difference } from '../closeness.ts'
import { interpretedLogits, testImages } from './models.ts'

const RESOLUTION = 64
const IMAGES = 4
const UNSEEN = 12345

function deviation(values: ArrayLike<number>): number {
  const list = Array.from(values)
  const mean = list.reduce((a, b) => a + b, 0) / list.length
  return Math.sqrt(list.reduce((sum, v) => sum + (v - mean) ** 2, 0) / list.length)
}

async function onnxruntimeLogits(model: Uint8Array, images: readonly Float32Array[]): Promise<Float32Array[]> {
  const session = await ort.InferenceSession.create(model, { graphOptimizationLevel: 'disabled' })
  const outputs: Float32Array[] = []
  for (const image of images) {
    const results = await session.run({ input: new ort.Tensor('float32', image, [1, 3, RESOLUTION, RESOLUTION]) })
    outputs.push(results.output?.data as Float32Array)
  }
  return outputs
}

describe.each(ARCHITECTURES.map((a) => a.name))('%s', (name) => {
  const model = createModel(name, { width: 0.25, resolution: RESOLUTION, classes: 20, seed: 3 })
  const images = testImages(IMAGES, RESOLUTION, UNSEEN)
  const logits = interpretedLogits(model, images)

  test('logits of images it was not calibrated on are finite, spread and different', () => {
    for (const image of logits) {
      expect(image.every(Number.isFinite)).toBe(true)
      expect(deviation(image)).toBeGreaterThan(0.3)
      expect(deviation(image)).toBeLessThan(30)
    }
    for (let i = 1; i < IMAGES; i++) {
      expect(deviation((logits[i] as Float64Array).map((v, k) => v - ((logits[0] as Float64Array)[k] as number)))).toBeGreaterThan(0.3)
    }
  })

  test('onnxruntime gives what the interpreter gives', async () => {
    const outputs = await onnxruntimeLogits(model, images)
    outputs.forEach((output, i) => {
      expect(difference(output, logits[i] as Float64Array, { rtol: 1e-3, atol: 5e-4 })).toBeNull()
    })
  })
})
