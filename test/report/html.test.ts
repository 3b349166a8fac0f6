import { describe, expect, it } from 'vitest'
import { escapeText, html } from '../../src/report/html.ts'

describe('a template', () => {
  it('escapes what a file name may hold, between tags and in attributes', () => {
    const name = `<b>"M 67" & it's</b>`
    expect(html`<p title="${name}">${name}</p>`.markup).toBe(
      '<p title="&lt;b&gt;&quot;M 67&quot; &amp; it&#39;s&lt;/b&gt;">&lt;b&gt;&quot;M 67&quot; &amp; it&#39;s&lt;/b&gt;</p>',
    )
  })

  it('keeps templates within it as they are, and escapes what is in them once', () => {
    expect(html`<ul>${['a&b', 'c'].map((item) => html`<li>${item}</li>`)}</ul>`.markup).toBe(
      '<ul><li>a&amp;b</li><li>c</li></ul>',
    )
  })

  it('writes numbers, zero among them, and nothing for what is not there', () => {
    expect(html`${0}|${1.5}|${null}|${undefined}|${false}|${[]}|${''}`.markup).toBe('0|1.5|||||')
  })

  it('keeps letters of every script', () => {
    expect(escapeText('Größe 銀河 🔭')).toBe('Größe 銀河 🔭')
  })

  it('replaces what no page may hold: control characters and halves of surrogate pairs', () => {
    expect(escapeText('a\u0000b\u001bc\ud83dd\udd2de\u0085\uffff')).toBe(
      'a\ufffdb\ufffdc\ufffdd\ufffde\ufffd\ufffd',
    )
    expect(escapeText('tab\tline\nend')).toBe('tab\tline\nend')
  })
})
