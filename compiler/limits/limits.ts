/** How much a model may ask for before it is refused. Every cap on model-given numbers is in this file; `docs/limits.md` is its table. */

export interface Limits {
  /** Bytes of a model file (protobuf's own limit is 2 GiB), and of all its external data together. */
  readonly fileBytes: number
  /** After calls of local functions are expanded. */
  readonly nodes: number
  /** Initialisers, inputs, outputs and value_info entries, each. */
  readonly values: number
  /** Inputs or outputs of one node, and attributes of one node. */
  readonly nodeArity: number
  /** Calls of local functions within each other. */
  readonly callDepth: number
  /** UTF-16 units of one name. */
  readonly nameLength: number
  readonly rank: number
  /** Elements of one tensor. */
  readonly elements: number
  /** Elements of all results that are computed when compiling, beyond four for each element that the file holds. */
  readonly foldedElements: number
  /** Multiply-adds or elements read by those computations, beyond sixteen for each element that the file holds. */
  readonly foldedWork: number
  /** Bytes of all constants, and of the memory of a compiled module: weights and activations. */
  readonly memoryBytes: number
}

export const DEFAULT_LIMITS: Limits = {
  fileBytes: 2 ** 31 - 1,
  nodes: 100_000,
  values: 1_000_000,
  nodeArity: 4096,
  callDepth: 64,
  nameLength: 4096,
  rank: 16,
  elements: 2 ** 28,
  foldedElements: 2 ** 22,
  foldedWork: 2 ** 26,
  memoryBytes: 2 ** 31,
}

/** How much each element that the file holds adds to what may be computed. */
export const FOLDING_PER_ELEMENT = { elements: 4, work: 16 } as const

/** Throws `TypeError` for a name that is no limit, or a value that is no integer of at least 0. */
export function completeLimits(given: Partial<Limits> = {}): Limits {
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(DEFAULT_LIMITS, name))
      throw new TypeError(`limits: there is no ${name}, only ${Object.keys(DEFAULT_LIMITS).join(', ')}`)
    if (!Number.isSafeInteger(value) || value < 0) throw new TypeError(`limits: ${name} must be an integer of at least 0`)
  }
  return { ...DEFAULT_LIMITS, ...given }
}
