import type { Page } from 'playwright-core'

/** The least contrast between a text and what is behind it that WCAG 2 (level AA) accepts, for ordinary and for large text. */
const CONTRAST = { ordinary: 4.5, large: 3 }

/** Which rules the visible part of the page below `root` breaks, one line each; empty if it keeps all of them. */
export function brokenRules(page: Page, root: string): Promise<string[]> {
  return page.evaluate(
    ([root, contrast]) => {
      const top = [...document.querySelectorAll(root)].at(-1)
      if (!top) throw new Error(`There is no ${root}.`)
      const broken: string[] = []
      const seen = (element: Element) => element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true })
      const all = (selector: string) => [...top.querySelectorAll<HTMLElement>(selector)].filter(seen)
      const called = (element: Element) =>
        `${element.tagName.toLowerCase()}${element.id ? `#${element.id}` : ''}.${element.className || '-'}`
      const textOf = (ids: string | null) =>
        (ids ?? '')
          .split(' ')
          .map((id) => document.getElementById(id)?.textContent ?? '')
          .join(' ')
          .trim()

      const nameOf = (element: HTMLElement) => {
        const labels = element instanceof HTMLInputElement ? [...(element.labels ?? [])] : []
        const others = element instanceof HTMLSelectElement || element instanceof HTMLTextAreaElement
        const texts = (others ? [...element.labels] : labels).filter(seen).map((label) => label.textContent ?? '')
        const own = element.matches('button, a, summary, [role="button"], [role="tab"]') ? element.textContent : ''
        return `${element.getAttribute('aria-label') ?? ''}${textOf(element.getAttribute('aria-labelledby'))}${texts.join('')}${own}`
      }
      for (const element of all('input:not([type="hidden"]), select, textarea, button, a, summary, [role="button"]'))
        if (nameOf(element).trim() === '') broken.push(`no name: ${called(element)}`)
      for (const group of all('[role="radiogroup"], [role="tabpanel"], ol[id], table'))
        if (nameOf(group).trim() === '' && group.getAttribute('role')) broken.push(`no name: ${called(group)}`)
      for (const radio of all('input[type="radio"]'))
        if (!radio.closest('[role="radiogroup"]')) broken.push(`outside of a group: ${called(radio)}`)
      for (const image of all('img'))
        if (!image.getAttribute('alt') && !image.closest('button')?.textContent) broken.push(`no alt: ${called(image)}`)
      for (const label of all('label'))
        if (!(label as HTMLLabelElement).control) broken.push(`label of nothing: ${called(label)} ${label.textContent}`)

      for (const attribute of ['aria-labelledby', 'aria-describedby', 'aria-controls'])
        for (const element of all(`[${attribute}]`))
          for (const id of (element.getAttribute(attribute) ?? '').split(' '))
            if (!document.getElementById(id)) broken.push(`${attribute} leads nowhere: ${called(element)} ${id}`)
      for (const element of all('[id]'))
        if (document.querySelectorAll(`[id="${CSS.escape(element.id)}"]`).length > 1)
          broken.push(`id used twice: ${called(element)}`)
      for (const element of all('input.input-error, select.input-error')) {
        if (element.getAttribute('aria-invalid') !== 'true') broken.push(`not marked as invalid: ${called(element)}`)
        if (textOf(element.getAttribute('aria-describedby')) === '') broken.push(`no reason given: ${called(element)}`)
      }

      type Colour = [number, number, number, number]
      const colourOf = (text: string): Colour => {
        const [red = 0, green = 0, blue = 0, alpha = 1] = (text.match(/[\d.]+/g) ?? []).map(Number)
        // The colours that are mixed come as parts of one.
        const scale = text.startsWith('color(srgb') ? 255 : 1
        return [red * scale, green * scale, blue * scale, alpha]
      }
      const over = ([r, g, b, a]: Colour, [x, y, z]: Colour): Colour => [
        r * a + x * (1 - a),
        g * a + y * (1 - a),
        b * a + z * (1 - a),
        1,
      ]
      const behind = (element: Element | null): Colour => {
        if (!element) return [255, 255, 255, 1]
        const colour = colourOf(getComputedStyle(element).backgroundColor)
        return colour[3] === 1 ? colour : over(colour, behind(element.parentElement))
      }
      const luminance = (colour: Colour) => {
        const [r = 0, g = 0, b = 0] = colour.slice(0, 3).map((value) => {
          const part = value / 255
          return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
        })
        return 0.2126 * r + 0.7152 * g + 0.0722 * b
      }
      const checkContrast = (element: Element, style: CSSStyleDeclaration, text: string) => {
        if (element.closest(':disabled, .disabled')) return
        const background = behind(element)
        const [a, b] = [luminance(over(colourOf(style.color), background)), luminance(background)]
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
        const size = Number.parseFloat(style.fontSize)
        const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700)
        if (ratio >= (large ? contrast.large : contrast.ordinary)) return
        broken.push(`contrast ${ratio.toFixed(2)}: ${called(element)} ${style.color} “${text.trim().slice(0, 40)}”`)
      }
      const texts = document.createTreeWalker(top, NodeFilter.SHOW_TEXT)
      for (let text = texts.nextNode(); text; text = texts.nextNode()) {
        const parent = text.parentElement
        if (!parent || !text.textContent?.trim() || !seen(parent) || parent.matches('option, textarea')) continue
        checkContrast(parent, getComputedStyle(parent), text.textContent)
      }
      for (const field of all('input:not([type="hidden"]), select, textarea') as HTMLInputElement[])
        if (field.value !== '') checkContrast(field, getComputedStyle(field), field.value)
        else if (field.placeholder) checkContrast(field, getComputedStyle(field, '::placeholder'), field.placeholder)
      return broken
    },
    [root, CONTRAST] as const,
  )
}

/** What can be focused below `root` as the keyboard comes by, and whether one sees that it has the focus. */
export async function walkByTab(page: Page, root: string): Promise<{ name: string; focusSeen: boolean }[]> {
  const walked: { name: string; focusSeen: boolean }[] = []
  for (;;) {
    const step = await page.evaluate((root) => {
      const focused = document.activeElement
      if (!(focused instanceof HTMLElement) || !focused.closest(root)) return undefined
      const looks = () =>
        [focused, ...[focused.parentElement, focused.closest('.red-ui-typedInput-container')]].map((element) => {
          if (!element) return ''
          const { outline, boxShadow, borderColor, backgroundColor } = getComputedStyle(element)
          return [outline, boxShadow, borderColor, backgroundColor].join()
        })
      const withFocus = looks().join()
      focused.blur()
      const without = looks().join()
      focused.focus()
      const name = focused.id || focused.classList[0] || focused.tagName.toLowerCase()
      return { name, focusSeen: withFocus !== without }
    }, root)
    if (!step) return walked
    walked.push(step)
    await page.keyboard.press('Tab')
  }
}
