import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bundle, compile } from '../../compiler/index.ts'
import { createModel } from '../../compiler/zoo/index.ts'
import { FULL } from '../run/short-form.ts'
import { importFrom, type LoadedModel, removeFolders, writeFiles } from './folder.ts'

const RUNS = FULL ? 10_000 : 1000
const PAGE = 65536
/** Address of the weights, and what may be read past the arena. */
const [BASE, SLACK] = [1024, 64]
/** What the engine's garbage and tiers of code may take. */
const NOISE = 24 * 2 ** 20

let bundle: Bundle

beforeAll(async () => {
  bundle = await compile(createModel('mobilenet-v1-cifar', { width: 0.25 }), { targets: ['simd128'] })
})

afterAll(removeFolders)

const load = async (): Promise<LoadedModel> => (await importFrom(writeFiles(bundle))).load()

describe('memory', () => {
  it('is weights and arena, in whole pages, and cannot grow', async () => {
    const { sizes, peakMemory } = bundle.manifest
    const needed = BASE + sizes.weights + (sizes.arena.simd128 as number) + SLACK
    expect(peakMemory.simd128).toBe(Math.ceil(needed / PAGE) * PAGE)
    const { buffer } = (await load()).input('input')
    expect(buffer.byteLength).toBe(peakMemory.simd128)
  })

  it(`is as it was after ${RUNS} runs`, async () => {
    const model = await load()
    const input = model.input('input')
    const values = input.slice()
    const { buffer } = input
    for (let i = 0; i < RUNS / 10; i++) model.run(values)
    const before = process.memoryUsage().rss
    const first = model.run(values)
    for (let i = 0; i < RUNS / 2; i++) {
      model.run(values)
      model.execute()
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(NOISE)
    expect(model.input('input')).toBe(input)
    expect(input.buffer).toBe(buffer)
    expect(buffer.byteLength).toBe(bundle.manifest.peakMemory.simd128)
    expect(model.run(values)).toEqual(first)
  })
})
