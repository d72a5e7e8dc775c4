/** Measuring and fitting on small networks. Times are not judged. */

import { expect, it } from 'vitest'
import { importModel } from '../../compiler/import/import.ts'
import { compile } from '../../compiler/index.ts'
import { optimise } from '../../compiler/pipeline.ts'
import { tune } from '../../compiler/tune/index.ts'
import { samplesOf } from '../../compiler/tune/samples.ts'
import { createModel } from '../../compiler/zoo/index.ts'
import { UNITS, type Unit } from '../../targets/target/cost.ts'
import { TARGETS, targetNamed } from '../../targets/target/target.ts'

/** Only kernels with vectors state these. */
const VECTOR_UNITS = ['gemv', 'direct', 'rowCall']

const SMALL = [['mobilenet-v2', { width: 0.35, resolution: 96, classes: 10 }]] as const

it('samples steps of fused and of separate convolutions, each with its time', async () => {
  const graph = optimise(importModel(createModel(...SMALL[0])))
  const samples = await samplesOf([graph], targetNamed('simd128'), 2)
  expect(samples.some((s) => s.work.rowCall)).toBe(true)
  expect(samples.some((s) => s.work.depthwise && !s.work.pointwise)).toBe(true)
  for (const { kernel, nanoseconds, work } of samples) {
    expect(nanoseconds, kernel).toBeGreaterThan(0)
    expect(work.call, kernel).toBe(1)
  }
})

it('tunes every target that it is given', async () => {
  const tuned = await tune({ targets: TARGETS, rounds: 1, networks: SMALL })
  expect(tuned.map((t) => t.target)).toEqual(TARGETS.map((t) => t.name))
  for (const { prices, before, target, counts } of tuned) {
    const unsampled = Object.keys(UNITS).filter((unit) => counts[unit as Unit] === 0)
    expect(unsampled, target).toEqual(targetNamed(target)?.simd ? [] : VECTOR_UNITS)
    expect(Object.keys(prices)).toEqual(Object.keys(UNITS))
    expect(before).toEqual(targetNamed(target)?.prices)
    expect(prices).not.toEqual(before)
  }
})

it('changes what compile chooses', async () => {
  const model = createModel('mobilenet-v2', { width: 0.35, resolution: 96, classes: 10 })
  const dear = { ...targetNamed('simd128').prices, rowCall: 1e9 }
  const free = { ...targetNamed('simd128').prices, rowCall: 0, inner: 0 }
  const codes = await Promise.all(
    [dear, free].map(async (simd128) => {
      const explained: string[] = []
      const options = { targets: ['simd128'] as const, costModel: { simd128 } }
      const bundle = await compile(model, { ...options, onExplain: (text) => explained.push(text) })
      expect(explained.some((text) => text.includes('inverted-residual'))).toBe(true)
      return bundle.files.get('model.simd128.wasm')
    }),
  )
  expect(codes[0]).not.toEqual(codes[1])
})
