/** Refusals of single operators: calls as text, and the whole message as it must read. */

import { describe, expect, it } from 'vitest'
import { type Tensor, tensorFromBytes } from '../../ir/tensors/tensor.ts'
import { byteSize, type DType, formatType } from '../../ir/tensors/types.ts'
import { refusal, type TestModel, type TestNode } from '../onnx/model.ts'

/**
 * `Op operands > outputs`, with `@opset` after the name where it is not 17. An operand is `2x3` or
 * `2x3:int64`, of zeros; `=` before it makes it a constant, and `=[1,2]:int64` one of these elements;
 * `[]` is a scalar, `_` an input left out. Without `> outputs` there is one; all outputs are read.
 */
export type Call = string

/** A call, its attributes, and `code: message`, with `hint: …` on a line of its own. */
export type Row = readonly [call: Call, attrs: NonNullable<TestNode['attrs']>, refused: string]

interface Operand {
  readonly name: string
  readonly tensor: Tensor
  readonly constant: boolean
}

function operandOf(text: string, index: number): Operand | null {
  if (text === '_') return null
  const [, constant = '', extents = '', list, dtype = 'float32'] = /^(=?)([\dx]*|\[([-\d.,eNa]*)\])(?::(\w+))?$/.exec(text) ?? []
  const values = list ? list.split(',').map(Number) : null
  const shape = values ? [values.length] : extents === '[]' ? [] : extents.split('x').map(Number)
  const type = { dtype: dtype as DType, shape }
  const zeros = tensorFromBytes(type, new Uint8Array(byteSize(type)))
  values?.forEach((v, i) => {
    zeros.data[i] = dtype === 'int64' ? BigInt(v) : v
  })
  return { name: `x${index}`, tensor: zeros, constant: constant === '=' }
}

/** The model of one node, called "n". */
function modelOf(call: Call, attrs: NonNullable<TestNode['attrs']>): TestModel {
  const [left = '', outputs = 'y'] = call.split(' > ')
  const [named = '', ...texts] = left.split(' ')
  const [op = '', opset = '17'] = named.split('@')
  const operands = texts.map(operandOf)
  const given = (constant: boolean): Record<string, Tensor> =>
    Object.fromEntries(operands.flatMap((o) => (o?.constant === constant ? [[o.name, o.tensor]] : [])))
  const out = outputs.split(' ')
  const node = { op, in: operands.map((o) => o?.name ?? ''), out, attrs, name: 'n' }
  return { opset: Number(opset), inputs: given(false), constants: given(true), nodes: [node], outputs: out }
}

/** The whole message with which the call is refused. */
function refusedCall([call, attrs]: Row): string {
  return refusal(modelOf(call, attrs))
}

/** The whole message that a row asks for. */
function wanted([call, attrs, refused]: Row): string {
  const { opset, nodes, inputs, constants } = modelOf(call, attrs)
  const types = nodes[0]?.in.map((name) => (inputs[name] ?? constants?.[name])?.type) ?? []
  const [, code, message, hint = ''] = /^(\S+): ([^\n]*)(\nhint: .*)?$/.exec(refused) ?? []
  const shown = types.length > 0 ? `\n  inputs: ${types.map((t) => (t ? formatType(t) : '–')).join(', ')}` : ''
  return `error[${code}]: ${nodes[0]?.op} "n" (ai.onnx opset ${opset}): ${message}${shown}${hint.replace('\n', '\n  ')}`
}

/** A test for each row. */
export function table(family: string, rows: readonly Row[]): void {
  describe(family, () => {
    it.each(rows)('%s %j is refused: %s', (...row) => {
      expect(refusedCall(row)).toBe(wanted(row))
    })
  })
}
