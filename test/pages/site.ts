/** A static web server over files in memory or in a folder. */

import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

const MIME: Record<string, string> = {
  html: 'text/html',
  js: 'text/javascript',
  mjs: 'text/javascript',
  css: 'text/css',
  svg: 'image/svg+xml',
  json: 'application/json',
  wasm: 'application/wasm',
}

export interface Answer {
  /** None: there is no such file. */
  readonly bytes?: Uint8Array | string | undefined
  readonly headers?: Readonly<Record<string, string>>
}

export interface Site {
  readonly origin: string
  /** Paths asked for, without the leading slash. */
  readonly requests: string[]
  close(): void
}

/** `answer` is asked for each path, without its leading slash and query. */
export async function serve(answer: (path: string) => Answer): Promise<Site> {
  const requests: string[] = []
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url as string, 'http://site').pathname.slice(1))
    requests.push(path)
    const { bytes, headers } = answer(path)
    const type = MIME[/(^|\/)$/.test(path) ? 'html' : (path.split('.').at(-1) as string)] ?? 'application/octet-stream'
    response.writeHead(bytes === undefined ? 404 : 200, { 'content-type': type, ...headers })
    response.end(bytes)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = (): void => {
    server.close()
    server.closeAllConnections()
  }
  return { origin: `http://127.0.0.1:${port}`, requests, close }
}

/** What a plain server of a folder answers. */
export function fileOf(folder: string, path: string): Answer {
  try {
    return { bytes: readFileSync(join(folder, path)) }
  } catch {
    return {}
  }
}
