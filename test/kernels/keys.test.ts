import binaryen from 'binaryen'
import { describe, expect, it } from 'vitest'
import { importModel } from '../../compiler/import/import.ts'
import { optimise, schedule } from '../../compiler/pipeline.ts'
import type { Architecture } from '../../compiler/zoo/architecture.ts'
import { findArchitecture, layersOf } from '../../compiler/zoo/catalogue.ts'
import type { EmittedFunction } from '../../targets/emitter/emitted-function.ts'
import { Emitter } from '../../targets/emitter/emitter.ts'
import { TARGETS, type Target } from '../../targets/target/target.ts'
import { modelOf, quickParameters } from '../zoo/models.ts'

const NETWORKS = ['mobilenet-v1', 'mobilenet-v2', 'mobilenet-v3-small'] as const
const SIZES = [
  { width: 1, resolution: 224 },
  { width: 0.35, resolution: 160 },
] as const

/** The functions that are emitted for the networks at all sizes. */
function functionsFor(target: Target): EmittedFunction[] {
  return NETWORKS.flatMap((name) =>
    SIZES.flatMap(({ width, resolution }) => {
      const architecture = findArchitecture(name) as Architecture
      const layers = layersOf(architecture, width, 10)
      const model = modelOf(architecture, layers, quickParameters(layers), { resolution, classes: 10 })
      const { functions } = schedule(optimise(importModel(model)), target)
      return [...functions.values()].filter((fn) => fn.kind === 'emitted')
    }),
  )
}

/** As text, alone in a module: what it calls is missing there. */
function textOf(fn: EmittedFunction, target: Target): string {
  const module = new binaryen.Module()
  try {
    fn.emit(new Emitter(module, target))
    return module.emitText()
  } finally {
    module.dispose()
  }
}

describe('function keys', () => {
  it.each(TARGETS.filter((t) => t.simd))('are equal where the code is, $name', (target) => {
    const known = new Map<string, string>()
    let repeats = 0
    for (const fn of functionsFor(target)) {
      const text = textOf(fn, target)
      const other = known.get(fn.key)
      if (other !== undefined) {
        expect(text, fn.key).toBe(other)
        repeats++
      }
      known.set(fn.key, text)
    }
    expect(repeats).toBeGreaterThan(20)
  })
})
