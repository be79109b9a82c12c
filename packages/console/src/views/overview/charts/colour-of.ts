/** The colour that a class has at a place: a canvas knows no custom properties. */
export function colourOf(place: HTMLElement, className: string): string {
  const probe = document.createElement('span')
  probe.className = className
  place.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}
