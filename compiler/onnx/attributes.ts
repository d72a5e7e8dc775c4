/**
 * Typed reading of a node's attributes. An attribute that no rule has read is an error, so that no attribute
 * with a meaning is ignored.
 */

import { Diagnostic, type NodeContext } from '../../ir/diagnostics.ts'
import type { DType } from '../../ir/tensors/types.ts'
import { dataTypeName, dtypeOf } from './dtype.ts'
import { type AttributeProto, int64Number, type TensorProto } from './proto.ts'

/** AttributeProto.AttributeType by number. */
const KINDS = ['undefined', 'float', 'int', 'string', 'tensor', 'graph', 'floats', 'ints', 'strings', 'tensors', 'graphs'] as const
type Kind = (typeof KINDS)[number]

/** The field that holds a value of each kind. */
const FIELD = {
  float: 'f',
  int: 'i',
  string: 's',
  tensor: 't',
  graph: 'g',
  floats: 'floats',
  ints: 'ints',
  strings: 'strings',
  tensors: 'tensors',
  graphs: 'graphs',
} as const satisfies Partial<Record<Kind, keyof AttributeProto>>
type ReadableKind = keyof typeof FIELD

export class AttributeReader {
  readonly #context: NodeContext
  readonly #attributes = new Map<string, AttributeProto>()
  readonly #unread: Set<string>

  constructor(attributes: readonly AttributeProto[], context: NodeContext) {
    this.#context = context
    for (const attribute of attributes) {
      if (this.#attributes.has(attribute.name)) throw this.#invalid(`attribute "${attribute.name}" is given twice`)
      if (attribute.refAttrName)
        throw this.#invalid(`attribute "${attribute.name}" refers to "${attribute.refAttrName}" outside a function`)
      this.#attributes.set(attribute.name, attribute)
    }
    this.#unread = new Set(this.#attributes.keys())
  }

  has(name: string): boolean {
    return this.#attributes.has(name)
  }

  int(name: string, absent: number): number {
    const attribute = this.#read(name, 'int')
    return attribute ? int64Number(attribute.i) : absent
  }

  requiredInt(name: string): number {
    this.#require(name)
    return this.int(name, 0)
  }

  /** An int that means false (0) or true (1). */
  flag(name: string, absent: boolean): boolean {
    const value = this.int(name, absent ? 1 : 0)
    if (value !== 0 && value !== 1) throw this.#invalid(`attribute ${name} = ${value} must be 0 or 1`)
    return value === 1
  }

  ints(name: string): number[] | null {
    const attribute = this.#read(name, 'ints')
    return attribute ? attribute.ints.map(int64Number) : null
  }

  float(name: string, absent: number): number {
    return this.#read(name, 'float')?.f ?? absent
  }

  floats(name: string): readonly number[] | null {
    return this.#read(name, 'floats')?.floats ?? null
  }

  string(name: string, absent: string): string {
    const attribute = this.#read(name, 'string')
    return attribute ? textOf(attribute.s) : absent
  }

  tensor(name: string): TensorProto | null {
    return this.#read(name, 'tensor')?.t ?? null
  }

  /** An int that names an element type. */
  dtype(name: string): DType {
    const code = this.requiredInt(name)
    const dtype = dtypeOf(code)
    if (!dtype) throw this.#unsupported(`element type ${dataTypeName(code)} is not supported`)
    return dtype
  }

  /** Names attributes that cannot change a result. The ONNX documentation must say so for each of them. */
  inert(...names: readonly string[]): void {
    for (const name of names) this.#unread.delete(name)
  }

  /** Throws `Diagnostic` for an attribute that nothing read. */
  finish(): void {
    for (const name of this.#unread) {
      const shown = describe(this.#attributes.get(name) as AttributeProto)
      throw this.#unsupported(`attribute ${name} = ${shown} is not supported`, 'ONNX defines no such attribute for this operator and opset')
    }
  }

  #read(name: string, kind: ReadableKind): AttributeProto | null {
    const attribute = this.#attributes.get(name)
    if (!attribute) return null
    this.#unread.delete(name)
    const field = FIELD[kind]
    const given = KINDS[attribute.type]
    if (given !== kind && (given !== 'undefined' || !isPresent(attribute, field))) {
      throw this.#invalid(`attribute ${name} must be of type ${kind}, is ${given ?? `number ${attribute.type}`}`)
    }
    return attribute
  }

  #require(name: string): void {
    if (!this.has(name)) throw this.#invalid(`required attribute ${name} is missing`)
  }

  #invalid(message: string): Diagnostic {
    return new Diagnostic({ code: 'invalid-attribute', message, node: this.#context })
  }

  #unsupported(message: string, hint?: string): Diagnostic {
    return new Diagnostic({ code: 'unsupported-attribute', message, node: this.#context, ...(hint === undefined ? {} : { hint }) })
  }
}

function isPresent(attribute: AttributeProto, field: keyof AttributeProto): boolean {
  const value = attribute[field]
  return Array.isArray(value) ? value.length > 0 : Object.hasOwn(attribute, field)
}

/** The text of a bytes field. An absent field reads as an empty array, which is not a Uint8Array. */
function textOf(bytes: ArrayLike<number>): string {
  return new TextDecoder().decode(Uint8Array.from(bytes))
}

/** An attribute's value for messages. */
function describe(a: AttributeProto): string {
  switch (KINDS[a.type]) {
    case 'float':
      return String(a.f)
    case 'int':
      return String(int64Number(a.i))
    case 'string':
      return JSON.stringify(textOf(a.s.slice(0, 64)))
    case 'floats':
      return `[${a.floats.slice(0, 16)}]`
    case 'ints':
      return `[${a.ints.slice(0, 16).map(int64Number)}]`
    default:
      return `(${KINDS[a.type] ?? `type ${a.type}`})`
  }
}
