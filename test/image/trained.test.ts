/** Photographs through `classify` against the same photographs preprocessed apart from it, on networks that know them. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import jpeg from 'jpeg-js'
import { afterAll, describe, expect, it } from 'vitest'
import { argmax, preprocess, SIDE } from '../models/images.ts'
import { sample } from '../run/short-form.ts'
import { sharedData } from '../shared-data.ts'
import { imageModel, removeFolders } from './bundle.ts'

const root = sharedData('trained')

const NETWORKS = [
  ['v1_025_224_f32_tf.onnx', 'tensorflow'],
  ['zoo_mobilenetv2-12_f32_rebuilt.onnx', 'torchvision'],
] as const

/** The crop that the reference takes: halves of a pixel are rounded down, as the `tensorflow` preset does and torchvision does not. */
function sameCrop({ width, height }: { width: number; height: number }, preset: string): boolean {
  return preset === 'tensorflow' || ((width - SIDE) % 4 !== 3 && (height - SIDE) % 4 !== 3)
}

afterAll(removeFolders)

describe.skipIf(!root)('photographs', () => {
  const folder = root as string
  const images = root ? readdirSync(join(root, 'images')).map((f) => join(root, 'images', f)) : []
  const seen = sample(images, (_, i) => i < 20)

  it.each(NETWORKS)('%s: classify sees what %s preprocessing makes', { timeout: 120_000 }, async (file, preset) => {
    const model = readFileSync(join(folder, 'models', file))
    const loaded = await imageModel(model, { dims: { batch_size: 1 }, preprocess: preset })
    const { name } = loaded.inputs[0] as { name: string }
    let [same, compared] = [0, 0]
    for (const path of seen) {
      const want = preprocess(path, preset === 'torchvision')
      const image = jpeg.decode(readFileSync(path), { useTArray: true })
      const [best] = await loaded.classify(image, { topK: 1 })
      if (best?.index === argmax(Object.values(loaded.run({ [name]: want }))[0] as Float32Array)) same++
      if (!sameCrop(image, preset)) continue
      await loaded.classify(image)
      const got = loaded.input(name) as Float32Array
      const largest = want.reduce((most, x, i) => Math.max(most, Math.abs(x - (got[i] as number))), 0)
      expect(largest, path).toBeLessThan(1e-5)
      compared++
    }
    console.log(`${file}: the same class on ${same} of ${seen.length} photographs, the same pixels on all ${compared} with the same crop`)
    expect(same).toBeGreaterThanOrEqual(0.99 * seen.length)
    expect(compared).toBeGreaterThan(seen.length / 2)
  })
})
