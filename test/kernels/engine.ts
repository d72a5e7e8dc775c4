/** The engine's WebAssembly, with the few types needed: the project compiles without the DOM library that declares them. */

interface Engine {
  Module: new (wasm: Uint8Array) => object
  Instance: new (module: object, imports?: object) => { readonly exports: Record<string, unknown> }
}

const { Module, Instance } = (globalThis as unknown as { WebAssembly: Engine }).WebAssembly

export type KernelExport = (...operands: number[]) => void

export interface Instantiated {
  readonly memory: Uint8Array
  readonly exports: Readonly<Record<string, KernelExport>>
}

/** An instance of a module that imports nothing and exports its memory as `memory`. */
export function instantiate(wasm: Uint8Array): Instantiated {
  const { exports } = new Instance(new Module(wasm))
  return { memory: new Uint8Array((exports.memory as { buffer: ArrayBuffer }).buffer), exports: exports as Record<string, KernelExport> }
}
