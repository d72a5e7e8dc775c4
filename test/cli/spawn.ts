/** Runs the command line, from the sources as they are now: as a user does in a process of its own, or in this one. */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { vi } from 'vitest'
import { commandLine } from '../../compiler/cli/command-line.ts'

const ROOT = join(import.meta.dirname, '../..')
/** Inside the package, so that its dependencies and its own name resolve. */
const BUILT = join(ROOT, 'dist', `cli-under-test-${process.pid}`)

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export class CommandLine {
  /** A folder of its own, in which the commands run. */
  readonly folder = mkdtempSync(join(tmpdir(), 'cli-'))

  async build(): Promise<void> {
    await build({
      entryPoints: [join(ROOT, 'compiler/cli/main.ts')],
      outdir: BUILT,
      bundle: true,
      splitting: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      logLevel: 'error',
    })
  }

  run(...args: string[]): Outcome {
    return this.runWith({}, ...args)
  }

  runWith(environment: NodeJS.ProcessEnv, ...args: string[]): Outcome {
    const env = { ...process.env, CI: undefined, FORCE_COLOR: undefined, NO_COLOR: undefined, ...environment }
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(BUILT, 'main.js'), ...args], {
      cwd: this.folder,
      env,
      encoding: 'utf8',
    })
    return { code: status, stdout, stderr }
  }

  /** In this process, which is faster: the back end is loaded once. */
  async call(...args: string[]): Promise<Outcome> {
    return this.callWith({}, ...args)
  }

  async callWith(environment: NodeJS.ProcessEnv, ...args: string[]): Promise<Outcome> {
    const cwd = process.cwd()
    const written = { stdout: '', stderr: '' }
    for (const [name, value] of Object.entries({ CI: '', FORCE_COLOR: '', NO_COLOR: '', ...environment })) vi.stubEnv(name, value)
    for (const stream of ['stdout', 'stderr'] as const) {
      vi.spyOn(process[stream], 'write').mockImplementation((text) => {
        written[stream] += text
        return true
      })
    }
    try {
      process.chdir(this.folder)
      return { code: await commandLine(args), ...written }
    } finally {
      process.chdir(cwd)
      vi.restoreAllMocks()
      vi.unstubAllEnvs()
    }
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  remove(): void {
    rmSync(BUILT, { recursive: true, force: true })
    rmSync(this.folder, { recursive: true, force: true })
  }
}
