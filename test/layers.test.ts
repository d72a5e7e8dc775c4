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

  it('has no cycles between files', () => {
    const graph = new Map(ORDER.flatMap(sources).map((f) => [f, importsOf(f)]))
    const done = new Set<string>()
    const cycles: string[] = []
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' → '))
      if (done.has(file) || path.includes(file)) return
      for (const next of graph.get(file) ?? []) visit(next, [...path, file])
      done.add(file)
    }
    for (const file of graph.keys()) visit(file, [])
    expect(cycles).toEqual([])
  })
})
