import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bundle, compile } from '../../compiler/index.ts'
import { drawShape, LABELS } from '../../examples/shapes/draw.ts'
import type { ClassScore } from '../../targets/loader/table.ts'
import { documented } from '../pages/documentation.ts'
import { shapesModel, shapesOptions } from '../pages/example-page.ts'
import { farthest } from '../pages/network.ts'
import { Project } from '../pages/project.ts'
import { installed } from './installed.ts'

/** Targets round differently, and logits are of the order of ten. */
const CLOSE = 1e-3
const LABEL = LABELS.indexOf('hourglass')
const FORMS = ['several files', 'a single file'] as const

/** JavaScript that defines a tensor and an image. */
function given(): string {
  const { data, width, height } = drawShape(LABEL, 2_000_011)
  return `const pixels = Float32Array.from({ length: ${3 * width * height} }, (_, i) => Math.sin(i))
const data = Uint8Array.from(atob('${Buffer.from(data).toString('base64')}'), (c) => c.charCodeAt(0))
const image = { data, width: ${width}, height: ${height} }
`
}

/** JavaScript that prints what `model` makes of them. */
const PRINT = `
const { logits } = await model.run(pixels)
const [best] = await model.classify(image, { topK: 1 })
console.log(JSON.stringify({ target: model.target, logits: [...logits], best }))
`

interface Printed {
  readonly target: string
  readonly logits: readonly number[]
  readonly best: ClassScore
}

/** The documented code as far as it loads. */
const loading = (heading: string, mark: string): string => documented(heading, mark).replace(/^.*model\.run.*\n/m, '')

const MAIN = given() + loading('Node', 'my-net') + PRINT
const WORKER = `${given() + loading('Worker', 'worker.js') + PRINT}await model.dispose()\n`

const projects: Project[] = []
const folders = new Map<string, Project>()
let expected: Printed

function run(project: Project, program: string, ...args: string[]): Printed {
  return JSON.parse(execFileSync(program, args, { cwd: project.root, encoding: 'utf8', stdio: 'pipe', timeout: 60_000 }))
}

function expectSame({ target, logits, best }: Printed): void {
  expect(['relaxed-simd', 'simd128']).toContain(target)
  if (target === 'simd128') expect(logits).toEqual(expected.logits)
  expect(farthest(logits, expected.logits)).toBeLessThan(CLOSE)
  expect(best).toEqual({ ...expected.best, score: expect.closeTo(expected.best.score, 4) })
  expect(best.label).toBe(LABELS[LABEL])
}

beforeAll(async () => {
  for (const form of FORMS) {
    const bundle = await compile(shapesModel(), { ...shapesOptions(), targets: ['simd128', 'relaxed-simd'], singleFile: form === FORMS[1] })
    const project = new Project({ 'my-net': bundle })
    projects.push(project)
    folders.set(form, project)
    project.write('main.js', MAIN)
    project.write('worker.js', WORKER)
    workerd(project, bundle)
  }
  const [project] = projects as [Project]
  project.write('plain.js', MAIN.replace('load()', "load({ target: 'simd128' })"))
  expected = run(project, process.execPath, 'plain.js')
})

afterAll(() => {
  for (const project of projects.splice(0)) project.remove()
})

/** workerd takes a list of modules, each with its kind; where the loader has the weights in it, there are none to import. */
function workerd(project: Project, bundle: Bundle): void {
  const single = !bundle.files.has('weights.bin')
  const code = loading('Edge runtimes', 'edge.js')
  const imports = single ? code.replace(/^import weights.*\n/m, '').replace('load({ weights })', 'load()') : code
  project.write('edge.js', `${given()}${imports}export default {\n  async test() {${PRINT}  },\n}\n`)
  const modules = ['edge.js', 'index.js', 'image.js', 'model.simd128.wasm', 'weights.bin'].filter((name) => bundle.files.has(name))
  const kinds: Record<string, string> = { js: 'esModule', wasm: 'wasm', bin: 'data' }
  const lines = modules.map(
    (name) => `(name = "my-net/${name}", ${kinds[name.split('.').at(-1) as string]} = embed "node_modules/my-net/${name}")`,
  )
  project.write(
    'config.capnp',
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "main", worker = .worker)]);
const worker :Workerd.Worker = (
  compatibilityDate = "2026-01-01",
  modules = [(name = "edge.js", esModule = embed "edge.js"), ${lines.join(', ')}],
);
`,
  )
}

const ENGINES: readonly (readonly [name: string, script: (file: string) => string[]])[] = [
  ['deno', (file) => ['run', '--allow-read', file]],
  ['bun', (file) => [file]],
]

describe.each(ENGINES)('%s', (name, script) => {
  const program = installed(name)

  it.skipIf(!program).each(FORMS)('runs a bundle of %s as Node does, in a worker too', (form) => {
    const project = folders.get(form) as Project
    for (const file of ['main.js', 'worker.js']) expectSame(run(project, program as string, ...script(file)))
  })
})

describe('workerd', () => {
  const program = installed('workerd')

  it.skipIf(!program).each(FORMS)('runs a bundle of %s as Node does', (form) => {
    const printed = run(folders.get(form) as Project, program as string, 'test', 'config.capnp')
    expect(printed.target).toBe('simd128')
    expectSame(printed)
  })
})
