import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { compile } from '../../compiler/index.ts'
import { readNpy } from '../../compiler/npy.ts'
import { numbers, tensor } from '../../ir/tensor.ts'
import { type TargetName, TARGETS } from '../../targets/target.ts'
import { difference } from '../closeness.ts'
import { sharedData } from '../shared-data.ts'
import { feeds, openBundle } from './load-bundle.ts'

const root = sharedData('exported')
/** Dense heads and quantised graphs need operators that are not read yet: they must be refused, not guessed. */
const OUTSIDE = /ssdlite|lraspp|int8/

describe.skipIf(!root)('graphs of real exporters', () => {
  const folder = root as string
  const names = root ? readdirSync(root).filter((n) => !n.endsWith('.md')) : []

  for (const name of names.filter((n) => !OUTSIDE.test(n))) {
    it(`${name} equals its reference on every target`, async () => {
      const dir = join(folder, name)
      const input = readNpy(readFileSync(join(dir, 'input_0.npy')))
      const want = numbers(readNpy(readFileSync(join(dir, 'output_0.npy'))))
      const targets: TargetName[] = TARGETS.map((t) => t.name)
      const bundle = await compile(readFileSync(join(dir, 'model.onnx')), {
        targets,
        inputShapes: [{ shape: input.type.shape }],
        externalData: (file) => readFileSync(join(dir, file)),
      })
      const tolerance = name.includes('fp16') ? { rtol: 2e-2, atol: 2e-2 } : { rtol: 1e-3, atol: 5e-4 }
      const open = openBundle(bundle)
      for (const target of targets) {
        const model = await open.load(target)
        const feed = feeds([model.inputs[0]?.name as string], [input.data])
        const run = (): ArrayLike<number> => {
          const [port] = model.outputs
          const data = model.run(feed)[port?.name as string]
          return numbers(tensor(port?.dtype as 'float32', port?.shape as number[], data as Float32Array))
        }
        const got = run()
        expect(difference(got, want, tolerance), target).toBeNull()
        expect(difference(run(), got, { rtol: 0, atol: 0 }), `${target}, second run`).toBeNull()
      }
      open.close()
    })
  }

  for (const name of names.filter((n) => OUTSIDE.test(n))) {
    it(`${name} is refused with every unsupported node listed`, async () => {
      const model = readFileSync(join(folder, name, 'model.onnx'))
      await expect(compile(model)).rejects.toThrow(/not supported|unsupported/)
    })
  }
})
