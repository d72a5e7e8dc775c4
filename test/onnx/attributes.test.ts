/** Every reader of attributes: what it gives, what it gives where there is nothing, and what it refuses, in full. */

import { describe, expect, it } from 'vitest'
import { AttributeReader } from '../../compiler/onnx/attributes.ts'
import { type AttributeProto, decodeModel, encodeModel } from '../../compiler/onnx/proto.ts'
import { Diagnostic } from '../../ir/diagnostics.ts'

type Given = Partial<AttributeProto> & { readonly name: string }

const KINDS = { undefined: 0, float: 1, int: 2, string: 3, tensor: 4, graph: 5, floats: 6, ints: 7, strings: 8, tensors: 9, graphs: 10 }
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** A reader of what the file would hold. */
function reader(...attribute: Given[]): AttributeReader {
  const { graph } = decodeModel(encodeModel({ irVersion: 8, graph: { node: [{ opType: 'Op', attribute }] } }))
  const context = { opType: 'Op', name: 'n', domain: '', opset: 17, inputs: [] }
  return new AttributeReader(graph?.node[0]?.attribute ?? [], context)
}

/** The whole message that `read` is refused with. */
function refused(read: () => unknown): string {
  try {
    return `accepted: ${JSON.stringify(read())}`
  } catch (error) {
    if (error instanceof Diagnostic) return error.format()
    throw error
  }
}

const invalid = (message: string): string => `error[invalid-attribute]: Op "n" (ai.onnx opset 17): ${message}`
const unsupported = (message: string): string => `error[unsupported-attribute]: Op "n" (ai.onnx opset 17): ${message}`

describe('values', () => {
  const given = reader(
    { name: 'float', type: KINDS.float, f: 0.5 },
    { name: 'int', type: KINDS.int, i: -7 },
    { name: 'string', type: KINDS.string, s: bytes('größe') },
    { name: 'tensor', type: KINDS.tensor, t: { dims: [2], dataType: 1, floatData: [1, 2] } as never },
    { name: 'floats', type: KINDS.floats, floats: [1, 0.25] },
    { name: 'ints', type: KINDS.ints, ints: [3, -(2 ** 40)] },
    { name: 'on', type: KINDS.int, i: 1 },
    { name: 'off', type: KINDS.int, i: 0 },
    { name: 'dtype', type: KINDS.int, i: 7 },
    { name: 'no ints', type: KINDS.ints },
    { name: 'no floats', type: KINDS.floats },
  )

  it('are read as what they are', () => {
    expect(given.float('float', 9)).toBe(0.5)
    expect(given.int('int', 9)).toBe(-7)
    expect(given.requiredInt('int')).toBe(-7)
    expect(given.string('string', 'x')).toBe('größe')
    expect(given.tensor('tensor')?.floatData).toEqual([1, 2])
    expect(given.floats('floats')).toEqual([1, 0.25])
    expect(given.ints('ints')).toEqual([3, -(2 ** 40)])
    expect([given.flag('on', false), given.flag('off', true)]).toEqual([true, false])
    expect(given.dtype('dtype')).toBe('int64')
    expect([given.ints('no ints'), given.floats('no floats')]).toEqual([[], []])
    expect(given.finish()).toBeUndefined()
  })

  it('are what is said where there is no attribute', () => {
    const none = reader()
    expect([none.float('x', 9), none.int('x', 8), none.string('x', 'y')]).toEqual([9, 8, 'y'])
    expect([none.tensor('x'), none.floats('x'), none.ints('x')]).toEqual([null, null, null])
    expect([none.flag('x', true), none.flag('x', false)]).toEqual([true, false])
    expect([none.has('x'), given.has('int')]).toEqual([false, true])
  })

  it('may lack a type, as old files do, if they are there', () => {
    const old = reader({ name: 'i', i: 0 }, { name: 'f', f: 0 }, { name: 's', s: bytes('') }, { name: 'ints', ints: [1] })
    expect([old.int('i', 5), old.float('f', 5), old.string('s', 'x'), old.ints('ints')]).toEqual([0, 0, '', [1]])
    expect(refused(() => reader({ name: 'x' }).int('x', 5))).toBe(invalid('attribute x must be of type int, is undefined'))
    expect(refused(() => reader({ name: 'x' }).ints('x'))).toBe(invalid('attribute x must be of type ints, is undefined'))
    expect(refused(() => reader({ name: 'x', f: 1 }).int('x', 5))).toBe(invalid('attribute x must be of type int, is undefined'))
  })
})

describe('refused', () => {
  const readers: Readonly<Record<string, (r: AttributeReader) => unknown>> = {
    float: (r) => r.float('x', 0),
    int: (r) => r.int('x', 0),
    string: (r) => r.string('x', ''),
    tensor: (r) => r.tensor('x'),
    floats: (r) => r.floats('x'),
    ints: (r) => r.ints('x'),
  }

  it.each(Object.keys(readers))('%s of any other type', (kind) => {
    for (const [other, type] of Object.entries(KINDS)) {
      if (other === kind || other === 'undefined') continue
      expect(refused(() => readers[kind]?.(reader({ name: 'x', type })))).toBe(invalid(`attribute x must be of type ${kind}, is ${other}`))
    }
    expect(refused(() => readers[kind]?.(reader({ name: 'x', type: 77 })))).toBe(
      invalid(`attribute x must be of type ${kind}, is number 77`),
    )
  })

  it('what is missing, given twice, or no flag', () => {
    expect(refused(() => reader().requiredInt('axis'))).toBe(invalid('required attribute axis is missing'))
    expect(refused(() => reader().dtype('to'))).toBe(invalid('required attribute to is missing'))
    const twice = [1, 2].map((i) => ({ name: 'axis', type: KINDS.int, i }))
    expect(refused(() => reader(...twice))).toBe(invalid('attribute "axis" is given twice'))
    for (const i of [2, -1]) {
      const message = `attribute x = ${i} must be 0 or 1`
      expect(refused(() => reader({ name: 'x', type: KINDS.int, i }).flag('x', true))).toBe(invalid(message))
    }
  })

  it('references outside a function', () => {
    const message = 'attribute "x" refers to "alpha" outside a function'
    expect(refused(() => reader({ name: 'x', type: KINDS.float, refAttrName: 'alpha' }))).toBe(invalid(message))
  })

  it('element types that are not known', () => {
    const of = (i: number): string => refused(() => reader({ name: 'to', type: KINDS.int, i }).dtype('to'))
    expect(of(8)).toBe(unsupported('element type string is not supported'))
    expect(of(99)).toMatch(/^error\[unsupported-attribute\]: Op "n" \(ai\.onnx opset 17\): element type .*99.* is not supported$/)
  })

  it.each([
    [{ type: KINDS.float, f: 0.5 }, '0.5'],
    [{ type: KINDS.int, i: -3 }, '-3'],
    [{ type: KINDS.string, s: bytes(`a"${'b'.repeat(80)}`) }, `"a\\"${'b'.repeat(62)}"`],
    [{ type: KINDS.floats, floats: Array.from({ length: 20 }, () => 2) }, `[${Array.from({ length: 16 }, () => 2)}]`],
    [{ type: KINDS.ints, ints: Array.from({ length: 20 }, (_, i) => i) }, `[${Array.from({ length: 16 }, (_, i) => i)}]`],
    [{ type: KINDS.graph, g: bytes('') }, '(graph)'],
    [{ type: 77 }, '(type 77)'],
  ])('%o, which nobody read', (value, shown) => {
    const read = reader({ name: 'seen', type: KINDS.int, i: 1 }, { name: 'x', ...value })
    read.int('seen', 0)
    const hint = '\n  hint: ONNX defines no such attribute for this operator and opset'
    expect(refused(() => read.finish())).toBe(unsupported(`attribute x = ${shown} is not supported`) + hint)
    read.inert('x', 'y')
    expect(read.finish()).toBeUndefined()
  })
})
