/** A target that the compiler has no row for: one value, with which everything works that works with the others. */

import { afterAll, describe, expect, it } from 'vitest'
import { type Bundle, makeBundle } from '../../compiler/bundle/bundle.ts'
import { importModel } from '../../compiler/import/import.ts'
import { linkGraph, optimise, schedule } from '../../compiler/pipeline.ts'
import { runModule } from '../../compiler/running/run-module.ts'
import { seededInputs } from '../../compiler/running/seeded.ts'
import { createModel } from '../../compiler/zoo/index.ts'
import { InternalError } from '../../ir/diagnostics.ts'
import type { CompiledModule } from '../../targets/linking/module.ts'
import { probeOf } from '../../targets/target/probe.ts'
import { TARGETS, type Target, targetNamed } from '../../targets/target/target.ts'
import { importFrom, type Loader, removeFolders, writeFiles } from '../loader/folder.ts'

const PLAIN = targetNamed('simd128')

/** `i32.const x`. */
const i32 = (x: number): number[] => [65, x]

function added(probe: readonly number[]): Target {
  return {
    ...PLAIN,
    name: 'simd128-test',
    registers: 32,
    broadcast: 'lane',
    preference: PLAIN.preference + 1,
    edge: false,
    probe: probeOf(probe),
    prices: { ...PLAIN.prices, rowCall: 0, inner: 0 },
  }
}

const graph = optimise(importModel(createModel('mobilenet-v2', { width: 0.35, resolution: 96, classes: 10 })))
const inputs = seededInputs(graph)

function bundleWith(target: Target): Bundle {
  const linked = linkGraph(graph, { targets: [target, ...TARGETS] })
  return makeBundle({ model: { name: 'four', modelHash: '0'.repeat(64) }, ...linked })
}

function load(bundle: Bundle): Promise<Loader> {
  return importFrom(writeFiles(bundle))
}

afterAll(removeFolders)

describe('a target that is not in the table', () => {
  it('has kernels chosen by its own prices', () => {
    const steps = (target: Target): string[] => schedule(graph, target).steps.map((step) => step.fn)
    expect(steps(PLAIN)).not.toEqual(steps(added(i32(1))))
    expect(steps({ ...added(i32(1)), prices: PLAIN.prices }).length).toBe(steps(PLAIN).length)
  })

  it('is a variant of the bundle, in its place by preference', () => {
    const { files, manifest } = bundleWith(added(i32(1)))
    expect(manifest.targets).toEqual(['relaxed-simd', 'simd128-test', 'simd128', 'scalar'])
    expect(Object.keys(manifest.peakMemory)).toEqual(manifest.targets)
    expect(files.has('model.simd128-test.wasm')).toBe(true)
    expect(Buffer.from(files.get('edge.js') as Uint8Array).toString()).toContain("'./model.simd128.wasm'")
    expect(Buffer.from(files.get('index.d.ts') as Uint8Array).toString()).toContain(
      '"relaxed-simd" | "simd128-test" | "simd128" | "scalar"',
    )
  })

  it('computes what the others compute, in this process and through the loader', async () => {
    const { modules, weights } = linkGraph(graph, { targets: [added(i32(1)), PLAIN] })
    const [plain, test] = modules.map((module) => runModule(module, weights, inputs)[0])
    expect(modules.map((m) => m.target.name)).toEqual(['simd128', 'simd128-test'])
    expect(test).toEqual(plain)
    const { load: start } = await load(bundleWith(added(i32(1))))
    const model = await start({ target: 'simd128-test', selfTest: true, integrity: true })
    expect(Object.values(model.run(inputs[0]?.data))[0]).toEqual(plain?.data)
  })
})

describe('the loader', () => {
  const WITHOUT_RELAXED = { target: ['simd128-test', 'simd128', 'scalar'] }

  it('takes a variant whose probe prefers it', async () => {
    const { load: start } = await load(bundleWith(added(i32(1))))
    expect((await start(WITHOUT_RELAXED)).target).toBe('simd128-test')
    expect((await start()).target).toBe('relaxed-simd')
  })

  it('passes by a variant that the engine accepts and does not prefer', async () => {
    const { load: start } = await load(bundleWith(added(i32(0))))
    expect((await start(WITHOUT_RELAXED)).target).toBe('simd128')
    expect((await start({ target: ['simd128-test', 'relaxed-simd'] })).target).toBe('relaxed-simd')
  })

  it('takes an accepted variant that is not preferred where there is no other', async () => {
    const { load: start } = await load(bundleWith(added(i32(0))))
    expect((await start({ target: 'simd128-test' })).target).toBe('simd128-test')
  })

  it('passes by a variant that the engine does not accept', async () => {
    /** No instruction has this code. */
    const { load: start } = await load(bundleWith(added([255, ...i32(1)])))
    expect((await start(WITHOUT_RELAXED)).target).toBe('simd128')
    await expect(start({ target: 'simd128-test' })).rejects.toThrow('this engine does not accept simd128-test')
  })

  it('asks each probe once', async () => {
    const { load: start } = await load(bundleWith(added(i32(1))))
    const engine = (globalThis as unknown as { WebAssembly: { validate(bytes: Uint8Array): boolean } }).WebAssembly
    const { validate } = engine
    let asked = 0
    engine.validate = (bytes) => {
      asked++
      return validate(bytes)
    }
    try {
      for (let i = 0; i < 3; i++) await start({ target: 'simd128-test' })
    } finally {
      engine.validate = validate
    }
    expect(asked).toBe(1)
  })
})

describe('makeBundle', () => {
  it('takes modules whose ports agree for users, wherever they are in memory', () => {
    const linked = linkGraph(graph, { targets: [PLAIN, targetNamed('scalar')] })
    const [scalar, plain] = linked.modules as [CompiledModule, CompiledModule]
    const make = (modules: readonly CompiledModule[]): Bundle => makeBundle({ model: { name: 'm', modelHash: '' }, ...linked, modules })
    expect(make([scalar, plain]).manifest.targets).toEqual(['simd128', 'scalar'])
    const renamed = { ...plain, outputs: plain.outputs.map((port) => ({ ...port, name: 'other' })) }
    expect(() => make([scalar, renamed])).toThrow(new InternalError('modules of one bundle have different ports'))
    expect(() => make([])).toThrow(new InternalError('a bundle needs a module'))
  })
})
