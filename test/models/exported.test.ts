import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Bundle, compile } from '../../compiler/index.ts'
import { readNpy } from '../../compiler/running/npy.ts'
import { numbers, type Tensor, tensor } from '../../ir/tensors/tensor.ts'
import type { DType } from '../../ir/tensors/types.ts'
import { TARGETS } from '../../targets/target/target.ts'
import { difference } from '../closeness.ts'
import { every } from '../run/short-form.ts'
import { sharedData } from '../shared-data.ts'
import { feeds, type LoadedModel, openBundle } from './load-bundle.ts'

const root = sharedData('exported')
/** Post-processing and quantised graphs need operators that are not read: refused, never guessed. */
const REFUSED = /ssdlite.*full|int8/
const EXACT = { rtol: 0, atol: 0 }

interface Case {
  readonly input: Tensor
  readonly outputs: readonly ArrayLike<number>[]
  compile(): Promise<Bundle>
}

function read(dir: string): Case {
  const npy = (name: string): Tensor => readNpy(readFileSync(join(dir, name)))
  const input = npy('input_0.npy')
  const outputs: ArrayLike<number>[] = []
  while (existsSync(join(dir, `output_${outputs.length}.npy`))) outputs.push(numbers(npy(`output_${outputs.length}.npy`)))
  return {
    input,
    outputs,
    compile: () =>
      compile(readFileSync(join(dir, 'model.onnx')), {
        targets: TARGETS.map((t) => t.name),
        inputShapes: [{ shape: input.type.shape }],
        externalData: (file) => readFileSync(join(dir, file)),
      }),
  }
}

/** All outputs in order, as numbers. */
function run(model: LoadedModel, input: Tensor): ArrayLike<number>[] {
  const results = model.run(feeds([model.inputs[0]?.name as string], [input.data]))
  return model.outputs.map(({ name, dtype, shape }) => numbers(tensor(dtype as DType, shape, results[name] as Float32Array)))
}

describe.skipIf(!root)('graphs of real exporters', () => {
  const names = root ? readdirSync(root).filter((n) => !n.endsWith('.md')) : []

  it.each(
    every(
      3,
      names.filter((n) => !REFUSED.test(n)),
    ),
  )('%s equals its reference on every target, twice', async (name) => {
    const { input, outputs, compile } = read(join(root as string, name))
    const tolerance = name.includes('fp16') ? { rtol: 2e-2, atol: 2e-2 } : { rtol: 1e-3, atol: 5e-4 }
    const open = openBundle(await compile())
    for (const { name: target } of TARGETS) {
      const model = await open.load(target)
      const first = run(model, input)
      const second = run(model, input)
      outputs.forEach((want, i) => {
        expect(difference(first[i] as Float32Array, want, tolerance), `${target}, output ${i}`).toBeNull()
        expect(difference(second[i] as Float32Array, first[i] as Float32Array, EXACT), `${target}, second run`).toBeNull()
      })
    }
    open.close()
  })

  it.each(names.filter((n) => REFUSED.test(n)))('%s is refused, naming every unsupported operator', async (name) => {
    await expect(read(join(root as string, name)).compile()).rejects.toThrow(/is not supported/)
  })
})
