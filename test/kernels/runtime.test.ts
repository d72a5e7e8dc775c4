import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import binaryen from 'binaryen'
import { describe, expect, it } from 'vitest'
import { ELEMENT_FUNCTIONS, RUNTIME_KERNELS, type RuntimeKernelRow } from '../../runtime-as/kernels.ts'
import { runtimeModule } from '../../runtime-as/runtime.ts'
import { readModule } from '../../targets/emitter/emitter.ts'
import type { Target } from '../../targets/target/target.ts'

const TYPES = ['i32', 'i64', 'f32', 'f64'] as const

function nameOf(type: binaryen.Type): string {
  return TYPES.find((name) => binaryen[name] === type) ?? 'other'
}

/** Types of parameters and results by exported function. */
function signatures(build: Target['runtime']): Record<string, string[]> {
  const module = readModule(runtimeModule(build))
  try {
    expect(module.validate()).toBe(1)
    const exports = Array.from({ length: module.getNumExports() }, (_, i) => binaryen.getExportInfo(module.getExportByIndex(i)))
    return Object.fromEntries(
      exports
        .filter((e) => e.name !== 'memory')
        .map((e) => {
          const fn = binaryen.getFunctionInfo(module.getFunction(e.value))
          return [e.name, [...binaryen.expandType(fn.params), ...binaryen.expandType(fn.results)].map(nameOf)]
        }),
    )
  } finally {
    module.dispose()
  }
}

const rows: Record<string, string[]> = Object.fromEntries(
  Object.entries(RUNTIME_KERNELS).map(([name, { params, range }]) => {
    const types = Object.values(params).map((type) => (type === 'f32' ? 'f32' : 'i32'))
    return [name, range ? [...types, 'i32', 'i32'] : types]
  }),
)

for (const [name, { params, result }] of Object.entries(ELEMENT_FUNCTIONS)) rows[name] = [...params, result]

const ASSEMBLY = join(import.meta.dirname, '../../runtime-as/assembly')

/** Parameters by exported function, as the assembly declares them. */
function declarations(): Map<string, string> {
  const sources = readdirSync(ASSEMBLY).filter((file) => file.endsWith('.ts'))
  const texts = sources.map((file) => readFileSync(join(ASSEMBLY, file), 'utf8'))
  const functions = texts.flatMap((text) => [...text.matchAll(/^export function (\w+)\(([^)]*)\)/gm)])
  return new Map(
    functions.map(([, name, params]) => [
      name as string,
      (params as string)
        .trim()
        .replace(/\s*\n\s*/g, ' ')
        .replace(/,$/, ''),
    ]),
  )
}

it.each(Object.entries<RuntimeKernelRow>(RUNTIME_KERNELS))('%s names its operands as its row does', (name, { params, range }) => {
  const own = Object.entries(params).map(([param, type]) => `${param}: ${type.startsWith('ptr') ? 'usize' : type}`)
  expect(declarations().get(name)).toBe([...own, ...(range ? ['begin: i32', 'end: i32'] : [])].join(', '))
})

it('has no vectors in the scalar build', () => {
  const module = readModule(runtimeModule('scalar'))
  try {
    expect(module.emitText()).not.toContain('v128')
  } finally {
    module.dispose()
  }
})

describe.each(['scalar', 'simd'] as const)('runtime, %s', (build) => {
  it('exports the kernels of the table with their parameters', () => {
    expect(signatures(build)).toEqual(rows)
  })

  it('is small', () => {
    expect(runtimeModule(build).length).toBeLessThan(60_000)
  })
})
