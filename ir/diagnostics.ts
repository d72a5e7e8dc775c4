/**
 * The two kinds of errors, which never mix. A `Diagnostic` is a mistake in the model or in what the user asked
 * for, and says what to do about it. An `InternalError` is a bug of the compiler.
 */

import { formatType, type TensorType } from './tensors/types.ts'

/** Where in the ONNX model a diagnostic arose. */
export interface NodeContext {
  readonly opType: string
  readonly name: string
  readonly domain: string
  readonly opset: number
  readonly inputs: readonly (TensorType | null)[]
}

export interface DiagnosticInit {
  readonly code: string
  readonly message: string
  readonly node?: NodeContext
  readonly hint?: string
}

/** One mistake of the model or the user: a code for programs, a message and a hint for people. */
export class Diagnostic extends Error {
  readonly code: string
  readonly node: NodeContext | undefined
  readonly hint: string | undefined

  constructor(init: DiagnosticInit) {
    super(init.message)
    this.name = 'Diagnostic'
    this.code = init.code
    this.node = init.node
    this.hint = init.hint
  }

  /** The diagnostic as shown to a person; control characters of model-given names are escaped. */
  format(): string {
    const lines = [`error[${this.code}]: ${this.node ? `${formatNode(this.node)}: ` : ''}${this.message}`]
    const inputs = this.node?.inputs ?? []
    if (inputs.length > 0) lines.push(`  inputs: ${inputs.map((t) => (t ? formatType(t) : '–')).join(', ')}`)
    if (this.hint) lines.push(`  hint: ${this.hint}`)
    return printable(lines.join('\n'))
  }
}

/** Several diagnostics reported together, such as every unsupported node of a model. */
export class Diagnostics extends Error {
  readonly list: readonly Diagnostic[]

  constructor(list: readonly Diagnostic[]) {
    super(list.map((d) => d.message).join('; '))
    this.name = 'Diagnostics'
    this.list = list
  }

  format(): string {
    return this.list.map((d) => d.format()).join('\n')
  }
}

/** A bug of the compiler: something that must always hold does not. It is never the user's fault. */
export class InternalError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'InternalError'
  }
}

/** An operator's inputs or attributes do not fit together. Import turns it into a `Diagnostic`. */
export class InferError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'InferError'
  }
}

function formatNode(node: NodeContext): string {
  return `${node.opType} ${JSON.stringify(node.name)} (${node.domain || 'ai.onnx'} opset ${node.opset})`
}

/** Control characters (but not line feeds) as `\u{…}`. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (c) => (c === '\n' ? c : `\\u{${c.codePointAt(0)?.toString(16)}}`))
}
