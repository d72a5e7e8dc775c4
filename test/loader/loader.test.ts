import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import vm from 'node:vm'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { engine } from './engine.ts'
import { fakeBundle, WEIGHTS } from './fake.ts'
import { importFrom, type LoadedModel, type Loader, removeFolders, writeFiles } from './folder.ts'

const bundle = fakeBundle()
const wasm = (target: string): Uint8Array => bundle.files.get(`model.${target}.wasm`) as Uint8Array
const ONES = new Float32Array(6).fill(1)
const RESULT = new Float32Array(6).fill(2.5)

let dir: string
let loader: Loader

beforeAll(async () => {
  dir = writeFiles(bundle)
  loader = await importFrom(dir)
})

afterAll(removeFolders)

describe('the files', () => {
  it('are all there, and the loader is small', () => {
    expect([...bundle.files.keys()].sort()).toEqual([
      'edge.d.ts',
      'edge.js',
      'index.d.ts',
      'index.js',
      'manifest.json',
      'model.relaxed-simd.wasm',
      'model.scalar.wasm',
      'model.simd128.wasm',
      'package.json',
      'weights.bin',
      'worker.d.ts',
      'worker.js',
    ])
    expect(gzipSync(bundle.files.get('index.js') as Uint8Array).length).toBeLessThan(4096)
  })

  it('are the same each time', () => {
    const again = fakeBundle()
    for (const [name, bytes] of bundle.files) expect(Buffer.from(bytes).equals(again.files.get(name) as Uint8Array), name).toBe(true)
  })

  it('hold no import of node: modules, no eval, no blob', () => {
    for (const name of ['index.js', 'worker.js']) {
      const text = Buffer.from(bundle.files.get(name) as Uint8Array).toString()
      expect(text).not.toMatch(/import\s*\(|from\s*["']node:|eval\(|new Function|blob:|https?:\/\//i)
    }
    const index = Buffer.from(bundle.files.get('index.js') as Uint8Array).toString()
    expect(index).toContain('new URL("./weights.bin",import.meta.url)')
    expect(index).toContain('new URL("./model.simd128.wasm",import.meta.url)')
  })
})

describe('load', () => {
  it('takes the best target the engine accepts', async () => {
    const { target } = await loader.load()
    expect(target).toBe('relaxed-simd')
  })

  it.each(['scalar', 'simd128', 'relaxed-simd'])('takes %s when told', async (target) => {
    const model = await loader.load({ target })
    expect(model.target).toBe(target)
    expect(model.run(ONES)).toEqual({ y: RESULT })
  })

  it('names the targets there are', async () => {
    await expect(loader.load({ target: 'threads' })).rejects.toThrow('no target "threads", expected auto, relaxed-simd, simd128, scalar')
  })

  it('takes the first of several that the engine prefers, and no other', async () => {
    expect((await loader.load({ target: ['scalar', 'relaxed-simd'] })).target).toBe('scalar')
    expect((await loader.load({ target: ['simd128'] })).target).toBe('simd128')
    await expect(loader.load({ target: ['simd128', 'threads'] })).rejects.toThrow(
      'no target ["simd128","threads"], expected auto, relaxed-simd, simd128, scalar',
    )
    await expect(loader.load({ target: [] })).rejects.toThrow('no target [], expected auto, relaxed-simd, simd128, scalar')
  })

  it('says so where the engine accepts none', async () => {
    const { load } = await importFrom(dir, 'index.js?accepts-none')
    const { validate } = engine
    engine.validate = () => false
    try {
      await expect(load()).rejects.toThrow('this engine does not accept relaxed-simd or simd128 or scalar')
    } finally {
      engine.validate = validate
    }
  })

  it.each(['auto', 'simd128'])('takes bytes, a compiled module, paths and URLs (target %s)', async (target) => {
    const place = join(dir, 'model.simd128.wasm')
    const sources = [wasm('simd128'), wasm('simd128').slice().buffer, new engine.Module(wasm('simd128')), place, new URL(`file://${place}`)]
    for (const source of [...sources, Promise.resolve(new Response(wasm('simd128').slice()))]) {
      const model = await loader.load({ target, wasm: source, weights: join(dir, 'weights.bin') })
      expect([model.target, model.run(ONES)]).toEqual(['simd128', { y: RESULT }])
    }
  })

  it('passes its self-test, also where integrity must hold', async () => {
    const model = await loader.load({ integrity: true, selfTest: true })
    expect(model.input('x')).toEqual(new Float32Array(6))
  })
})

describe('load refuses', () => {
  it('weights of the wrong length', async () => {
    for (const integrity of [undefined, true, false]) {
      await expect(loader.load({ weights: WEIGHTS.slice(1), integrity })).rejects.toThrow('weights.bin: 15 bytes, expected 16')
    }
  })

  it('weights of the right length and other contents, where it is told to look', async () => {
    const weights = WEIGHTS.slice().fill(0)
    for (const given of [weights, new Response(weights)]) {
      await expect(loader.load({ weights: given, integrity: true })).rejects.toThrow(/weights\.bin: integrity: sha384 is \S+, expected \S+/)
    }
    expect((await loader.load({ weights })).run(ONES)).toEqual({ y: new Float32Array(6).fill(2) })
    await expect(loader.load({ weights, selfTest: true })).rejects.toThrow(/self-test of relaxed-simd: output "y"\[0\] is/)
  })

  it('a module of another target or bundle', async () => {
    await expect(loader.load({ target: 'simd128', wasm: new engine.Module(wasm('scalar')) })).rejects.toThrow(
      "the wasm module is not this bundle's simd128",
    )
    const other = fakeBundle({ input: 'other' }).files.get('model.simd128.wasm')
    await expect(loader.load({ wasm: other })).rejects.toThrow("the wasm module is not this bundle's relaxed-simd or simd128 or scalar")
  })

  it('files on disk that are missing, cut off or changed', async () => {
    const broken = writeFiles(bundle)
    const { load } = await importFrom(broken)
    writeFileSync(join(broken, 'weights.bin'), WEIGHTS.subarray(0, 8))
    await expect(load()).rejects.toThrow('weights.bin: 8 bytes, expected 16')
    writeFileSync(join(broken, 'model.relaxed-simd.wasm'), wasm('relaxed-simd').fill(7, 50, 51))
    await expect(load({ weights: WEIGHTS, integrity: true })).rejects.toThrow(/model\.relaxed-simd\.wasm: integrity/)
    writeFileSync(join(broken, 'model.relaxed-simd.wasm'), wasm('relaxed-simd').subarray(1))
    await expect(load({ weights: WEIGHTS })).rejects.toThrow(/model\.relaxed-simd\.wasm: \d+ bytes, expected \d+/)
    writeFileSync(join(broken, 'model.relaxed-simd.wasm'), wasm('simd128'))
    await expect(load({ weights: WEIGHTS })).rejects.toThrow(/model\.relaxed-simd\.wasm: \d+ bytes, expected \d+/)
  })
})

describe('a model', () => {
  let model: LoadedModel
  beforeAll(async () => {
    model = await loader.load()
  })

  it('lists its ports', () => {
    expect(model.inputs).toEqual([{ name: 'x', shape: [2, 3], dtype: 'float32' }])
    expect(model.outputs).toEqual([{ name: 'y', shape: [2, 3], dtype: 'float32' }])
  })

  it('runs on objects, null-prototype objects, single arrays and arrays of other realms', () => {
    const bare = Object.assign(Object.create(null), { x: ONES })
    const foreign = vm.runInNewContext('new Float32Array(6).fill(1)')
    for (const given of [{ x: ONES }, bare, ONES, foreign]) expect(model.run(given)).toEqual({ y: RESULT })
  })

  it('returns fresh copies', () => {
    const first = model.run(ONES).y as Float32Array
    model.run(new Float32Array(6))
    expect(first).toEqual(RESULT)
    expect(first.buffer.byteLength).toBe(24)
  })

  it.each([
    [undefined, TypeError, 'input "x": expected Float32Array(6) for float32[2,3], got undefined'],
    [null, TypeError, 'expected an object with "x", got null'],
    [3, TypeError, 'expected an object with "x", got 3'],
    [{}, TypeError, 'input "x": expected Float32Array(6) for float32[2,3], got undefined'],
    [Object.create({ x: ONES }), TypeError, 'input "x": expected Float32Array(6) for float32[2,3], got undefined'],
    [{ x: ONES, z: ONES }, TypeError, 'no input "z", expected "x"'],
    [{ x: [1, 2, 3, 4, 5, 6] }, TypeError, 'input "x": expected Float32Array(6) for float32[2,3], got object'],
    [new Float64Array(6), TypeError, 'input "x": expected Float32Array(6) for float32[2,3], got Float64Array'],
    [new DataView(new ArrayBuffer(24)), TypeError, 'input "x": expected Float32Array(6) for float32[2,3], got DataView'],
    [new Float32Array(5), RangeError, 'input "x": expected Float32Array(6) for float32[2,3], got 5 elements'],
  ])('refuses %s', (given, kind, message) => {
    expect(() => model.run(given)).toThrow(kind)
    expect(() => model.run(given)).toThrow(message)
  })

  it('has views that stay', () => {
    const view = model.input('x')
    view.set(ONES)
    model.execute()
    model.execute()
    expect(model.output('y')).toEqual(RESULT)
    expect(view).toEqual(ONES)
    expect(model.input('x')).toBe(view)
    expect(() => model.input('y')).toThrow(new TypeError('no input "y", expected "x"'))
    expect(() => model.output('x')).toThrow(new TypeError('no output "x", expected "y"'))
  })

  it('warms up and is disposed', async () => {
    const mine = await loader.load()
    mine.warmup()
    mine.dispose()
    mine.dispose()
    for (const use of [() => mine.run(ONES), () => mine.execute(), () => mine.input('x'), () => mine.output('y'), () => mine.warmup()]) {
      expect(use).toThrow('the model is disposed')
    }
  })
})

describe('dtypes and names', () => {
  it('maps every dtype', async () => {
    const extra = [
      { name: 'wide', dtype: 'int64', shape: [2] },
      { name: 'half', dtype: 'float16', shape: [2] },
      { name: 'flag', dtype: 'bool', shape: [] },
      { name: 'double', dtype: 'float64', shape: [1] },
    ] as const
    const { load } = await importFrom(writeFiles(fakeBundle({ extra })))
    const model = await load({ selfTest: true })
    const given = { x: ONES, wide: 5n, half: Uint16Array.of(0x3c00, 0), flag: Uint8Array.of(1), double: Float64Array.of(0.1) }
    expect(() => model.run(given)).toThrow('input "wide": expected BigInt64Array(2) for int64[2], got bigint')
    expect(() => model.run(ONES)).toThrow('expected an object with "x", "wide", "half", "flag", "double", got a single array')
    const right = { ...given, wide: BigInt64Array.of(2n ** 60n, -1n) }
    expect(model.run(right)).toEqual({ y: RESULT, wide: right.wide, half: right.half, flag: right.flag, double: right.double })
  })

  it('treats hostile names as text', async () => {
    const nasty = '</script>"`alert(1)\u2028\u202e\n*/\'\\'
    const made = fakeBundle({ input: nasty, output: '__proto__' })
    const code = Buffer.from(made.files.get('index.js') as Uint8Array).toString()
    expect(code).not.toMatch(/<\/|\u2028|\u202e/)
    const { load } = await importFrom(writeFiles(made))
    const model = await load()
    const result = model.run({ [nasty]: ONES })
    expect(Object.keys(result)).toEqual(['__proto__'])
    expect(Object.getOwnPropertyDescriptor(result, '__proto__')?.value).toEqual(RESULT)
  })
})
