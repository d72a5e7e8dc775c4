import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { build, type Plugin } from 'esbuild'
import { afterAll, describe, expect, it } from 'vitest'
import { fakeBundle, WEIGHTS } from './fake.ts'
import { importFrom, removeFolders, writeFiles } from './folder.ts'

const ONES = new Float32Array(6).fill(1)
const RESULT = new Float32Array(6).fill(2.5)

afterAll(removeFolders)

describe('worker.js', () => {
  it('loads and runs in a worker of its own', async () => {
    const { load } = await importFrom(writeFiles(fakeBundle()), 'worker.js')
    const model = await load({ target: 'simd128', selfTest: true })
    try {
      expect([model.target, model.inputs]).toEqual(['simd128', [{ name: 'x', shape: [2, 3], dtype: 'float32' }]])
      expect(await model.run({ x: ONES })).toEqual({ y: RESULT })
      expect(await model.run(ONES)).toEqual({ y: RESULT })
      expect(ONES.length).toBe(6)
      const input = model.input as unknown as (name: string, values?: Float32Array) => Promise<Float32Array>
      await input('x', new Float32Array(6))
      await model.execute()
      expect(await model.output('y')).toEqual(new Float32Array(6).fill(0.5))
      await model.warmup()
      await expect(model.run(new Float32Array(5))).rejects.toThrow(RangeError)
      await expect(model.run({})).rejects.toThrow(new TypeError('input "x": expected Float32Array(6) for float32[2,3], got undefined'))
    } finally {
      await model.dispose()
    }
    await expect(model.run(ONES)).rejects.toThrow('the model is disposed')
  })

  it('moves inputs when told to', async () => {
    const { load } = await importFrom(writeFiles(fakeBundle()), 'worker.js')
    const model = await load()
    const run = model.run as unknown as (x: Float32Array, options: object) => Promise<object>
    const x = ONES.slice()
    expect(await run(x, { transfer: true })).toEqual({ y: RESULT })
    expect(x.length).toBe(0)
    await model.dispose()
  })

  it('takes sources and a worker from the caller', async () => {
    const dir = writeFiles(fakeBundle())
    const worker = new Worker(join(dir, 'worker.js'), { workerData: 'mobilenet-compile' })
    const { load } = await importFrom(dir, 'worker.js')
    const wasm = new Response(new Uint8Array(readFileSync(join(dir, 'model.scalar.wasm'))))
    const model = await load({ worker, wasm, weights: WEIGHTS })
    expect([model.target, await model.run(ONES)]).toEqual(['scalar', { y: RESULT }])
    await model.dispose()
  })

  it('reports what load reports, and a worker that cannot start', async () => {
    const dir = writeFiles(fakeBundle())
    const { load } = await importFrom(dir, 'worker.js')
    await expect(load({ target: 'best' })).rejects.toThrow('no target "best"')
    writeFileSync(join(dir, 'worker.js'), 'throw new Error("no")')
    await expect(load()).rejects.toThrow('the worker failed')
  })
})

/** What edge runtimes do with an imported `.wasm` file. */
const wasmModules: Plugin = {
  name: 'wasm',
  setup({ onLoad }) {
    onLoad({ filter: /\.wasm$/ }, ({ path }) => ({
      contents: `export default new WebAssembly.Module(Buffer.from("${readFileSync(path).toString('base64')}", "base64"))`,
    }))
  },
}

describe('edge.js', () => {
  it.each([
    [['simd128', 'relaxed-simd'], 'simd128'],
    [['scalar', 'relaxed-simd'], 'scalar'],
    [['relaxed-simd'], 'relaxed-simd'],
  ] as const)('of %s imports %s', async (targets, target) => {
    const dir = writeFiles(fakeBundle({ targets }))
    const outfile = join(dir, 'bundled.mjs')
    await build({ entryPoints: [join(dir, 'edge.js')], bundle: true, format: 'esm', outfile, plugins: [wasmModules], logLevel: 'silent' })
    const { load } = await importFrom(dir, 'bundled.mjs')
    const model = await load({ weights: WEIGHTS })
    expect([model.target, model.run(ONES)]).toEqual([target, { y: RESULT }])
    const beside = await load()
    expect(beside.run(ONES)).toEqual({ y: RESULT })
  })

  it('of a single file needs no weights', async () => {
    const dir = writeFiles(fakeBundle({ singleFile: true }))
    const outfile = join(mkdtempSync(join(tmpdir(), 'edge-')), 'bundled.mjs')
    await build({ entryPoints: [join(dir, 'edge.js')], bundle: true, format: 'esm', outfile, plugins: [wasmModules], logLevel: 'silent' })
    const { load } = await importFrom(dirname(outfile), 'bundled.mjs')
    const model = await load({ selfTest: true })
    expect([model.target, model.run(ONES)]).toEqual(['simd128', { y: RESULT }])
    rmSync(dirname(outfile), { recursive: true })
  })
})
