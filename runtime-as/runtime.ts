/** The precompiled runtime: general kernels as a WebAssembly module without imports, start function or data. */

import { RUNTIME_WASM } from './generated.ts'

/** The module's binary, built with or without 128-bit SIMD. Its exports are the rows of `kernels.ts`. */
export function runtimeModule(build: keyof typeof RUNTIME_WASM): Uint8Array {
  return Uint8Array.from(Buffer.from(RUNTIME_WASM[build], 'base64'))
}
