/** How much a model may ask for before it is refused. Every cap on model-given numbers is in this file. */

export interface Limits {
  /** Bytes of a model file (protobuf's own limit is 2 GiB). */
  readonly fileBytes: number
  readonly nodes: number
  /** Initialisers, inputs, outputs and value_info entries, each. */
  readonly values: number
  /** Inputs or outputs of one node, and attributes of one node. */
  readonly nodeArity: number
  /** UTF-16 units of one name. */
  readonly nameLength: number
  readonly rank: number
  /** Elements of one tensor. */
  readonly elements: number
  /** Elements of all results that import evaluates and keeps as constants, beyond what the file holds. */
  readonly foldedElements: number
  /** Multiply-adds or elements read by that evaluation. */
  readonly foldedWork: number
}

export const DEFAULT_LIMITS: Limits = {
  fileBytes: 2 ** 31 - 1,
  nodes: 100_000,
  values: 1_000_000,
  nodeArity: 4096,
  nameLength: 4096,
  rank: 16,
  elements: 2 ** 28,
  foldedElements: 2 ** 24,
  foldedWork: 2 ** 28,
}
