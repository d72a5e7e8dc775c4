/** A profile as one HTML page that needs nothing else: styles, charts and numbers are inside. */

import type { Profile } from './analyse.ts'
import { LICENSES, SCRIPT, STYLE } from './generated.ts'

/** A content security policy that forbids the page to fetch anything, whatever names the model has. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"

/** A profile as one HTML page that needs no other file and no network. */
export function reportPage(profile: Profile): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(`${profile.bundle} · ${profile.target} · profile`)}</title>
<style>${STYLE}</style>
</head>
<body>
<noscript>This report draws its charts and tables with JavaScript, which is turned off.</noscript>
<main id="report"></main>
<script type="application/json" id="profile">${jsonForScript(profile)}</script>
<script>${SCRIPT}</script>
<!--
${LICENSES}
-->
</body>
</html>
`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)
}

/** JSON that cannot end the script element, or begin a comment in it. */
function jsonForScript(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
