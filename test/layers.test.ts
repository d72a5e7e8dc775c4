import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '..')
/** Each folder may import from itself and from those before it. */
const ORDER = ['ir', 'runtime-as', 'targets', 'compiler', 'examples', 'test']

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((f) => f.endsWith('.ts') && !f.includes('node_modules') && !f.startsWith('assembly'))
    .map((f) => join(folder, f))
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8')
  return [...text.matchAll(/^(?:import|export)\b[^'\n]*(?:\n[^'\n]*)*?\sfrom\s+'(\.[^']+)'/gm)].map((m) =>
    relative(ROOT, join(ROOT, dirname(file), m[1] as string)),
  )
}

describe('import order', () => {
  for (const folder of ORDER) {
    it(`${folder} imports only from ${ORDER.slice(0, ORDER.indexOf(folder) + 1).join(', ')}`, () => {
      const allowed = ORDER.slice(0, ORDER.indexOf(folder) + 1)
      const wrong = sources(folder).flatMap((file) =>
        importsOf(file)
          .filter((target) => !allowed.includes(target.split('/')[0] as string))
          .map((target) => `${file} → ${target}`),
      )
      expect(wrong).toEqual([])
    })
  }

  it('has no circles between files', () => {
    const files = ORDER.flatMap(sources)
    expect(circlesOf(new Map(files.map((f) => [f, importsOf(f)])))).toEqual([])
  })

  it('has no circles between folders', () => {
    const folders = new Map<string, string[]>()
    for (const file of ORDER.filter((f) => f !== 'test').flatMap(sources)) {
      const own = dirname(file)
      const others = importsOf(file).map(dirname)
      folders.set(own, [...(folders.get(own) ?? []), ...others.filter((other) => other !== own)])
    }
    expect(circlesOf(folders)).toEqual([])
  })
})

/** Ways along the edges that come back to where they began, each as `a → b → a`. */
function circlesOf(edges: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>()
  const circles: string[] = []
  const visit = (node: string, path: readonly string[]): void => {
    if (path.includes(node)) circles.push([...path.slice(path.indexOf(node)), node].join(' → '))
    if (done.has(node) || path.includes(node)) return
    for (const next of edges.get(node) ?? []) visit(next, [...path, node])
    done.add(node)
  }
  for (const node of edges.keys()) visit(node, [])
  return circles
}
