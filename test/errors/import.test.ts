import { describe, expect, it } from 'vitest'
import { onnxModel, onnxNode } from '../../compiler/onnx/encode.ts'
import { encodeModel } from '../../compiler/onnx/proto.ts'
import { float32 } from '../../ir/tensors/tensor.ts'
import { counting, refusal, type TestModel } from '../onnx/model.ts'

const x = counting([1, 3, 4, 4])
const relu: TestModel = { inputs: { x }, nodes: [{ op: 'Relu', in: ['x'], out: ['y'] }] }

describe('what a person reads', () => {
  it('files that are no model', () => {
    expect(refusal(new Uint8Array(0))).toMatchInlineSnapshot(`"error[invalid-model]: not an ONNX model: the file is empty"`)
    expect(refusal(new TextEncoder().encode('<!DOCTYPE html><html>404</html>'))).toMatchInlineSnapshot(`
      "error[invalid-model]: not an ONNX model: protobuf parsing failed (invalid wire type 4 at offset 1); the file is truncated or damaged, or no ONNX model
        hint: this is HTML or XML, such as the page of a failed download"
    `)
    expect(refusal(new TextEncoder().encode('PK\u0003\u0004 archive/data.pkl'))).toMatchInlineSnapshot(`
      "error[invalid-model]: not an ONNX model: protobuf parsing failed (illegal tag: field number 0); the file is truncated or damaged, or no ONNX model
        hint: this is a zip archive (a PyTorch checkpoint is one too); unpack it or export to ONNX"
    `)
  })

  it('an opset beyond the known ones', () => {
    expect(refusal({ ...relu, opset: 99 })).toMatchInlineSnapshot(`
      "error[unsupported-opset]: opset 99 is newer than those supported, 7 to 26
        hint: export with opset 26 or older"
    `)
    expect(refusal({ ...relu, opset: 5 })).toMatchInlineSnapshot(`
      "error[unsupported-opset]: opset 5 is older than those supported, 7 to 26
        hint: convert the model with onnx.version_converter"
    `)
  })

  it('symbolic dimensions', () => {
    expect(refusal({ ...relu, shapes: { x: ['N', 3, 'H', null] } })).toMatchInlineSnapshot(`
      "error[unknown-dimension]: shapes with symbolic (dynamic) or unknown dimensions: input "x" [N,3,H,?]
        hint: give every symbolic dimension an extent, such as --dim N=1 --dim H=1; or give the whole shape, such as --input-shape 1x3x224x224"
    `)
  })

  it('an attribute that nothing reads', () => {
    const nodes = [{ op: 'Conv', in: ['x', 'w'], out: ['y'], name: 'features/0', attrs: { layout: 'NHWC' } }]
    expect(refusal({ inputs: { x }, constants: { w: counting([2, 3, 1, 1]) }, nodes })).toMatchInlineSnapshot(`
      "error[unsupported-attribute]: Conv "features/0" (ai.onnx opset 17): attribute layout = "NHWC" is not supported
        inputs: f32[1,3,4,4], f32[2,3,1,1]
        hint: ONNX defines no such attribute for this operator and opset"
    `)
  })

  it('operands that do not fit', () => {
    const nodes = [{ op: 'Add', in: ['x', 'b'], out: ['y'], name: 'sum' }]
    expect(refusal({ inputs: { x }, constants: { b: float32([5], [1, 2, 3, 4, 5]) }, nodes })).toMatchInlineSnapshot(`
      "error[invalid-node]: Add "sum" (ai.onnx opset 17): shapes [1,3,4,4] and [5] do not broadcast
        inputs: f32[1,3,4,4], f32[5]"
    `)
  })

  it('everything unsupported at once, grouped', () => {
    const nodes = [
      { op: 'QuantizeLinear', in: ['x', 's'], out: ['a'], name: 'q0' },
      { op: 'QuantizeLinear', in: ['a', 's'], out: ['b'], name: 'q1' },
      { op: 'FusedConv', in: ['b'], out: ['c'], name: 'conv', domain: 'com.microsoft' },
      { op: 'relu', in: ['c'], out: ['d'] },
      { op: 'Relu', in: ['d'], out: ['y'] },
      { op: 'MaxPool', in: ['x'], out: ['unread'], attrs: { kernel_shape: [9, 9, 9] } },
    ]
    expect(refusal({ inputs: { x }, constants: { s: counting([]) }, nodes, outputs: ['y'] })).toMatchInlineSnapshot(`
      "error[unsupported-operator]: QuantizeLinear "q0" (ai.onnx opset 17): operator QuantizeLinear is not supported (and 1 more: "q1")
        hint: quantised tensors (integer type, scale, zero_point, axis) have no rules; use the float32 model that this one was made from
      error[unsupported-operator]: FusedConv "conv" (com.microsoft opset 0): operator FusedConv of domain com.microsoft is not supported
        hint: this model was optimised for onnxruntime; use the model from before that
      error[unsupported-operator]: relu "relu_3" (ai.onnx opset 17): operator relu is not supported
        hint: did you mean Relu?
      error[invalid-node]: MaxPool "MaxPool_5" (ai.onnx opset 17): kernel_shape [9,9,9] must have 2 elements
        inputs: f32[1,3,4,4]"
    `)
  })

  it('graphs that are none', () => {
    const cycle = [
      { op: 'Relu', in: ['b'], out: ['a'], name: 'first' },
      { op: 'Relu', in: ['a'], out: ['b'], name: 'second' },
    ]
    expect(refusal({ inputs: { x }, nodes: cycle })).toMatchInlineSnapshot(
      `"error[invalid-model]: the nodes form a cycle: node "second" (Relu) reads "a", which depends on its own result"`,
    )
    expect(refusal({ inputs: { x }, nodes: [{ op: 'Relu', in: ['z'], out: ['y'] }] })).toMatchInlineSnapshot(
      `"error[invalid-model]: node "Relu_0" (Relu) reads input "z", which is undefined"`,
    )
    expect(refusal({ ...relu, nodes: [...relu.nodes, ...relu.nodes] })).toMatchInlineSnapshot(
      `"error[invalid-model]: duplicate definition of "y" by node "Relu_1" (Relu) (values are assigned once, SSA)"`,
    )
  })

  it('an output declared with another type', () => {
    const model = { name: 'g', opset: 17, inputs: [{ name: 'x', shape: [2] }], nodes: [onnxNode('Relu', ['x'], ['y'])] }
    expect(refusal(encodeModel(onnxModel({ ...model, outputs: [{ name: 'y', dtype: 'int64', shape: [2] }] })))).toMatchInlineSnapshot(
      `"error[type-mismatch]: output "y" is declared with type and shape int64 [2], but the graph computes f32[2]"`,
    )
    expect(refusal(encodeModel(onnxModel({ ...model, outputs: [{ name: 'y', shape: [2, 1] }] })))).toMatchInlineSnapshot(
      `"error[type-mismatch]: output "y" is declared with type and shape float32 [2,1], but the graph computes f32[2]"`,
    )
  })

  it('names with control characters are escaped', () => {
    const nodes = [{ op: 'Nope', in: ['x'], out: ['y'], name: 'a\u001b[31m\u202eb' }]
    expect(refusal({ inputs: { x }, nodes })).toMatchInlineSnapshot(`
      "error[unsupported-operator]: Nope "a\\u001b[31m\\u{202e}b" (ai.onnx opset 17): operator Nope is not supported
        hint: no rule for it exists; replace it by simpler operators before export"
    `)
  })
})
