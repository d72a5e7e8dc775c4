import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { analyse, type Profile } from '../../compiler/profile/analyse.ts'
import { reportPage } from '../../compiler/profile/report.ts'
import { launch, withoutChromium } from '../pages/chromium.ts'
import { recordingOf } from './recordings.ts'

const HOSTILE = '</script><img src=x onerror="document.title=1"><!--'

function hostileProfile(): Profile {
  const recording = recordingOf([1, 2])
  const steps = recording.steps.map((s, i) => (i === 0 ? { ...s, kernel: `${HOSTILE}_k`, origins: [HOSTILE, `&amp;${HOSTILE}`] } : s))
  return analyse({ ...recording, bundle: HOSTILE, steps, machine: { ...recording.machine, cpu: HOSTILE } })
}

describe('the page as text', () => {
  const page = reportPage(analyse(recordingOf()))

  test('refers to nothing outside', () => {
    expect(page).not.toMatch(/https?:\/\//)
    expect(page).not.toMatch(/<link|@import|\burl\(|<img|<iframe|\ssrc=|\shref=/)
    expect(page).not.toMatch(/\bfetch\(|XMLHttpRequest|WebSocket|\bimport\(/)
    expect(page).toContain("default-src 'none'")
  })

  test('has exactly two scripts: the numbers and the code', () => {
    expect(page.match(/<script/g)?.length).toBe(2)
    expect(page.match(/<\/script/g)?.length).toBe(2)
  })

  test('states the licence of the library inside it', () => {
    expect(page).toContain('Leon Sorokin')
    expect(page).toContain('Permission is hereby granted')
  })

  test('names from a model are data, wherever they are', () => {
    const profile = hostileProfile()
    const hostile = reportPage(profile)
    expect(hostile).not.toContain('<img')
    expect(hostile.match(/<\/script/g)?.length).toBe(2)
    const json = /<script type="application\/json" id="profile">(.*?)<\/script>/s.exec(hostile)?.[1] as string
    expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(profile)))
  })
})

describe.skipIf(withoutChromium)('the page in Chromium', () => {
  const folder = mkdtempSync(join(tmpdir(), 'report-'))
  let browser: Browser
  beforeAll(async () => {
    browser = await launch()
  })
  afterAll(async () => {
    await browser.close()
    rmSync(folder, { recursive: true })
  })

  async function open(profile: Profile) {
    const url = pathToFileURL(join(folder, 'report.html')).href
    writeFileSync(join(folder, 'report.html'), reportPage(profile))
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } })
    const problems: string[] = []
    page.on('pageerror', (error) => problems.push(error.message))
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()))
    page.on('request', (request) => request.url() !== url && problems.push(`requested ${request.url()}`))
    await page.goto(url)
    return { page, problems }
  }

  test('draws both charts and all layers, with names as text, and fetches nothing', async () => {
    const { page, problems } = await open(hostileProfile())
    expect(await page.locator('canvas').count()).toBe(2)
    expect(await page.locator('.layers tbody tr').count()).toBe(3)
    expect(await page.locator('h1').innerText()).toBe(HOSTILE)
    expect(await page.locator('.layers .name').first().innerText()).toContain(HOSTILE)
    expect(await page.locator('img').count()).toBe(0)
    expect(problems).toEqual([])
  })

  test('sorts by a heading, and the other way at the second click', async () => {
    const { page, problems } = await open(analyse(recordingOf()))
    const names = async () => (await page.locator('.layers tbody tr td:nth-child(1)').allInnerTexts()).join(' ')
    expect(await names()).toBe('1 2 3')
    await page.getByRole('button', { name: 'Median' }).click()
    expect(await names()).toBe('2 1 3')
    await page.getByRole('button', { name: 'Median' }).click()
    expect(await names()).toBe('3 1 2')
    expect(problems).toEqual([])
  })

  test('shows what the pointer is on, in the timeline and in the table', async () => {
    const { page, problems } = await open(analyse(recordingOf()))
    const timeline = page.locator('.u-over').nth(1)
    await timeline.scrollIntoViewIfNeeded()
    await timeline.hover({ position: { x: 20, y: 100 } })
    expect(await page.locator('.tip:not([hidden]) strong').innerText()).toBe('/a/Conv')
    expect(await page.locator('tr.current td:nth-child(1)').innerText()).toBe('1')
    expect(problems).toEqual([])
  })
})
