import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { afterAll, describe, expect, it } from 'vitest'
import { fakeBundle } from './fake.ts'
import { removeFolders, writeFiles } from './folder.ts'

afterAll(removeFolders)

const extra = [{ name: 'half', dtype: 'float16', shape: [] }] as const
const nasty = fakeBundle({ input: '</script>"\u2028*/`', output: '__proto__', extra })
const plain = fakeBundle({ targets: ['simd128'] })

const PREFIX = `import { load, type Model } from './index.js'
import { load as loadEdge } from './edge.js'
import { load as loadWorker } from './worker.js'
const model: Model = await load({ target: 'simd128', wasm: new Uint8Array(1), integrity: true })
const edge: Model = await loadEdge({ weights: new ArrayBuffer(1) })
const remote = await loadWorker()
`

function complaints(bundle: typeof plain, lib: readonly string[], code: string): string[] {
  const dir = writeFiles(bundle)
  const file = join(dir, 'use.ts')
  writeFileSync(file, PREFIX + code)
  const options: ts.CompilerOptions = {
    strict: true,
    skipDefaultLibCheck: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    lib: lib.map((name) => `lib.${name}.d.ts`),
    types: [],
  }
  const found = ts.getPreEmitDiagnostics(ts.createProgram([file], options))
  return found.map((d) => ts.flattenDiagnosticMessageText(d.messageText, '\n').split('\n')[0] as string)
}

const GOOD = `
const size: 2 = model.inputs[0].shape[0]
const name: 'x' = model.inputs[0].name
const y: Float32Array = model.run({ x: new Float32Array(6) }).y
const z: Float32Array = edge.run(new Float32Array(6)).y
const view: Float32Array = model.input('x')
const later: Promise<Float32Array> = remote.output('y')
const several: Promise<Model> = load({ target: ['simd128'] })
export const all = [size, name, y, z, view, later, several]
`

describe('index.d.ts', () => {
  it.each([[['es2022']], [['es2022', 'dom']], [['esnext', 'dom']], [['es2022', 'webworker']]])(
    'fits the model, with libraries %s',
    (lib) => {
      expect(complaints(plain, lib, GOOD)).toEqual([])
    },
  )

  it('says what is wrong', () => {
    const bad = `
model.run({ y: new Float32Array(6) })
model.run(new Float64Array(6))
model.input('y')
const wrong: 3 = model.inputs[0].shape[0]
await load({ target: 'scalar' })
await load({ target: ['simd128', 'scalar'] })
`
    const found = complaints(plain, ['es2022', 'dom'], bad)
    expect(found).toHaveLength(6)
    expect(found[0]).toMatch(/'y' does not exist in type/)
    expect(found[1]).toMatch(/'Float64Array<ArrayBuffer>' is not assignable to/)
    expect(found.slice(2, 4)).toEqual([
      `Argument of type '"y"' is not assignable to parameter of type '"x"'.`,
      "Type '2' is not assignable to type '3'.",
    ])
    expect(found[4]).toMatch(/^Type '"scalar"' is not assignable to type/)
  })

  it('keeps hostile names as names', () => {
    const use = `export const half: Uint16Array = model.run({ "</script>\\"\\u2028*/\`": new Float32Array(6), half: new Uint16Array(1) }).half`
    expect(complaints(nasty, ['es2022', 'dom'], use)).toEqual([])
  })
})
