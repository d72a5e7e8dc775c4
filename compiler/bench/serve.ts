/** Serves the files of bundles to a browser on this machine. */

import { createReadStream, statSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
}

/**
 * Headers of responses. Pages that are cross-origin isolated have a clock of 5 µs instead of 100 µs. Nothing is
 * cached, so that every load is a real one.
 */
const HEADERS = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cache-control': 'no-store',
}

export interface BundleServer {
  readonly origin: string
  /** The address of a folder's file. Only files directly in folders that were asked for are served. */
  urlOf(folder: string, file: string): string
  close(): Promise<void>
}

/** Starts a server on a free port of this machine. Rejects where none can be had. */
export async function serveBundles(): Promise<BundleServer> {
  const folders: string[] = []
  const server = createServer((request, response) => answer(folders, request, response))
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { origin, urlOf: (folder, file) => `${origin}/${folders.push(folder) - 1}/${file}?`, close: () => closed(server) }
}

function answer(folders: readonly string[], request: IncomingMessage, response: ServerResponse): void {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost')
  if (pathname === '/') {
    response
      .writeHead(200, { ...HEADERS, 'content-type': 'text/html' })
      .end('<!doctype html><title>bench</title><link rel="icon" href="data:,">')
    return
  }
  const [, index, name] = /^\/(\d+)\/([\w.-]+)$/.exec(pathname) ?? []
  const folder = folders[Number(index)]
  const path = folder !== undefined && name !== undefined ? join(folder, name) : null
  if (path === null || !statSync(path, { throwIfNoEntry: false })?.isFile()) {
    response.writeHead(404, HEADERS).end()
    return
  }
  response.writeHead(200, { ...HEADERS, 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' })
  createReadStream(path).pipe(response)
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(() => resolve()))
}
