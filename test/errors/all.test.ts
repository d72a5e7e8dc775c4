/**
 * Every message that a person may get stands in full in a test. The messages are read off the sources:
 * the string literals in what makes a `Diagnostic`, an `InferError` or a `UsageError`.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const ERRORS = ['Diagnostic', 'InferError', 'UsageError']

/** Stands for what a template puts in. */
const HOLE = '\0'

/** The files below `folder` whose names end in `ending`, by path from the root. */
function parsed(folder: string, ending: string): Map<string, readonly ts.Node[]> {
  const names = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
  const paths = names.filter((name) => name.endsWith(ending) && !name.includes('node_modules')).map((name) => `${folder}/${name}`)
  return new Map(paths.map((path) => [path, nodesIn(path)]))
}

function nodesIn(path: string): readonly ts.Node[] {
  const nodes: ts.Node[] = []
  const visit = (node: ts.Node): void => {
    nodes.push(node)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(path, readFileSync(join(ROOT, path), 'utf8'), ts.ScriptTarget.Latest, true))
  return nodes
}

/** The name of a function that makes an error of what it is told: it has a string `message` or `problem`. */
function makerName(node: ts.Node): string | null {
  if (!ts.isFunctionLike(node) || !node.parameters.some((p) => /^(message|problem): string$/.test(p.getText()))) return null
  const named = ts.isArrowFunction(node) ? node.parent : node
  return 'name' in named && named.name ? (named.name as ts.Node).getText() : null
}

/** The literals of an expression that are its value, or part of it. */
function literals(node: ts.Node): string[] {
  if (ts.isStringLiteralLike(node)) return [node.text]
  if (ts.isTemplateExpression(node)) return [[node.head.text, ...node.templateSpans.map((s) => s.literal.text)].join(HOLE)]
  if (ts.isCallExpression(node) || ts.isElementAccessExpression(node) || ts.isFunctionLike(node)) return []
  if (ts.isConditionalExpression(node)) return [node.whenTrue, node.whenFalse].flatMap(literals)
  if (ts.isPropertyAssignment(node) && !['message', 'hint'].includes(node.name.getText())) return []
  const inner: string[] = []
  ts.forEachChild(node, (child) => {
    inner.push(...literals(child))
  })
  return inner
}

function messagesIn(nodes: readonly ts.Node[], makers: ReadonlySet<string | null>): string[] {
  const messages = nodes.flatMap((node) => {
    if (!ts.isCallExpression(node) && !ts.isNewExpression(node)) return []
    const name = node.expression.getText().split('.').at(-1) ?? ''
    const makes = ts.isNewExpression(node) ? ERRORS.includes(name) : makers.has(name)
    return makes ? (node.arguments ?? []).flatMap(literals) : []
  })
  return messages.filter((m) => m.replaceAll(HOLE, '').trim().length > 3)
}

/** Whether `text` has the parts of `message` in order. */
function shows(text: string, message: string): boolean {
  let at = 0
  return message.split(HOLE).every((part) => {
    const found = text.indexOf(part, at)
    at = found + part.length
    return found >= 0
  })
}

describe('messages', () => {
  const sources = [...parsed('ir', '.ts'), ...parsed('compiler', '.ts')]
  const makers = new Set(sources.flatMap(([, nodes]) => nodes.map(makerName)))
  const isText = (node: ts.Node): boolean => ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)
  const texts = [...parsed('test', '.test.ts').values()].flatMap((nodes) => nodes.filter(isText).flatMap(literals))
  const tested = [...new Set(texts)].filter((text) => text.length > 3)

  it.each(sources)('of %s are tested in full', (_, nodes) => {
    const untested = messagesIn(nodes, makers).filter((message) => !tested.some((text) => shows(text, message)))
    expect(untested, untested.map((message) => message.replaceAll(HOLE, '…')).join('\n')).toEqual([])
  })
})
