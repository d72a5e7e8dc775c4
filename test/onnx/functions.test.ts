import { describe, expect, it } from 'vitest'
import { importModel } from '../../compiler/import/import.ts'
import { onnxAttribute, onnxNode } from '../../compiler/onnx/encode.ts'
import { decodeModel, encodeModel, type FunctionProto, type Partially } from '../../compiler/onnx/proto.ts'
import { nodesOf } from '../../ir/graph/graph.ts'
import { interpret } from '../../ir/graph/interpret.ts'
import { float32 } from '../../ir/tensors/tensor.ts'
import { bytesOf, refusal, type TestNode } from './model.ts'

const DOMAIN = 'pkg.local'
const x = float32([3], [-2, 1, 8])
const call = (op: string, input: string, output: string, attrs: TestNode['attrs'] = {}): TestNode => ({
  op,
  in: [input],
  out: [output],
  attrs,
  domain: DOMAIN,
  name: `call_${output}`,
})

function model(functions: readonly Partially<FunctionProto>[], nodes: readonly TestNode[]): Uint8Array {
  return encodeModel({ ...decodeModel(bytesOf({ inputs: { x }, nodes })), functions: functions.map((f) => ({ domain: DOMAIN, ...f })) })
}

/** leaky(x) = LeakyRelu(x, alpha = slope), with a temporary value inside. */
const leaky: Partially<FunctionProto> = {
  name: 'leaky',
  input: ['a'],
  output: ['b'],
  attributeProto: [onnxAttribute('slope', { float: 0.5 })],
  node: [
    { opType: 'LeakyRelu', input: ['a'], output: ['t'], attribute: [{ name: 'alpha', type: 1, refAttrName: 'slope' }] },
    onnxNode('Neg', ['t'], ['b']),
  ],
}

const twice: Partially<FunctionProto> = {
  name: 'twice',
  input: ['a'],
  output: ['b'],
  node: [
    { opType: 'leaky', domain: DOMAIN, input: ['a'], output: ['t'] },
    { opType: 'leaky', domain: DOMAIN, input: ['t'], output: ['b'] },
  ],
}

describe('local functions', () => {
  it('are expanded with their attributes and defaults, one scope per call', () => {
    const graph = importModel(model([leaky], [call('leaky', 'x', 'h', { slope: { float: 0.25 } }), call('leaky', 'h', 'y')]))
    expect(Array.from(interpret(graph, [x])[0]?.data as Float32Array)).toEqual([-0.5, 0.5, 4])
    expect(nodesOf(graph).map((n) => [n.op, n.origins[0]])).toEqual([
      ['leaky-relu', 'call_h#0/LeakyRelu_0'],
      ['neg', 'call_h#0/Neg_1'],
      ['leaky-relu', 'call_y#1/LeakyRelu_0'],
      ['neg', 'call_y#1/Neg_1'],
    ])
  })

  it('may call others', () => {
    const graph = importModel(model([leaky, twice], [call('twice', 'x', 'y')]))
    expect(Array.from(interpret(graph, [x])[0]?.data as Float32Array)).toEqual([-1, 0.5, 4])
  })

  it('may not call themselves, nor expand without end', () => {
    const self = { ...twice, name: 'leaky' }
    expect(refusal(model([self], [call('leaky', 'x', 'y')]))).toMatch(/function "leaky" is recursive/)
    const doubling = Array.from({ length: 30 }, (_, i) => ({
      name: `f${i}`,
      input: ['a'],
      output: ['b'],
      node: ['t', 'b'].map((out, k) => ({
        opType: i === 0 ? 'Neg' : `f${i - 1}`,
        domain: i === 0 ? '' : DOMAIN,
        input: [k ? 't' : 'a'],
        output: [out],
      })),
    }))
    expect(refusal(model(doubling, [call('f29', 'x', 'y')]))).toMatch(/expansion of local functions exceeds the limit/)
  })

  it('know their attributes', () => {
    expect(refusal(model([leaky], [call('leaky', 'x', 'y', { beta: 1 })]))).toMatch(/has no attribute "beta"/)
  })
})
