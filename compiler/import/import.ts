/**
 * Import: from the bytes of an ONNX model to an IR graph, in which every shape is static and every constant is
 * read.
 *
 * Nothing is guessed. What is not understood gives a `Diagnostic`. All nodes that cannot be imported are
 * reported together (`Diagnostics`).
 */

import { Diagnostic, InferError, type NodeContext } from '../../ir/diagnostics.ts'
import { isFoldable } from '../../ir/graph/fold.ts'
import { constantValue, type Graph, inputValue, type Node, nodesOf, renamed, type Value } from '../../ir/graph/graph.ts'
import { byteSize, sizeOf, type TensorType } from '../../ir/tensors/types.ts'
import { completeLimits, FOLDING_PER_ELEMENT, type Limits } from '../limits/limits.ts'
import { AttributeReader } from '../onnx/attributes.ts'
import { decodeModel, type GraphProto, type NodeProto, type TensorProto } from '../onnx/proto.ts'
import { type ExternalData, readTensor } from '../onnx/tensor.ts'
import { OPERATORS } from '../operators/index.ts'
import { type FoldingBudget, foldingRefused, NodeImport } from '../operators/node-import.ts'
import { type ImportRule, type Outputs, ruleFor } from '../operators/operator.ts'
import { reportFailures, unsupportedOperator } from './failures.ts'
import { inlineFunctions } from './functions.ts'
import { readOpsets } from './opsets.ts'
import { sortNodes } from './order.ts'
import { checkOutput, resolveInputs, type ShapeOptions } from './signature.ts'
import { checkGraph } from './well-formed.ts'

export interface ImportOptions extends ShapeOptions {
  readonly externalData?: ExternalData
  readonly limits?: Partial<Limits>
}

/**
 * The value of a name. It is a function for an initialiser that is read at its first use, and null for a result
 * of a node that failed.
 */
type Binding = Value | (() => Value) | null

/** The graph that the bytes of an ONNX file state. Throws `Diagnostic` or `Diagnostics` for what is invalid or unsupported. */
export function importModel(bytes: Uint8Array, options: ImportOptions = {}): Graph {
  const limits = completeLimits(options.limits)
  const model = decodeModel(bytes, limits)
  const graph = inlineFunctions(model, limits)
  checkGraph(graph, limits)
  const opsets = readOpsets(model)
  return new GraphImport(graph, opsets, options, limits).run()
}

class GraphImport {
  readonly #graph: GraphProto
  readonly #options: ImportOptions
  readonly #limits: Limits
  readonly #opsets: ReadonlyMap<string, number>
  readonly #values = new Map<string, Binding>()
  readonly #failures = new Map<number, Diagnostic | null>()
  readonly #budget: FoldingBudget
  /** Bytes of initialisers read so far. */
  #heldBytes = 0
  /** Names that a node or the graph's outputs read. */
  readonly #read: ReadonlySet<string>

  constructor(graph: GraphProto, opsets: ReadonlyMap<string, number>, options: ImportOptions, limits: Limits) {
    this.#graph = graph
    this.#opsets = opsets
    this.#options = options
    this.#limits = limits
    this.#read = new Set([...this.#graph.node.flatMap((n) => n.input), ...this.#graph.output.map((o) => o.name)])
    this.#budget = { elements: limits.foldedElements, work: limits.foldedWork }
  }

  run(): Graph {
    const graph = this.#graph
    const initialized = new Set(graph.initializer.map((t) => t.name))
    const real = graph.input.filter((info) => !initialized.has(info.name))
    const types = resolveInputs(real, this.#options, this.#limits)
    const inputs = real.map((info, i) => inputValue(info.name, types[i] as (typeof types)[number]))
    for (const value of inputs) this.#values.set(value.name, value)
    for (const proto of graph.initializer) this.#values.set(proto.name, () => this.#initializer(proto))
    const nodes = sortNodes(graph.node)
    nodes.forEach((proto, index) => {
      this.#importNode(proto, index)
    })
    reportFailures(
      nodes,
      graph.output.map((o) => o.name),
      this.#failures,
    )
    const outputs = graph.output.map((info) => ({ name: info.name, value: this.#lookUp(info.name) as Value }))
    const compareExtents = !this.#options.inputShapes?.length && Object.keys(this.#options.dims ?? {}).length === 0
    // Exporters often leave the outputs' extents as they were for another batch.
    graph.output.forEach((info, i) => {
      checkOutput(info, (outputs[i] as (typeof outputs)[number]).value.type, this.#limits, compareExtents)
    })
    const imported = { name: graph.name, inputs, outputs }
    refuseUnfolded(imported, this.#opsets.get('') as number)
    return imported
  }

  #initializer(proto: TensorProto): Value {
    const label = `initializer ${JSON.stringify(proto.name)}`
    const tensor = readTensor(proto, {
      label,
      limits: this.#limits,
      externalData: this.#options.externalData,
      onSize: (type) => this.#hold(type),
    })
    const value = constantValue(tensor, proto.name)
    this.#values.set(proto.name, value)
    return value
  }

  /**
   * Counts an initialiser against the memory limit before it is read. Its elements raise the limit of what may
   * be computed from constants.
   */
  #hold(type: TensorType): void {
    this.#heldBytes += byteSize(type)
    const { memoryBytes } = this.#limits
    if (this.#heldBytes > memoryBytes)
      throw new Diagnostic({ code: 'too-large', message: `the initializers take more than the limit of ${memoryBytes} bytes of memory` })
    this.#budget.elements += FOLDING_PER_ELEMENT.elements * sizeOf(type.shape)
    this.#budget.work += FOLDING_PER_ELEMENT.work * sizeOf(type.shape)
  }

  #lookUp(name: string): Value | null {
    const binding = this.#values.get(name)
    return typeof binding === 'function' ? binding() : (binding ?? null)
  }

  #importNode(proto: NodeProto, index: number): void {
    const name = proto.name || `${proto.opType}_${index}`
    const domain = proto.domain === 'ai.onnx' ? '' : proto.domain
    const context: NodeContext = { opType: proto.opType, name, domain, opset: this.#opsets.get(domain) ?? 0, inputs: [] }
    try {
      const rule = this.#rule(context)
      const inputs = proto.input.map((input) => (input === '' ? null : this.#lookUp(input)))
      if (proto.input.some((input, i) => input !== '' && !inputs[i])) {
        this.#fail(proto, index, null)
        return
      }
      const typed = { ...context, inputs: inputs.map((v) => v?.type ?? null) }
      this.#bind(proto, name, this.#apply(rule, proto, typed, inputs))
    } catch (error) {
      this.#fail(proto, index, asDiagnostic(error, context))
    }
  }

  #rule(context: NodeContext): ImportRule {
    const rules = context.domain === '' ? OPERATORS.get(context.opType) : undefined
    if (!rules) throw unsupportedOperator(context, OPERATORS.keys())
    const rule = ruleFor(rules, context.opset)
    if (rule) return rule
    const first = Math.min(...rules.map((r) => r.since))
    throw new Diagnostic({ code: 'invalid-node', message: `this operator is unknown before opset ${first}`, node: context })
  }

  #apply(rule: ImportRule, proto: NodeProto, context: NodeContext, inputs: readonly (Value | null)[]): Outputs {
    try {
      checkArity(rule, proto, context)
      const attrs = new AttributeReader(proto.attribute, context)
      const readAttribute = (t: TensorProto) =>
        readTensor(t, { label: 'attribute', limits: this.#limits, externalData: this.#options.externalData })
      const outputs = proto.output.map((output) => output !== '' && this.#read.has(output))
      const node = new NodeImport({
        context,
        attrs,
        inputs,
        outputs,
        limits: this.#limits,
        budget: this.#budget,
        readTensor: readAttribute,
      })
      const results = rule.run(node)
      attrs.finish()
      return results
    } catch (error) {
      throw asDiagnostic(error, context)
    }
  }

  #bind(proto: NodeProto, origin: string, results: Outputs): void {
    const list = Array.isArray(results) ? (results as readonly (Value | null)[]) : [results as Value]
    named(list, proto.output, origin).forEach((value, i) => {
      const name = proto.output[i]
      if (name && value) this.#values.set(name, value)
    })
  }

  #fail(proto: NodeProto, index: number, diagnostic: Diagnostic | null): void {
    this.#failures.set(index, diagnostic)
    for (const name of proto.output) if (name !== '') this.#values.set(name, null)
  }
}

/**
 * Throws where a foldable node is left. Passes would fold it, but import has not done so because it was too
 * much work.
 */
function refuseUnfolded(graph: Graph, opset: number): void {
  const node = nodesOf(graph).find(isFoldable)
  if (!node) return
  throw foldingRefused({ opType: node.op, name: node.origins[0] ?? '', domain: '', opset, inputs: node.inputs.map((v) => v.type) })
}

function checkArity(rule: ImportRule, proto: NodeProto, context: NodeContext): void {
  const given = proto.input.findLastIndex((name) => name !== '') + 1
  const invalid = (message: string) => new Diagnostic({ code: 'invalid-node', message, node: context })
  if (given > rule.maxInputs) throw invalid(`has ${given} inputs, takes at most ${rule.maxInputs}`)
  if (given < rule.minInputs) throw invalid(`has ${given} inputs, needs at least ${rule.minInputs}`)
  if (proto.output.length > rule.maxOutputs) throw invalid(`has ${proto.output.length} outputs, makes at most ${rule.maxOutputs}`)
}

/** Turns an error that is the model's fault into a diagnostic about a node. Throws any other error again. */
function asDiagnostic(error: unknown, node: NodeContext): Diagnostic {
  if (error instanceof InferError) return new Diagnostic({ code: 'invalid-node', message: error.message, node })
  if (!(error instanceof Diagnostic)) throw error
  if (error.node) return error
  return new Diagnostic({ code: error.code, message: error.message, node, ...(error.hint === undefined ? {} : { hint: error.hint }) })
}

/** Gives values the names of the ONNX outputs that they stand for. A value that has a name keeps it. */
function named(values: readonly (Value | null)[], names: readonly string[], origin: string): readonly (Value | null)[] {
  const renewed = new Map<Node, Node>()
  const nameOf = (value: Value): string => names[values.indexOf(value)] ?? ''
  return values.map((value, i) => {
    if (value?.name !== '' || value.kind === 'input') return value
    if (value.kind === 'constant') return constantValue(value.tensor, names[i])
    const { node } = value
    const fresh = renewed.get(node) ?? renamed(node, { names: node.outputs.map(nameOf), origins: [origin] })
    renewed.set(node, fresh)
    return fresh.outputs[value.index] as Value
  })
}
