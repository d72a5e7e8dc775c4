/** The precompiled runtime: general kernels as a WebAssembly module without imports, start function or data. */

import { RUNTIME_WASM } from './generated.ts'

/** The module's binary, built with or without 128-bit SIMD. Its exports are the rows of `kernels.ts`. */
export function runtimeModule(simd: boolean): Uint8Array {
  return Uint8Array.from(Buffer.from(simd ? RUNTIME_WASM.simd : RUNTIME_WASM.scalar, 'base64'))
}
