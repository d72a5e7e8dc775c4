/** Getting at the bundle's files: over the network, from disk, or from what the caller passes. */

import type { FileSpec } from '../table.ts'

export type Source = URL | string | Response | BufferSource

export type Bytes = Uint8Array<ArrayBuffer>

/** `undefined`: verify hashes wherever that is possible. `true`: fail where it is not. `false`: check lengths only. */
export type Integrity = boolean | undefined

interface Files {
  readFile(path: URL | string): Promise<Bytes>
}

/** A Node built-in module, where there is one, without an import that a browser bundler would follow. */
export function builtin<T>(name: string): T | undefined {
  return (globalThis as { process?: { getBuiltinModule?(name: string): unknown } }).process?.getBuiltinModule?.(name) as T | undefined
}

/** `file` from `source`, or from beside the loader: its length checked, its hash as `integrity` says. */
export async function read(file: FileSpec, source: Source | undefined, integrity: Integrity): Promise<Bytes> {
  const opened = await open(file, source ?? locate(file), integrity)
  return opened instanceof Response ? verify(await body(opened, file.name), file, false) : verify(opened, file, integrity)
}

/** A response whose contents `fetch` verifies, or bytes that nobody has verified. `file` may still be unknown but for its name. */
export async function open(file: FileSpec | { name: string }, source: Source, integrity: Integrity): Promise<Response | Bytes> {
  if (typeof source === 'object' && 'byteLength' in source) {
    return ArrayBuffer.isView(source)
      ? new Uint8Array(source.buffer as ArrayBuffer, source.byteOffset, source.byteLength)
      : new Uint8Array(source)
  }
  if (typeof source === 'object' && 'arrayBuffer' in source) return body(source, file.name)
  const place = String(source)
  const url = /^file:/i.test(place)
  const files = url || !/^[a-z][a-z\d+.-]+:/i.test(place) ? builtin<Files>('node:fs/promises') : undefined
  if (files) return files.readFile(url ? new URL(place) : place)
  const sri = integrity !== false && 'sha384' in file ? { integrity: `sha384-${file.sha384}` } : {}
  try {
    return await fetch(place, sri)
  } catch (cause) {
    throw new Error(`${file.name}: cannot fetch ${place}, or it is not the one of this bundle: ${cause}`, { cause })
  }
}

export async function body(response: Response, name: string): Promise<Bytes> {
  if (!response.ok) throw new Error(`${name}: HTTP ${response.status} from ${response.url}`)
  return new Uint8Array(await response.arrayBuffer())
}

export function locate({ name }: FileSpec): URL {
  try {
    return (ASSETS[name] as () => URL)()
  } catch (cause) {
    throw new Error(`cannot tell where ${name} is: pass it to load()`, { cause })
  }
}

export async function verify(bytes: Bytes, file: FileSpec, integrity: Integrity): Promise<Bytes> {
  if (bytes.length !== file.bytes) {
    throw new Error(`${file.name}: ${bytes.length} bytes, expected ${file.bytes}${bytes[0] === 60 ? '; it looks like a web page' : ''}`)
  }
  const subtle = globalThis.crypto?.subtle
  if (integrity === false || (!subtle && !integrity)) return bytes
  if (!subtle) throw new Error('integrity needs WebCrypto, that is, a secure context')
  const hash = btoa(String.fromCharCode(...new Uint8Array(await subtle.digest('SHA-384', bytes))))
  if (hash !== file.sha384) throw new Error(`${file.name}: integrity: sha384 is ${hash}, expected ${file.sha384}`)
  return bytes
}
