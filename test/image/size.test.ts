/** What of a bundle that takes images is in `index.js`. */

import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { compile } from '../../compiler/index.ts'
import { createModel } from '../../compiler/zoo/index.ts'

const CLASSES = 1000

describe('the loader', () => {
  it.each([
    [['simd128', 'relaxed-simd'] as const, 4000],
    [['scalar', 'simd128', 'relaxed-simd'] as const, 4096],
  ])('for %j takes less than %i bytes by gzip, however many labels there are', async (targets, most) => {
    const labels = Array.from({ length: CLASSES }, (_, i) => `class ${(i * 7919) % CLASSES}, ${i.toString(36)}`)
    const model = createModel('mobilenet-v2', { width: 0.1, resolution: 32, classes: CLASSES })
    const { files, manifest } = await compile(model, { targets, preprocess: 'torchvision', labels })
    const index = files.get('index.js') as Uint8Array
    expect(gzipSync(index, { level: 9 }).length).toBeLessThan(most)
    expect(Buffer.from(files.get('image.js') as Uint8Array).toString()).toContain(JSON.stringify(labels))
    expect(manifest.labels).toEqual(labels)
  })
})
