import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ort from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { compile } from '../../compiler/index.ts'
import { TARGETS, type TargetName } from '../../targets/target/target.ts'
import { difference } from '../closeness.ts'
import { count } from '../run/short-form.ts'
import { sharedData } from '../shared-data.ts'
import { argmax, preprocess, SIDE } from './images.ts'
import { openBundle } from './load-bundle.ts'

const root = sharedData('trained')

/**
 * How many of the 100 images each target sees: a sample in the short form, all in the full one.
 */
const IMAGES: Readonly<Record<TargetName, number>> = { scalar: count(100, 2), simd128: count(100, 8), 'relaxed-simd': count(100, 4) }

describe.skipIf(!root)('trained networks on labelled images', () => {
  const folder = root as string
  const models = root ? readdirSync(join(root, 'models')).filter((f) => !f.includes('qdq')) : []
  const images = root ? readdirSync(join(root, 'images')).map((f) => join(root, 'images', f)) : []

  for (const file of models) {
    it(`${file}: same outputs and top-1 as ONNX Runtime (${Object.values(IMAGES).join(', ')} images)`, { timeout: 600_000 }, async () => {
      const bytes = readFileSync(join(folder, 'models', file))
      const session = await ort.InferenceSession.create(bytes, { graphOptimizationLevel: 'disabled', intraOpNumThreads: 2 })
      const bundle = await compile(bytes, { targets: TARGETS.map((t) => t.name), dims: { batch_size: 1 } })
      const open = openBundle(bundle)
      const loaded = await Promise.all(TARGETS.map((t) => open.load(t.name)))
      const torch = /zoo|torch/.test(file)
      for (const [i, image] of images.slice(0, Math.max(...Object.values(IMAGES))).entries()) {
        const input = preprocess(image, torch)
        const want = (await session.run({ [session.inputNames[0] as string]: new ort.Tensor('float32', input, [1, 3, SIDE, SIDE]) }))[
          session.outputNames[0] as string
        ]?.data as Float32Array
        for (const [t, target] of TARGETS.entries()) {
          if (i >= IMAGES[target.name]) continue
          const got = Object.values(loaded[t]?.run(input) ?? {})[0] as Float32Array
          expect(difference(got, want, { rtol: 1e-3, atol: 5e-4 }), `${target.name} on ${image}`).toBeNull()
          expect(argmax(got), `${target.name} on ${image}`).toBe(argmax(want))
        }
      }
      open.close()
    })
  }
})
