interface ExportLinksProps {
  /** Of the operation that exports what the list shows. */
  path: string
  query: Readonly<Record<string, string | number | undefined>>
}

/** All that a list finds, as a file: the browser writes it to the disk as it comes. */
export function ExportLinks({ path, query }: ExportLinksProps) {
  const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]))
  return ['csv', 'ndjson'].map((format) => (
    <a
      key={format}
      className="button button-plain"
      href={`${path}?${new URLSearchParams([...given, ['format', format]])}`}
      download
    >
      Export {format.toUpperCase()}
    </a>
  ))
}
