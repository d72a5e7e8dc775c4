/** The engine's `WebAssembly`, whose values the compiler's type libraries do not declare. */

interface Engine {
  validate(bytes: Uint8Array): boolean
  readonly Module: new (bytes: Uint8Array) => object
}

export const engine = (globalThis as unknown as { WebAssembly: Engine }).WebAssembly
