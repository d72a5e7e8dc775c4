import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { importModel } from '../../compiler/import/import.ts'
import { type Bundle, compile } from '../../compiler/index.ts'
import { optimise, schedule } from '../../compiler/pipeline.ts'
import { runModule } from '../../compiler/running/run-module.ts'
import { createModel } from '../../compiler/zoo/index.ts'
import { float16ToNumber } from '../../ir/tensors/float16.ts'
import { link } from '../../targets/linking/link.ts'
import { packWeights, type Stored } from '../../targets/linking/weights.ts'
import { TARGETS, targetNamed } from '../../targets/target/target.ts'
import { fakeBundle } from '../loader/fake.ts'
import { importFrom, removeFolders, writeFiles } from '../loader/folder.ts'

const targets = TARGETS.map((t) => t.name)
const model = createModel('mobilenet-v1-cifar', { width: 0.25 })
const input = Float32Array.from({ length: 3 * 32 * 32 }, (_, i) => Math.sin(i))

const make = (options: object): Promise<Bundle> => compile(model, { targets, ...options })
const fileOf = (bundle: Bundle, name: string): Uint8Array => bundle.files.get(name) as Uint8Array

let plain: Bundle
let half: Bundle
let single: Bundle
let halfSingle: Bundle

beforeAll(async () => {
  plain = await make({})
  half = await make({ weights: 'f16' })
  single = await make({ singleFile: true })
  halfSingle = await make({ weights: 'f16', singleFile: true })
})

const folders: string[] = []

afterAll(() => {
  removeFolders()
  for (const dir of folders) rmSync(dir, { recursive: true })
})

async function outputOf(dir: string, options: object): Promise<Float32Array> {
  const { load } = await importFrom(dir)
  const loaded = await load({ ...options })
  return Object.values(loaded.run(input))[0] as Float32Array
}

/** A folder that holds the loader alone. */
function alone(bundle: Bundle): string {
  const dir = mkdtempSync(join(tmpdir(), 'alone-'))
  folders.push(dir)
  copyFileSync(join(writeFiles(bundle), 'index.js'), join(dir, 'index.mjs'))
  return dir
}

describe('weights as float16', () => {
  it('are half as long, in the same memory', () => {
    const ratio = fileOf(half, 'weights.bin').length / fileOf(plain, 'weights.bin').length
    expect(ratio).toBeLessThan(0.52)
    expect(half.manifest.peakMemory).toEqual(plain.manifest.peakMemory)
    expect(half.manifest.sizes.weights).toBe(fileOf(half, 'weights.bin').length)
    expect(half.files.size).toBe(plain.files.size)
  })

  it.each(TARGETS)('give what float32 with their values gives on $name, and pass the self-test', async (target) => {
    const planned = schedule(optimise(importModel(model, {})), target)
    const rounded = packWeights([planned])
    const stored = packWeights([planned], 'f16')
    for (const { key, bytes } of planned.blobs) {
      const { offset, float16 } = stored.places.get(key) as Stored
      if (!float16) continue
      const values = Float32Array.from(new Uint16Array(stored.bytes.buffer, offset, bytes.length / 4), float16ToNumber)
      new Float32Array(rounded.bytes.buffer, rounded.places.get(key)?.offset, values.length).set(values)
    }
    const x = { type: { dtype: 'float32' as const, shape: [1, 3, 32, 32] }, data: input }
    const [want] = runModule(link(planned, rounded, target), rounded.bytes, [x])
    const got = await outputOf(writeFiles(half), { target: target.name, selfTest: true, integrity: true })
    expect(got).toEqual(want?.data)
  })

  it('are refused where they are cut off, too long, changed, or those of the other form', async () => {
    const dir = writeFiles(half)
    const { load } = await importFrom(dir)
    const weights = fileOf(half, 'weights.bin')
    const expected = `expected ${weights.length}`
    await expect(load({ weights: weights.subarray(0, 1000) })).rejects.toThrow(`weights.bin: 1000 bytes, ${expected}`)
    await expect(load({ weights: new Response(weights.slice(0, 1000)) })).rejects.toThrow(`weights.bin: 1000 bytes, ${expected}`)
    await expect(load({ weights: fileOf(plain, 'weights.bin') })).rejects.toThrow(expected)
    await expect(load({ wasm: fileOf(plain, 'model.simd128.wasm') })).rejects.toThrow("not this bundle's")
    writeFileSync(join(dir, 'weights.bin'), weights.slice().fill(1, 64, 65))
    await expect(load({ integrity: true })).rejects.toThrow('weights.bin: integrity: sha384')
  })
})

describe('a single file', () => {
  it('has no weights beside it, and refers to none', () => {
    expect([...single.files.keys()].sort()).toEqual([...plain.files.keys()].filter((name) => name !== 'weights.bin').sort())
    expect(Object.keys(single.manifest.files)).not.toContain('weights.bin')
    expect(Buffer.from(fileOf(single, 'package.json')).toString()).not.toContain('weights.bin')
    expect(Buffer.from(fileOf(single, 'index.js')).toString()).not.toMatch(/new URL\("\.\/|eval\(|new Function|blob:|data:/)
    expect(fileOf(single, 'index.d.ts')).toEqual(fileOf(plain, 'index.d.ts'))
  })

  it.each(targets)('gives the same results with nothing beside it on %s', async (target) => {
    const load = async (bundle: Bundle) => {
      const loader = await importFrom(alone(bundle), 'index.mjs')
      return Object.values((await loader.load({ target, selfTest: true, integrity: true })).run(input))[0]
    }
    expect(await load(single)).toEqual(await outputOf(writeFiles(plain), { target }))
    expect(await load(halfSingle)).toEqual(await outputOf(writeFiles(half), { target }))
  })

  it('decodes where the engine has no decoder of its own, and only the module it takes', async () => {
    const own = Uint8Array as { fromBase64?: unknown }
    const { fromBase64 } = own
    const { atob } = globalThis
    const want = await outputOf(writeFiles(plain), { target: 'simd128' })
    const decoded: number[] = []
    own.fromBase64 = undefined
    globalThis.atob = (text) => {
      decoded.push(text.length)
      return atob(text)
    }
    try {
      const { load } = await importFrom(alone(single), 'index.mjs')
      const loaded = await load({ target: 'simd128' })
      expect(Object.values(loaded.run(input))[0]).toEqual(want)
    } finally {
      own.fromBase64 = fromBase64
      globalThis.atob = atob
    }
    const base64 = ({ length }: Uint8Array): number => 4 * Math.ceil(length / 3)
    expect(decoded.reduce((sum, n) => sum + n)).toBe(
      base64(targetNamed('simd128').probe) + base64(fileOf(plain, 'weights.bin')) + base64(fileOf(single, 'model.simd128.wasm')),
    )
  })

  it('still takes modules and weights from the caller', async () => {
    const { load } = await importFrom(alone(single), 'index.mjs')
    const loaded = await load({ wasm: fileOf(plain, 'model.scalar.wasm'), weights: fileOf(plain, 'weights.bin') })
    expect(loaded.target).toBe('scalar')
    await expect(load({ weights: Uint8Array.of(1, 2, 3) })).rejects.toThrow('weights.bin: 3 bytes, expected')
  })

  it('that was changed is found out', async () => {
    const dir = alone(fakeBundle({ singleFile: true }))
    const text = Buffer.from(fileOf(fakeBundle({ singleFile: true }), 'index.js')).toString()
    const changed = text.replace('"weights.bin":"AADG', '"weights.bin":"AADH')
    expect(changed).not.toBe(text)
    writeFileSync(join(dir, 'changed.mjs'), changed)
    const { load } = await importFrom(dir, 'changed.mjs')
    await expect(load({ integrity: true })).rejects.toThrow('weights.bin: integrity: sha384')
    writeFileSync(join(dir, 'short.mjs'), text.replace(/"weights.bin":"[^"]{4}/, '"weights.bin":"'))
    const short = await importFrom(dir, 'short.mjs')
    await expect(short.load()).rejects.toThrow('weights.bin: 13 bytes, expected 16')
  })

  it('has a worker', async () => {
    const { load } = await importFrom(writeFiles(halfSingle), 'worker.js')
    const loaded = await load({ target: 'simd128' })
    try {
      const result = (await (loaded.run(input) as unknown)) as Record<string, Float32Array>
      expect(Object.values(result)[0]).toEqual(await outputOf(writeFiles(half), { target: 'simd128' }))
    } finally {
      loaded.dispose()
    }
  })
})

it('the same options give the same bytes', async () => {
  for (const [first, options] of [
    [half, { weights: 'f16' }],
    [halfSingle, { weights: 'f16', singleFile: true }],
  ] as const) {
    const again = await make(options)
    for (const [name, bytes] of first.files) expect(Buffer.compare(bytes, fileOf(again, name)), name).toBe(0)
  }
})

it('all weights of a network are stored as float16', async () => {
  const told: string[] = []
  await make({ weights: 'f16', onExplain: (text: string) => told.push(text) })
  expect(told.filter((text) => text.startsWith('weights'))).toEqual([])
})
