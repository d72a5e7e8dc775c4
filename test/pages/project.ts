/** A front-end project that has a bundle among its dependencies. */

import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Bundle } from '../../compiler/index.ts'

const MODULES = join(import.meta.dirname, '..', '..', 'node_modules')
const TOOLS = ['esbuild', 'rollup', '@rollup/plugin-node-resolve']

export class Project {
  readonly root = mkdtempSync(join(tmpdir(), 'project-'))

  constructor(dependencies: Readonly<Record<string, Bundle>>) {
    this.write('package.json', '{ "type": "module" }')
    for (const [name, bundle] of Object.entries(dependencies)) {
      for (const [file, bytes] of bundle.files) this.write(`node_modules/${name}/${file}`, bytes)
    }
    for (const tool of TOOLS) this.link(tool)
  }

  path(file: string): string {
    return join(this.root, file)
  }

  write(file: string, content: string | Uint8Array): void {
    mkdirSync(dirname(this.path(file)), { recursive: true })
    writeFileSync(this.path(file), content)
  }

  /** Runs a script of the project with Node; what it prints is shown. */
  run(file: string): void {
    execFileSync(process.execPath, [file], { cwd: this.root, stdio: 'inherit' })
  }

  remove(): void {
    rmSync(this.root, { recursive: true })
  }

  private link(tool: string): void {
    mkdirSync(dirname(this.path(`node_modules/${tool}`)), { recursive: true })
    symlinkSync(join(MODULES, tool), this.path(`node_modules/${tool}`))
  }
}

/** A page that runs `script` as a module. */
export function html(script: string): string {
  return `<!doctype html><link rel="icon" href="data:"><title>Page</title><body><script type="module" src="${script}"></script></body>`
}
