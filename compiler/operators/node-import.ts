/** The view of one ONNX node that an import rule has. Rules make IR only through it. */

import { Diagnostic, type NodeContext } from '../../ir/diagnostics.ts'
import { evaluated } from '../../ir/graph/fold.ts'
import { constantValue, makeNode, type Node, resultTypes, type Value } from '../../ir/graph/graph.ts'
import { type AttrsOf, type OpName, opDef } from '../../ir/ops/index.ts'
import type { Results } from '../../ir/ops/op.ts'
import { fromNumbers, numbers, type Tensor } from '../../ir/tensors/tensor.ts'
import { type DType, isFloat, type Shape, sizeOf } from '../../ir/tensors/types.ts'
import type { Limits } from '../limits/limits.ts'
import type { AttributeReader } from '../onnx/attributes.ts'
import type { TensorProto } from '../onnx/proto.ts'
import { checkExtents } from '../onnx/tensor.ts'

/** How many elements and multiply-adds constant folding may still compute in this import. */
export interface FoldingBudget {
  elements: number
  work: number
}

export interface NodeImportInit {
  readonly context: NodeContext
  readonly attrs: AttributeReader
  readonly inputs: readonly (Value | null)[]
  /** For each output, whether anything reads it. */
  readonly outputs: readonly boolean[]
  readonly limits: Limits
  readonly budget: FoldingBudget
  /** Reads a tensor attribute. */
  readonly readTensor: (proto: TensorProto) => Tensor
}

export class NodeImport {
  readonly context: NodeContext
  readonly attrs: AttributeReader
  readonly opset: number
  readonly readTensor: (proto: TensorProto) => Tensor
  readonly #init: NodeImportInit

  constructor(init: NodeImportInit) {
    this.#init = init
    this.context = init.context
    this.attrs = init.attrs
    this.opset = init.context.opset
    this.readTensor = init.readTensor
  }

  /** A required input. */
  input(index: number): Value {
    const value = this.#init.inputs[index]
    if (!value) throw this.invalid(`required input ${index} is missing`)
    return value
  }

  optional(index: number): Value | null {
    return this.#init.inputs[index] ?? null
  }

  /** All inputs of a variadic operator. */
  get inputs(): readonly Value[] {
    return this.#init.inputs.map((_, i) => this.input(i))
  }

  get outputCount(): number {
    return this.#init.outputs.length
  }

  /** Whether anything reads output `index`. */
  wants(index: number): boolean {
    return this.#init.outputs[index] ?? false
  }

  /**
   * The first result of a new IR node, or a constant where all operands are constants and the folding
   * budget allows. Throws `InferError` where the operands do not fit.
   */
  make<K extends OpName>(op: K, inputs: readonly Value[], attrs: AttrsOf<K>): Value {
    return this.results(op, inputs, attrs)[0]
  }

  /** `make` for all results. */
  results<K extends OpName>(op: K, inputs: readonly Value[], attrs: AttrsOf<K>): Results<Value> {
    const node = makeNode(op, inputs, attrs, { origins: [this.context.name] })
    for (const v of node.outputs) checkExtents(v.type.shape, this.#init.limits, 'result')
    return inputs.every((v) => v.kind === 'constant') && this.#afford(node) ? evaluated(node) : node.outputs
  }

  #afford(node: Node): boolean {
    const elements = node.outputs.reduce((sum, v) => sum + sizeOf(v.type.shape), 0)
    const operands = node.inputs.map((v) => v.type)
    const macs = opDef(node.op).macs?.(operands, resultTypes(node), node.attrs) ?? 0
    const window = node.op === 'pool' ? sizeOf(node.attrs.kernel) : 1
    const work = Math.max(macs, elements * window, ...operands.map((t) => sizeOf(t.shape)))
    return this.#take(elements, work)
  }

  /**
   * Spends elements and multiply-adds of the budget for constant folding. Where there is too little
   * left, it spends nothing and returns false.
   */
  #take(elements: number, work: number): boolean {
    const { budget } = this.#init
    if (elements > budget.elements || work > budget.work) return false
    budget.elements -= elements
    budget.work -= work
    return true
  }

  /**
   * Counts `elements` of a constant against the budget for constant folding. Throws `Diagnostic` where there is
   * too little left.
   */
  spend(elements: number): void {
    if (!this.#take(elements, elements)) throw foldingRefused(this.context)
  }

  constant(t: Tensor): Value {
    return constantValue(t)
  }

  /** A constant of any shape from numbers, rounded once to `dtype`. */
  numbers(dtype: DType, shape: Shape, values: ArrayLike<number>): Value {
    return constantValue(fromNumbers({ dtype, shape }, values))
  }

  scalar(dtype: DType, value: number): Value {
    return this.numbers(dtype, [], [value])
  }

  /** The elements of an input that must be known when compiling. */
  known(value: Value, what: string): Tensor {
    if (value.kind === 'constant') return value.tensor
    throw this.unsupported(
      `${what} is not known when compiling`,
      `export with a constant ${what}, or fix every symbolic dimension it is computed from`,
    )
  }

  /** A known integer tensor of rank ≤ 1 as numbers. */
  knownInts(value: Value, what: string): number[] {
    const { type, ...t } = this.known(value, what)
    if (isFloat(type.dtype) || type.dtype === 'bool' || type.shape.length > 1) {
      throw this.invalid(`${what} must be a list of integers, is ${type.dtype} [${type.shape}]`)
    }
    return Array.from(numbers({ type, ...t }))
  }

  /** Converts an axis that may count from the end to one that counts from 0. */
  axis(axis: number, rank: number, what = 'axis'): number {
    if (!Number.isInteger(axis) || axis < -rank || axis >= rank) throw this.invalid(`${what} ${axis} is out of range for rank ${rank}`)
    return axis < 0 ? axis + rank : axis
  }

  /** Distinct axes, counted from 0, ascending. */
  axes(axes: readonly number[], rank: number): number[] {
    const positive = axes.map((a) => this.axis(a, rank, 'axes:'))
    if (new Set(positive).size !== positive.length) throw this.invalid(`axes [${axes}] name an axis twice`)
    return positive.sort((a, b) => a - b)
  }

  /**
   * Spends the budget for tables of so many entries, which an operator needs beside its operands. Throws
   * `Diagnostic` where there is too little.
   */
  spendOnTables(entries: number): void {
    if (!this.#take(entries, 0))
      throw this.invalid(`needs tables of ${entries} entries, more than may still be computed when compiling (limit foldedElements)`)
  }

  /** Throws `Diagnostic` for extents, such as pads, that no tensor could have. */
  checkExtents(what: string, extents: readonly number[]): void {
    const limit = this.#init.limits.elements
    if (extents.some((n) => Math.abs(n) > limit)) throw this.invalid(`${what} [${extents}] overflow the limit of ${limit}`)
  }

  reshape(x: Value, shape: Shape): Value {
    const same = x.type.shape.length === shape.length && x.type.shape.every((d, i) => d === shape[i])
    return same ? x : this.make('reshape', [x], { shape })
  }

  transpose(x: Value, perm: readonly number[]): Value {
    return perm.every((p, i) => p === i) && perm.length === x.type.shape.length ? x : this.make('transpose', [x], { perm })
  }

  /** Throws `Diagnostic` for an input whose type the operator does not compute with. */
  requireFloat(x: Value): void {
    if (!isFloat(x.type.dtype))
      throw this.unsupported(`element type ${x.type.dtype} is not supported by this operator`, 'cast to float32 before it')
  }

  /** The diagnostic for a model that breaks a rule of ONNX. */
  invalid(message: string): Diagnostic {
    return new Diagnostic({ code: 'invalid-node', message, node: this.context })
  }

  /** The diagnostic for a model that is valid and that this compiler does not support. */
  unsupported(message: string, hint: string): Diagnostic {
    return new Diagnostic({ code: 'unsupported-node', message, node: this.context, hint })
  }
}

/**
 * The diagnostic for constants that would take too much work to compute. It is also used for a whole node that
 * would have to be folded.
 */
export function foldingRefused(node: NodeContext): Diagnostic {
  return new Diagnostic({
    code: 'too-large',
    message: 'this constant takes more elements or work to compute when compiling than the limits foldedElements and foldedWork allow',
    node,
    hint: 'simplify the model before (onnxsim), or raise the limits',
  })
}
