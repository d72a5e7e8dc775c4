import { describe, expect, it } from 'vitest'
import { importModel } from '../../compiler/import/import.ts'
import { compile } from '../../compiler/index.ts'
import { linkGraph, optimise, schedule } from '../../compiler/pipeline.ts'
import { runModule } from '../../compiler/running/run-module.ts'
import { seededInputs } from '../../compiler/running/seeded.ts'
import { ARCHITECTURES } from '../../compiler/zoo/catalogue.ts'
import { createModel } from '../../compiler/zoo/index.ts'
import { interpret } from '../../ir/graph/interpret.ts'
import { numbers, type Tensor } from '../../ir/tensors/tensor.ts'
import { peakLiveBytes } from '../../targets/schedule/plan-memory.ts'
import { TARGETS } from '../../targets/target/target.ts'
import { difference } from '../closeness.ts'
import { every, sample } from '../run/short-form.ts'
import { quickModel } from '../zoo/models.ts'

const ALL = TARGETS.map((t) => t.name)
const CLOSE = { rtol: 1e-3, atol: 5e-4 }
/** Widths whose channel counts are and are not multiples of 8 on every layer, and odd map sizes. */
const SIZES = [
  { width: 0.25, resolution: 96 },
  { width: 0.35, resolution: 65 },
  { width: 0.5, resolution: 128 },
  { width: 0.75, resolution: 97 },
  { width: 1.4, resolution: 96 },
]

function expectEqual(got: readonly Tensor[], want: readonly Tensor[], where: string): void {
  want.forEach((tensor, i) => {
    expect(difference(numbers(got[i] as Tensor), numbers(tensor), CLOSE), where).toBeNull()
  })
}

describe('networks of the zoo', () => {
  for (const { name: architecture } of every(3, ARCHITECTURES)) {
    for (const size of sample(SIZES, ({ width }) => width === 0.35)) {
      it(`${architecture} ${size.width} at ${size.resolution}: compiled = optimised = unoptimised, on every target`, () => {
        const graph = importModel(createModel(architecture, { ...size, classes: 11 }))
        const optimised = optimise(graph)
        const inputs = seededInputs(graph, 3)
        const want = interpret(graph, inputs)
        expectEqual(interpret(optimised, inputs), want, 'optimised')
        const { modules, weights } = linkGraph(optimised, { targets: TARGETS })
        for (const compiled of modules) expectEqual(runModule(compiled, weights, inputs), want, compiled.target.name)
      })
    }
  }

  it('a batch of three equals three batches of one', () => {
    const model = createModel('mobilenet-v3-small', { width: 0.35, resolution: 64, classes: 7, batch: 'N' })
    const optimised = (n: number): ReturnType<typeof optimise> => optimise(importModel(model, { dims: { N: n } }))
    const three = optimised(3)
    const inputs = seededInputs(three, 5)
    const { modules, weights } = linkGraph(three, { targets: TARGETS })
    for (const compiled of modules) expectEqual(runModule(compiled, weights, inputs), interpret(three, inputs), compiled.target.name)
  })

  it('two compilations give the same bytes', async () => {
    const model = createModel('mobilenet-v2', { width: 0.35, resolution: 96, classes: 10 })
    const [first, second] = [await compile(model, { targets: ALL }), await compile(model, { targets: ALL })]
    expect([...second.files.keys()]).toEqual([...first.files.keys()])
    for (const [name, bytes] of first.files) expect(Buffer.compare(bytes, second.files.get(name) as Uint8Array), name).toBe(0)
  })

  it.each(['mobilenet-v1', 'mobilenet-v2', 'mobilenet-v3-large', 'mobilenet-v3-small'] as const)(
    '%s at 224: the arena is within 5 % of the largest sum of live tensors',
    (architecture) => {
      const graph = optimise(importModel(quickModel(architecture, { resolution: 224, classes: 1000 })))
      for (const target of TARGETS) {
        const { buffers, arenaBytes } = schedule(graph, target)
        expect(arenaBytes / peakLiveBytes(buffers), target.name).toBeLessThanOrEqual(1.05)
      }
    },
  )
})
