/** Models written on purpose to crash, to hang or to mislead: each is refused in words, or is a graph like any other. */

import { describe, expect, it } from 'vitest'
import { compile } from '../../compiler/index.ts'
import { FILES, GRAPHS, GROWTH, hostile, type Model, NAMES, relu, TENSORS, value } from './hostile-models.ts'
import { refusal } from './model.ts'

const GROUPS: Readonly<Record<string, Readonly<Record<string, Uint8Array | Model>>>> = { FILES, TENSORS, GROWTH, GRAPHS }

const bytesOf = (model: Uint8Array | Model): Uint8Array => (model instanceof Uint8Array ? model : hostile(model))

/** Of this process: other processes may take their share of a second. */
function cpuSeconds(run: () => void): number {
  const start = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1e6
}

describe('hostile models', () => {
  it.each(Object.keys(GROUPS))('%s: what a person reads', async (group) => {
    const lines = Object.entries(GROUPS[group] ?? {}).map(([name, model]) => `${name}\n${refusal(bytesOf(model)).replace(/^/gm, '    ')}`)
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(`hostile/${group.toLowerCase()}.txt`)
  })

  it('are answered within a second, and leave no mark', () => {
    const before = Reflect.ownKeys(Object.prototype).length
    for (const [name, model] of Object.values(GROUPS).flatMap((group) => Object.entries(group))) {
      const bytes = bytesOf(model)
      const seconds = cpuSeconds(() => refusal(bytes))
      expect(seconds > 1 ? cpuSeconds(() => refusal(bytes)) : seconds, name).toBeLessThan(1)
    }
    expect(Reflect.ownKeys(Object.prototype).length).toBe(before)
  })

  it('that are accepted are compiled, however much they would take to run', async () => {
    for (const model of Object.values({ ...GROWTH, ...GRAPHS })) {
      if (refusal(hostile(model)) === 'accepted')
        expect((await compile(hostile(model), { targets: ['simd128'] })).files.size).toBeGreaterThan(3)
    }
  })
})

describe('names', () => {
  it.each(NAMES.map((name) => [JSON.stringify(name), name]))('%s', async (_, name) => {
    const model = hostile({ inputs: [value(name, [1, 4])], nodes: [relu(name, `${name}.`)], outputs: [`${name}.`] })
    const { files, manifest } = await compile(model, { targets: ['scalar'] })
    expect(manifest.inputs.map((v) => v.name)).toEqual([name])
    const index = new TextDecoder().decode(files.get('index.js'))
    expect(index).not.toMatch(/process\.exit\(7\)(?!.*["'`\\])/)
    expect(index).not.toMatch(/[\u0000\u001b\u2028\u2029]|<\/script/)
  })
})
