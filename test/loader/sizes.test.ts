import { brotliCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { compile } from '../../compiler/index.ts'
import { createModel } from '../../compiler/zoo/index.ts'
import { sample } from '../run/short-form.ts'

const MIB = 2 ** 20
/** Names, and bytes of linear memory at most. The short form takes the network whose memory has a target. */
const NETWORKS = [
  ['mobilenet-v2', 20 * MIB],
  ['mobilenet-v1', 24 * MIB],
  ['mobilenet-v3-large', 26 * MIB],
  ['mobilenet-v3-small', 12 * MIB],
] as const

describe.each(sample(NETWORKS, (_, i) => i === 0))('%s', (name, memory) => {
  it('has a loader and a module of 40 kB at most, half as many bytes as float16, and no more memory than it needs', {
    timeout: 300_000,
  }, async () => {
    const model = createModel(name)
    const { files, manifest } = await compile(model)
    const brotli = (file: string): number => brotliCompressSync(files.get(file) as Uint8Array).length
    const loader = brotli('index.js')
    for (const target of manifest.targets) {
      const total = loader + brotli(`model.${target}.wasm`)
      const megabytes = ((manifest.peakMemory[target] as number) / MIB).toFixed(1)
      console.log(`${name} ${target}: loader and module ${(total / 1000).toFixed(1)} kB brotli, memory ${megabytes} MiB`)
      expect(total).toBeLessThan(40_000)
      expect(manifest.peakMemory[target]).toBeLessThanOrEqual(memory)
    }
    const half = await compile(model, { weights: 'f16' })
    expect(half.manifest.peakMemory).toEqual(manifest.peakMemory)
    expect(half.manifest.sizes.weights).toBeLessThan(0.51 * manifest.sizes.weights)
  })
})
