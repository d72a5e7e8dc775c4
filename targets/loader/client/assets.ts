/**
 * Opens the files of a bundle: over the network, from disk, from the loader itself, or from what the caller
 * passes.
 */

import type { FileSpec } from '../table.ts'

export type Source = URL | string | Response | BufferSource

export type Bytes = Uint8Array<ArrayBuffer>

/** A file in parts, in order. */
export type Chunks = AsyncIterable<Bytes>

/** A file as it was found: over the network, on disk or given, or in base64 in the loader. */
export type Opened = Response | Bytes | string

/** If `true`, hashes are verified. Otherwise only lengths are. */
export type Integrity = boolean | undefined

interface Files {
  readFile(path: URL | string): Promise<Bytes>
}

/** Base64 characters that are decoded at a time, a multiple of 4. */
const SLICE = 2 ** 20

/** A Node built-in module, where there is one, without an import that a browser bundler would follow. */
export function builtin<T>(name: string): T | undefined {
  return (globalThis as { process?: { getBuiltinModule?(name: string): unknown } }).process?.getBuiltinModule?.(name) as T | undefined
}

/**
 * The file from `source`, or from where the bundle has it. `fetch` verifies the hash of a response if
 * `integrity` asks for it. No other file is verified here. Only the name of `file` must be known.
 */
export async function open(file: FileSpec | { name: string }, source: Source | undefined, integrity: Integrity): Promise<Opened> {
  if (source === undefined && INLINE[file.name]) return INLINE[file.name] as string
  const given = source ?? locate(file)
  if (typeof given === 'object' && 'byteLength' in given) {
    return ArrayBuffer.isView(given)
      ? new Uint8Array(given.buffer as ArrayBuffer, given.byteOffset, given.byteLength)
      : new Uint8Array(given)
  }
  if (typeof given === 'object' && 'arrayBuffer' in given) return integrity ? body(given, file.name) : given
  const place = String(given)
  const url = /^file:/i.test(place)
  const files = url || !/^[a-z][a-z\d+.-]+:/i.test(place) ? builtin<Files>('node:fs/promises') : undefined
  if (files) return files.readFile(url ? new URL(place) : place)
  const sri = integrity && 'sha384' in file ? { integrity: `sha384-${file.sha384}` } : {}
  try {
    return await fetch(place, sri)
  } catch (cause) {
    throw new Error(`${file.name}: cannot fetch ${place}${integrity ? ', or it is not the one of this bundle' : ''}: ${cause}`, { cause })
  }
}

/** Whether a file was found as a `Response`, from the network or from the caller. */
export function isResponse(opened: unknown): opened is Response {
  return typeof opened === 'object' && 'arrayBuffer' in (opened as object)
}

/** The whole file. */
export async function body(opened: Opened, name: string): Promise<Bytes> {
  if (isResponse(opened)) return new Uint8Array(await accepted(opened, name).arrayBuffer())
  return typeof opened === 'string' ? decode(opened) : opened
}

/** The whole file: its length checked, and its hash where that is asked for. */
export async function checked(opened: Opened, file: FileSpec, integrity: Integrity): Promise<Bytes> {
  const bytes = await body(opened, file.name)
  checkLength(bytes.length, bytes[0], file)
  if (!integrity || isResponse(opened)) return bytes
  const subtle = globalThis.crypto?.subtle
  if (!subtle) throw new Error('integrity needs WebCrypto, that is, a secure context')
  const hash = btoa(String.fromCharCode(...new Uint8Array(await subtle.digest('SHA-384', bytes))))
  if (hash !== file.sha384) throw new Error(`${file.name}: integrity: sha384 is ${hash}, expected ${file.sha384}`)
  return bytes
}

/** The file part by part, as the parts arrive. If the length is wrong, it throws at the end. */
export async function* chunks(opened: Opened, file: FileSpec, integrity: Integrity): Chunks {
  let length = 0
  let first: number | undefined
  for await (const chunk of parts(integrity && !isResponse(opened) ? await checked(opened, file, true) : opened, file.name)) {
    first ??= chunk[0]
    length += chunk.length
    yield chunk
  }
  checkLength(length, first, file)
}

async function* parts(opened: Opened, name: string): Chunks {
  if (typeof opened === 'string') {
    for (let at = 0; at < opened.length; at += SLICE) yield decode(opened.slice(at, at + SLICE))
  } else if (isResponse(opened) && accepted(opened, name).body) {
    const reader = (opened.body as ReadableStream<Bytes>).getReader()
    for (;;) {
      const { done, value } = await reader.read().catch((cause) => {
        throw new Error(`${name}: cut off: ${cause}`, { cause })
      })
      if (done) return
      yield value
    }
  } else yield body(opened, name)
}

function accepted(response: Response, name: string): Response {
  if (!response.ok) throw new Error(`${name}: HTTP ${response.status} from ${response.url}`)
  return response
}

/** The bytes that base64 text stands for. */
export function decode(base64: string): Bytes {
  const own = Uint8Array as { fromBase64?(text: string): Bytes }
  if (own.fromBase64) return own.fromBase64(base64)
  const text = atob(base64)
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}

function locate({ name }: { name: string }): URL {
  try {
    return (ASSETS[name] as () => URL)()
  } catch (cause) {
    throw new Error(`cannot tell where ${name} is: pass it to load()`, { cause })
  }
}

function checkLength(length: number, first: number | undefined, file: FileSpec): void {
  if (length === file.bytes) return
  throw new Error(`${file.name}: ${length} bytes, expected ${file.bytes}${first === 60 ? '; it looks like a web page' : ''}`)
}
