/** Every limit: what it allows, and what is one above. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { compile } from '../../compiler/index.ts'
import { DEFAULT_LIMITS, type Limits } from '../../compiler/limits/limits.ts'
import { externalDataBeside } from '../../compiler/onnx/external.ts'
import { bytesOf, counting, refusal, type TestModel } from './model.ts'

const x = counting([1, 4])
const chain = (length: number): TestModel => ({
  inputs: { x },
  nodes: Array.from({ length }, (_, i) => ({ op: 'Neg', in: [i === 0 ? 'x' : `v${i - 1}`], out: [`v${i}`], name: `n${i}` })),
})

interface Row {
  readonly limit: keyof Limits
  readonly model: TestModel
  /** The least limit with which the model is accepted. */
  readonly needs: number
  readonly refused: string
}

const size = bytesOf(chain(1)).length

const ROWS: readonly Row[] = [
  {
    limit: 'fileBytes',
    model: chain(1),
    needs: size,
    refused: `error[invalid-model]: not an ONNX model: ${size} bytes exceed the limit of ${size - 1}`,
  },
  { limit: 'nodes', model: chain(3), needs: 3, refused: 'error[unsupported-model]: 3 nodes exceed the limit of 2' },
  {
    limit: 'values',
    model: { inputs: { x, y: x, z: x }, nodes: [{ op: 'Sum', in: ['x', 'y', 'z'], out: ['s'] }] },
    needs: 3,
    refused: 'error[unsupported-model]: 3 inputs exceed the limit of 2',
  },
  {
    limit: 'nodeArity',
    model: { inputs: { x }, nodes: [{ op: 'Sum', in: ['x', 'x', 'x'], out: ['s'] }] },
    needs: 3,
    refused: 'error[unsupported-model]: 3 inputs of a node exceed the limit of 2',
  },
  {
    limit: 'nameLength',
    model: { inputs: { x }, nodes: [{ op: 'Neg', in: ['x'], out: ['a long name'] }] },
    needs: 11,
    refused: 'error[unsupported-model]: the name of node "Neg_0" (Neg), "a long name"…, has 11 characters, more than the limit of 10',
  },
  {
    limit: 'rank',
    model: { inputs: { x: counting([1, 1, 1, 1]) }, nodes: [{ op: 'Neg', in: ['x'], out: ['y'] }] },
    needs: 4,
    refused: 'error[unsupported-type]: input "x" has a shape of rank 4; at most 3 dimensions are supported',
  },
  {
    limit: 'elements',
    model: chain(1),
    needs: 4,
    refused: 'error[too-large]: input "x": dimensions [1,4] are too large: more than 3 elements',
  },
  {
    limit: 'foldedElements',
    model: { inputs: { x }, constants: { c: counting([2, 3]) }, nodes: doublings(4) },
    needs: 12 + 24 + 48 + 96 - 4 * 6,
    refused: `error[too-large]: concat "n3" (ai.onnx opset 17): this constant takes more elements or work to compute when compiling than the limits foldedElements and foldedWork allow
  inputs: f32[16,3], f32[16,3]
  hint: simplify the model before (onnxsim), or raise the limits`,
  },
  {
    limit: 'foldedWork',
    model: { inputs: { x }, constants: { c: counting([40, 40]) }, nodes: [{ op: 'MatMul', in: ['c', 'c'], out: ['y'] }] },
    needs: 40 ** 3 - 16 * 40 ** 2,
    refused: `error[too-large]: matmul "MatMul_0" (ai.onnx opset 17): this constant takes more elements or work to compute when compiling than the limits foldedElements and foldedWork allow
  inputs: f32[40,40], f32[40,40]
  hint: simplify the model before (onnxsim), or raise the limits`,
  },
  {
    limit: 'memoryBytes',
    model: { inputs: { x }, constants: { c: counting([1, 4]) }, nodes: [{ op: 'Add', in: ['x', 'c'], out: ['y'] }] },
    needs: 16,
    refused: 'error[too-large]: Add "Add_0" (ai.onnx opset 17): the initializers take more than the limit of 15 bytes of memory',
  },
]

/** c, joined with itself `count` times: 2^count · 6 elements. */
function doublings(count: number): TestModel['nodes'] {
  return Array.from({ length: count }, (_, i) => {
    const from = i === 0 ? 'c' : `d${i - 1}`
    return { op: 'Concat', in: [from, from], out: [`d${i}`], attrs: { axis: 0 }, name: `n${i}` }
  })
}

describe('limits', () => {
  it.each(ROWS)('$limit', ({ limit, model, needs, refused }) => {
    const outputs = [model.nodes.at(-1)?.out[0] ?? '']
    const given = (value: number): TestModel => ({ ...model, outputs, options: { limits: { [limit]: value } } })
    expect(refusal(given(needs))).toBe('accepted')
    expect(refusal(given(needs - 1))).toBe(refused)
  })

  it('callDepth is in functions.test.ts; every other limit is above', () => {
    expect([...ROWS.map((r) => r.limit), 'callDepth'].sort()).toEqual(Object.keys(DEFAULT_LIMITS).sort())
  })

  it('are checked before anything is allocated: extents that no memory holds', () => {
    const shapes = { x: [2 ** 14, 2 ** 14] }
    const wide: TestModel = { inputs: { x }, shapes: { x: [2 ** 28, 2] }, nodes: [{ op: 'Neg', in: ['x'], out: ['y'] }] }
    expect(refusal(wide)).toBe('error[too-large]: input "x": dimensions [268435456,2] are too large: more than 268435456 elements')
    expect(refusal({ inputs: { x }, shapes, nodes: [{ op: 'Concat', in: ['x', 'x'], out: ['y'], attrs: { axis: 0 } }] })).toMatch(
      /result: dimensions \[32768,16384\] are too large/,
    )
  })

  it('are numbers, and known', async () => {
    const bytes = bytesOf(chain(1))
    await expect(compile(bytes, { limits: { nodes: -1 } })).rejects.toThrow(new TypeError('limits: nodes must be an integer of at least 0'))
    await expect(compile(bytes, { limits: { depth: 1 } as Partial<Limits> })).rejects.toThrow(
      /^limits: there is no depth, only fileBytes, nodes/,
    )
  })
})

describe('the memory of a compiled module', () => {
  it('has a limit', async () => {
    const model = bytesOf({ inputs: { x: counting([1, 1000]) }, nodes: [{ op: 'Neg', in: ['x'], out: ['y'] }] })
    await compile(model, { targets: ['simd128'], limits: { memoryBytes: 8192 } })
    await expect(compile(model, { targets: ['simd128'], limits: { memoryBytes: 7999 } })).rejects.toThrow(
      'the compiled network needs 8000 bytes of memory (0 for weights, 8000 for activations), more than the limit of 7999',
    )
  })

  it('cannot be more than a module can address', async () => {
    const nodes = [
      { op: 'Neg', in: ['x'], out: ['a'] },
      { op: 'Add', in: ['x', 'a'], out: ['b'] },
    ]
    const model = bytesOf({ inputs: { x }, shapes: { x: [2 ** 14, 2 ** 14] }, nodes, outputs: ['a', 'b'] })
    await expect(compile(model, { limits: { memoryBytes: 2 ** 40 } })).rejects.toThrow(
      'the compiled network needs 3221225472 bytes of memory (0 for weights, 3221225472 for activations), more than the limit of 2147483648',
    )
  })
})

describe('external data', () => {
  const folder = mkdtempSync(join(tmpdir(), 'limits-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  it('counts all files together', () => {
    for (const name of ['a', 'b']) writeFileSync(join(folder, name), new Uint8Array(10))
    const read = externalDataBeside(join(folder, 'm.onnx'), 19)
    expect(read('a').length).toBe(10)
    expect(read('a').length).toBe(10)
    expect(() => read('b')).toThrow('external data path "b" has 10 bytes, more than the 9 that the limit on external data leaves')
  })
})
